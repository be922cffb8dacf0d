"""So many customers, whichever they are: the longest waiting first, shared out among all who ask."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from contracts.errors import Conflict, InvalidInput
from contracts.pool.claims import ClaimCustomers, ClaimFilter, ClaimResult
from contracts.pool.pools import ClaimOrder, PoolLimits
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import refused
from services.pool.operations import claims
from tests.integration.pool.desk import Desk, rep
from tests.integration.pool.reclaiming import Season
from tests.integration.pool.test_limits import change, free, limited
from tests.integration.pool.test_simultaneous import THREADS, all_at_once


def claim(desk: Desk, caller: Caller, **asked: Any) -> ClaimResult:
    return desk.ask(caller, claims.claim, ClaimCustomers(**asked))


class TestCount:
    def test_the_longest_waiting_come_first(self, desk: Desk) -> None:
        pool, rita = desk.add_pool(f"Queue {new_id()}"), rep()
        waiting = [desk.add_customer(pool_id=pool, at=clock.now() - timedelta(days=days)) for days in (1, 3, 2)]
        found = claim(desk, rita, pool_id=pool, count=2)
        assert [item.customer_id for item in found.items] == [waiting[1], waiting[2]]
        assert found.short == ""
        assert claim(desk, rita, pool_id=pool, count=2).short == "There were no more than 1 to be had."

    def test_a_limit_says_that_it_is_the_reason(self, desk: Desk) -> None:
        pool, rita = limited(desk, holdings=3), rep()
        free(desk, pool, 5)
        found = claim(desk, rita, pool_id=pool, count=5)
        assert len(found.items) == 3
        assert found.short == "You hold 3 customers of this pool, which is the limit."

    def test_what_cools_down_is_left_out(self, season: Season) -> None:
        desk, rita, rolf = season.desk, rep(), rep()
        pool = limited(desk, cool_down_days=10)
        first, second = free(desk, pool, 2)
        desk.claim(rita, first, pool_id=pool)
        desk.release(rita, first, pool_id=pool)
        assert [item.customer_id for item in claim(desk, rita, pool_id=pool, count=5).items] == [second]
        season.pass_days(10)
        assert [item.customer_id for item in claim(desk, rita, pool_id=pool, count=5).items] == [first]
        assert claim(desk, rolf, pool_id=pool, count=5).items == []

    def test_many_at_once_share_them_out(self, desk: Desk) -> None:
        pool = limited(desk, holdings=4)
        customers, reps = free(desk, pool, 50), [rep() for _ in range(THREADS)]
        found = all_at_once(lambda number: claim(desk, reps[number], pool_id=pool, count=4).items)
        won = Counter(item.customer_id for items in found for item in items)
        assert set(won.values()) == {1}
        assert set(won) <= set(customers)
        assert max(map(len, found)) <= 4


class TestFilter:
    def test_it_is_the_customer_services_list_of_the_pool(self, season: Season) -> None:
        desk, rita = season.desk, rep()
        pool = desk.add_pool(f"Filtered {new_id()}")
        first, second, third = free(desk, pool, 3)
        season.world.listed = [third, first, new_id()]
        found = claim(desk, rita, pool_id=pool, count=5, filter=ClaimFilter(level="A"))
        assert [item.customer_id for item in found.items] == [first, third]
        assert season.world.wanted == {"pool_id": pool, "level": "A"}
        assert desk.holding(rita, second).owner is None


class TestOrder:
    def test_a_pool_may_leave_no_choice(self, desk: Desk) -> None:
        pool, rita = limited(desk), rep()
        (customer,) = free(desk, pool, 1)
        assert change(desk, pool, claim_order=ClaimOrder.OLDEST_FIRST).claim_order is ClaimOrder.OLDEST_FIRST
        for asked in ({"customer_ids": [customer]}, {"count": 1, "filter": ClaimFilter(level="A")}):
            with refused(Conflict, "pool.oldest_first"):
                claim(desk, rita, pool_id=pool, **asked)
        assert len(claim(desk, rita, pool_id=pool, count=1).items) == 1

    def test_it_stands_beside_limits(self, desk: Desk) -> None:
        pool = limited(desk)
        changed = change(desk, pool, claim_order=ClaimOrder.OLDEST_FIRST, limits=PoolLimits(holdings=1))
        assert (changed.claim_order, changed.limits.holdings) == (ClaimOrder.OLDEST_FIRST, 1)


class TestRequest:
    @pytest.mark.parametrize(
        "asked",
        [{}, {"customer_ids": [new_id()], "count": 1}, {"customer_ids": [new_id()], "filter": ClaimFilter(level="A")}],
    )
    def test_it_is_by_id_or_by_count(self, desk: Desk, asked: dict[str, Any]) -> None:
        pool = desk.add_pool(f"Either {new_id()}")
        with pytest.raises(InvalidInput) as caught:
            claim(desk, rep(), pool_id=pool, **asked)
        assert caught.value.fields[0].code == "pool.ids_or_count"
