"""What is left of a pool's limits, claim by claim."""

from datetime import date
from uuid import UUID

import pytest

from contracts.pool.claims import ClaimStatus
from contracts.pool.pools import PoolLimits
from services.pool.rules import claims
from services.pool.rules.limits import Allowance, free_again, left
from tests.unit.pool.test_rules import FREE, FREE_TOO, HELD, ME, MINE, POOL, THEIRS

CLAIMED, LIMIT, COOLING = ClaimStatus.CLAIMED, ClaimStatus.LIMIT_REACHED, ClaimStatus.COOLING_DOWN


def answers(allowance: Allowance, *customer_ids: UUID) -> list[ClaimStatus]:
    """How I am answered when I claim these with so much left."""
    items = claims.answer_claims(
        customer_ids, HELD, pool_id=POOL, claimer=ME, allowance=allowance, otherwise=claims.UNKNOWN
    )
    return [item.status for item in items]


class TestAnswers:
    @pytest.mark.parametrize(
        ("allowance", "expected"),
        [
            (Allowance(), [CLAIMED, CLAIMED]),
            (Allowance(holdings=2), [CLAIMED, CLAIMED]),
            (Allowance(holdings=1), [CLAIMED, LIMIT]),
            (Allowance(holdings=0), [LIMIT, LIMIT]),
            (Allowance(claims=1), [CLAIMED, LIMIT]),
            (Allowance(holdings=5, claims=0), [LIMIT, LIMIT]),
            (Allowance(holdings=0, bought=[FREE]), [CLAIMED, LIMIT]),
            (Allowance(holdings=1, bought=[FREE]), [CLAIMED, CLAIMED]),
            (Allowance(claims=0, bought=[FREE, FREE_TOO]), [LIMIT, LIMIT]),
            (Allowance(barred={FREE: date(2026, 12, 1)}), [COOLING, CLAIMED]),
            (Allowance(holdings=1, barred={FREE: date(2026, 12, 1)}), [COOLING, CLAIMED]),
        ],
    )
    def test_each_success_leaves_one_less_for_the_next(self, allowance: Allowance, expected: list[ClaimStatus]) -> None:
        assert answers(allowance, FREE, FREE_TOO) == expected

    def test_what_fails_spends_nothing(self) -> None:
        assert answers(Allowance(holdings=1, claims=1), MINE, THEIRS, FREE)[-1] == CLAIMED

    def test_it_is_said_which_limit_and_how_much(self) -> None:
        limits = PoolLimits(holdings=30, claims_per_day=5)
        assert Allowance(limits, holdings=0).refusal(FREE) == "You hold 30 customers of this pool, which is the limit."
        assert "claimed 5 customers of this pool today" in Allowance(limits, claims=0).refusal(FREE)


class TestLeft:
    @pytest.mark.parametrize(("limit", "used", "expected"), [(None, 9, None), (5, 3, 2), (5, 5, 0), (5, 9, 0)])
    def test_it_is_never_below_nothing(self, limit: int | None, used: int, expected: int | None) -> None:
        assert left(limit, used) == expected


class TestFreeAgain:
    def test_so_many_days_later(self) -> None:
        assert free_again(date(2026, 11, 20), 30) == date(2026, 12, 20)
