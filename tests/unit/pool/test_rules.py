"""The pool service's decisions, clause by clause."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contracts.errors import Conflict, NotPermitted
from contracts.pool.claims import ClaimStatus
from services.pool.rules import claims, moves, rights
from services.pool.rules.moves import Held, Move

ME, COLLEAGUE = UUID(int=1), UUID(int=2)
POOL, OTHER_POOL = UUID(int=11), UUID(int=12)
FREE, FREE_TOO, MINE, THEIRS, ELSEWHERE, UNHEARD_OF = (UUID(int=number) for number in range(21, 27))
MOMENT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def held(customer_id: UUID, *, owner_id: UUID | None = None, pool_id: UUID | None = None) -> Held:
    """A customer in these hands."""
    return Held(
        customer_id=customer_id,
        customer_name="Acme",
        number=1,
        owner_id=owner_id,
        pool_id=pool_id,
        since=MOMENT,
        began=Move.CREATED,
    )


HELD = {
    each.customer_id: each
    for each in (
        held(FREE, pool_id=POOL),
        held(FREE_TOO, pool_id=POOL),
        held(MINE, owner_id=ME),
        held(THEIRS, owner_id=COLLEAGUE),
        held(ELSEWHERE, pool_id=OTHER_POOL),
    )
}


def answers(*customer_ids: UUID) -> list[tuple[UUID, ClaimStatus]]:
    """How I am answered when I claim these out of POOL."""
    items = claims.answer_claims(customer_ids, HELD, pool_id=POOL, claimer=ME, otherwise=claims.UNKNOWN)
    return [(item.customer_id, item.status) for item in items]


class TestAnswerClaims:
    @pytest.mark.parametrize(
        ("customer_id", "status"),
        [
            (FREE, ClaimStatus.CLAIMED),
            (MINE, ClaimStatus.ALREADY_CLAIMED),
            (THEIRS, ClaimStatus.ALREADY_CLAIMED),
            (ELSEWHERE, ClaimStatus.NOT_VISIBLE),
            (UNHEARD_OF, ClaimStatus.NOT_VISIBLE),
        ],
    )
    def test_each_customer_answers_by_where_it_is(self, customer_id: UUID, status: ClaimStatus) -> None:
        assert answers(customer_id) == [(customer_id, status)]

    def test_answers_come_in_the_order_of_the_request(self) -> None:
        asked = [THEIRS, FREE_TOO, UNHEARD_OF, FREE]
        assert [customer_id for customer_id, _ in answers(*asked)] == asked

    def test_a_customer_named_twice_is_claimed_once(self) -> None:
        assert answers(FREE, FREE_TOO, FREE) == [
            (FREE, ClaimStatus.CLAIMED),
            (FREE_TOO, ClaimStatus.CLAIMED),
            (FREE, ClaimStatus.ALREADY_CLAIMED),
        ]

    def test_a_customer_nobody_knows_answers_the_same_each_time(self) -> None:
        assert answers(UNHEARD_OF, UNHEARD_OF) == [(UNHEARD_OF, ClaimStatus.NOT_VISIBLE)] * 2

    def test_the_claimer_is_told_whether_they_or_somebody_else_hold_it(self) -> None:
        items = claims.answer_claims([MINE, THEIRS], HELD, pool_id=POOL, claimer=ME, otherwise=claims.UNKNOWN)
        assert [item.detail for item in items] == [
            "You hold this customer already.",
            "Somebody else holds this customer.",
        ]

    def test_a_customer_that_could_not_be_looked_up_says_so_and_one_elsewhere_does_not(self) -> None:
        items = claims.answer_claims(
            [UNHEARD_OF, ELSEWHERE], HELD, pool_id=POOL, claimer=ME, otherwise=claims.NOT_LOOKED_UP
        )
        assert [item.detail for item in items] == [claims.NOT_LOOKED_UP, claims.UNKNOWN]


class TestReadsAll:
    @pytest.mark.parametrize(
        ("role", "all_of_them"),
        [("rep", False), ("manager", False), ("admin", True), ("auditor", True), ("integration", True), ("", False)],
    )
    def test_admins_auditors_and_programs_read_every_holding(self, role: str, *, all_of_them: bool) -> None:
        assert rights.reads_all(role) is all_of_them


class TestRequireClaimer:
    @pytest.mark.parametrize("role", ["rep", "manager", "admin"])
    def test_who_can_hold_customers_may_claim(self, role: str) -> None:
        rights.require_claimer(role)

    @pytest.mark.parametrize("role", ["auditor", "integration", ""])
    def test_others_may_not(self, role: str) -> None:
        with pytest.raises(NotPermitted) as refused:
            rights.require_claimer(role)
        assert refused.value.code == "pool.claimers_only"


class TestRequireReleaser:
    @pytest.mark.parametrize("role", ["rep", "manager", "admin", "integration"])
    def test_who_can_hold_customers_may_let_them_go_and_so_may_programs(self, role: str) -> None:
        rights.require_releaser(role)

    @pytest.mark.parametrize("role", ["auditor", ""])
    def test_readers_may_not(self, role: str) -> None:
        with pytest.raises(NotPermitted) as refused:
            rights.require_releaser(role)
        assert refused.value.code == "holding.read_only"


class TestRequireAdmin:
    def test_an_administrator_may(self) -> None:
        rights.require_admin("admin")

    @pytest.mark.parametrize("role", ["rep", "manager", "auditor", "integration", ""])
    def test_nobody_else_may(self, role: str) -> None:
        with pytest.raises(NotPermitted) as refused:
            rights.require_admin(role)
        assert refused.value.code == "pool.admins_only"


class TestRequireRoom:
    def test_one_less_than_the_most_leaves_room(self) -> None:
        rights.require_room(rights.MOST_POOLS - 1)

    def test_the_most_leaves_none(self) -> None:
        with pytest.raises(Conflict) as refused:
            rights.require_room(rights.MOST_POOLS)
        assert refused.value.code == "pool.too_many"


class TestMovedAt:
    def test_a_stretch_ends_now(self) -> None:
        assert moves.moved_at(MOMENT + timedelta(seconds=1), MOMENT) == MOMENT + timedelta(seconds=1)

    def test_a_stretch_never_ends_before_it_began(self) -> None:
        assert moves.moved_at(MOMENT - timedelta(seconds=1), MOMENT) == MOMENT
