"""No rep ever holds or claims more than a pool allows, and former owners wait."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.errors import Conflict, NotFound, NotPermitted
from contracts.opportunity.opportunities import OpportunityWon
from contracts.pool.claims import ClaimStatus
from contracts.pool.pools import GetPool, Pool, PoolChanges, PoolLimits, UpdatePool
from contracts.values import Money
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import refused
from services.pool.operations import known, pools
from tests.integration.pool.desk import ADMIN, AUDITOR, PROGRAM, Desk, manager_of, rep
from tests.integration.pool.reclaiming import Season
from tests.integration.pool.test_simultaneous import THREADS, all_at_once

CLAIMED, LIMIT, COOLING = ClaimStatus.CLAIMED, ClaimStatus.LIMIT_REACHED, ClaimStatus.COOLING_DOWN


def limited(desk: Desk, **limits: Any) -> UUID:
    """A new pool with these limits."""
    pool_id = desk.add_pool(f"Limited {new_id()}")
    change(desk, pool_id, limits=PoolLimits(**limits))
    return pool_id


def change(desk: Desk, pool_id: UUID, caller: Caller = ADMIN, **changes: Any) -> Pool:
    now = desk.ask(ADMIN, pools.get_pool, GetPool(pool_id=pool_id))
    request = UpdatePool(pool_id=pool_id, version=now.version, changes=PoolChanges(**changes))
    return desk.ask(caller, pools.update_pool, request)


def free(desk: Desk, pool_id: UUID, count: int) -> list[UUID]:
    return [desk.add_customer(pool_id=pool_id) for _ in range(count)]


class TestHoldings:
    def test_a_rep_holds_no_more_than_allowed_and_may_claim_again_after_a_release(self, desk: Desk) -> None:
        pool, rita = limited(desk, holdings=2), rep()
        first, second, third = free(desk, pool, 3)
        assert desk.claim(rita, first, second, third, pool_id=pool) == [CLAIMED, CLAIMED, LIMIT]
        desk.release(rita, first)
        assert desk.claim(rita, third, pool_id=pool) == [CLAIMED]

    def test_what_came_from_other_pools_does_not_count(self, desk: Desk) -> None:
        pool, other, rita = limited(desk, holdings=1), desk.add_pool(f"Other {new_id()}"), rep()
        assert desk.claim(rita, *free(desk, other, 3), pool_id=other) == [CLAIMED] * 3
        assert desk.claim(rita, *free(desk, pool, 2), pool_id=pool) == [CLAIMED, LIMIT]

    def test_customers_that_have_bought_may_be_left_out(self, desk: Desk) -> None:
        pool, rita = limited(desk, holdings=1, bought_exempt=True), rep()
        buyer, second, third = free(desk, pool, 3)
        assert desk.claim(rita, buyer, pool_id=pool) == [CLAIMED]
        desk.handle(known.keep_purchase, won(buyer))
        assert desk.claim(rita, second, third, pool_id=pool) == [CLAIMED, LIMIT]

    @pytest.mark.parametrize("limits", [{"holdings": 5}, {"claims_per_day": 5}], ids=["holdings", "claims a day"])
    def test_many_claims_at_once_never_exceed_a_limit(self, desk: Desk, limits: dict[str, int]) -> None:
        pool, reps = limited(desk, **limits), [rep(), rep(), rep()]
        customers = free(desk, pool, THREADS)

        def work(number: int) -> list[tuple[UUID, ClaimStatus]]:
            me = reps[number % len(reps)]
            wanted = [customers[number], customers[(number * 7 + 1) % THREADS]]
            return [(me.user_id, status) for status in desk.claim(me, *wanted, pool_id=pool)]

        answers = [each for found in all_at_once(work) for each in found]
        won_by = Counter(user_id for user_id, status in answers if status is CLAIMED)
        assert won_by == {each.user_id: 5 for each in reps}


class TestClaimsPerDay:
    def test_what_was_claimed_and_released_is_spent(self, season: Season) -> None:
        desk, rita = season.desk, rep()
        pool = limited(desk, claims_per_day=2)
        first, second, third = free(desk, pool, 3)
        assert desk.claim(rita, first, pool_id=pool) == [CLAIMED]
        desk.release(rita, first, pool_id=pool)
        assert desk.claim(rita, second, third, pool_id=pool) == [CLAIMED, LIMIT]

    def test_the_next_day_begins_at_the_companys_midnight(self, season: Season) -> None:
        desk, rita = season.desk, rep()
        pool = limited(desk, claims_per_day=1)
        first, second, third = free(desk, pool, 3)
        assert desk.claim(rita, first, second, pool_id=pool) == [CLAIMED, LIMIT]
        clock.advance(season.midnight(1) - clock.now() - timedelta(seconds=5))
        assert desk.claim(rita, second, pool_id=pool) == [LIMIT]
        clock.advance(timedelta(seconds=6))
        assert desk.claim(rita, second, third, pool_id=pool) == [CLAIMED, LIMIT]


class TestCoolDown:
    def test_every_former_owner_waits_not_the_last_one_alone(self, season: Season) -> None:
        desk, rita, rolf, ruth = season.desk, rep(), rep(), rep()
        pool = limited(desk, cool_down_days=10)
        (customer,) = free(desk, pool, 1)
        for each in (rita, rolf):
            assert desk.claim(each, customer, pool_id=pool) == [CLAIMED]
            desk.release(each, customer, pool_id=pool)
            season.pass_days(3)
        assert [desk.claim(each, customer, pool_id=pool) for each in (rita, rolf)] == [[COOLING], [COOLING]]
        season.pass_days(4)
        assert desk.claim(rolf, customer, pool_id=pool) == [COOLING]
        assert desk.claim(rita, customer, pool_id=pool) == [CLAIMED]
        desk.release(rita, customer, pool_id=pool)
        assert desk.claim(ruth, customer, pool_id=pool) == [CLAIMED]

    def test_so_does_who_lost_it_by_a_rule(self, season: Season) -> None:
        desk, rita = season.desk, rep()
        pool = limited(desk, cool_down_days=30)
        (customer,) = free(desk, pool, 1)
        assert desk.claim(rita, customer, pool_id=pool) == [CLAIMED]
        season.clocks(pool, no_follow_up=5)
        season.pass_days(7)
        assert desk.holding(ADMIN, customer).owner is None
        assert desk.claim(rita, customer, pool_id=pool) == [COOLING]


class TestUpdatePool:
    def test_it_is_renamed_and_announced(self, desk: Desk) -> None:
        pool_id, name = desk.add_pool(f"Old {new_id()}"), f"New {new_id()}"
        changed = change(desk, pool_id, name=name, limits=PoolLimits(holdings=7))
        assert (changed.name, changed.limits.holdings) == (name, 7)
        told = desk.announced(pool_id)[-1]
        assert told["type"] == "crm.pool.updated.v1"
        assert (told["data"]["name"], told["data"]["changed"]) == (name, ["name", "limits"])

    def test_a_change_that_is_none_is_not_announced(self, desk: Desk) -> None:
        pool_id = desk.add_pool(f"Same {new_id()}")
        now = desk.ask(ADMIN, pools.get_pool, GetPool(pool_id=pool_id))
        assert change(desk, pool_id, name=now.name) == now
        assert len(desk.announced(pool_id)) == 1

    def test_no_two_have_one_name_in_whatever_case(self, desk: Desk) -> None:
        taken, other = f"Taken {new_id()}", desk.add_pool(f"Other {new_id()}")
        desk.add_pool(taken)
        with refused(Conflict, "pool.name_taken"):
            change(desk, other, name=taken.upper())

    @pytest.mark.parametrize("caller", [rep(), manager_of(), AUDITOR, PROGRAM])
    def test_only_administrators_may(self, desk: Desk, caller: Caller) -> None:
        with refused(NotPermitted, "pool.admins_only"):
            change(desk, desk.add_pool(f"Mine {new_id()}"), caller, limits=PoolLimits())

    def test_one_that_is_none_or_was_read_before(self, desk: Desk) -> None:
        request = UpdatePool(pool_id=new_id(), version=1, changes=PoolChanges(name="x"))
        with refused(NotFound, "pool.not_found"):
            desk.ask(ADMIN, pools.update_pool, request)
        stale = request.model_copy(update={"pool_id": desk.add_pool(f"Stale {new_id()}"), "version": 9})
        with refused(Conflict, "version.stale"):
            desk.ask(ADMIN, pools.update_pool, stale)


def won(customer_id: UUID) -> OpportunityWon:
    """The opportunity service's word of a deal."""
    return OpportunityWon(
        opportunity_id=new_id(),
        customer_id=customer_id,
        owner_id=new_id(),
        name="Deal",
        amount=Money(amount="100.00", currency="USD"),
        closed_on=clock.now().date(),
    )
