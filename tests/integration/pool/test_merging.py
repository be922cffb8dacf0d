"""The loser's holding rests while it is merged; the survivor's goes to whom the merge says, and back."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import NotFound
from contracts.pool.claims import ClaimStatus
from contracts.pool.holdings import ListHoldings
from contracts.pool.pools import DEFAULT_POOL_ID, GetPool, ListFreeCustomers
from servicekit.context import Caller
from servicekit.testing import refused, rows
from services.pool.operations import holdings, known, pools, standing
from tests.integration.merging import (
    AT_LENGTH,
    CUSTOMERS,
    STEPS,
    Steps,
    deleted,
    history_of,
    merged,
    restored,
    unmerged,
)
from tests.integration.pool.desk import ADMIN, Desk, customer_created, rep

TABLES = ("holdings", "holding_spans")


def holders(desk: Desk, *customer_ids: UUID) -> dict[str, list[dict[str, Any]]]:
    """The rows that say who holds these, now and before."""
    wanted = {str(each) for each in customer_ids}
    return {
        table: [row for row in found if row["customer_id"] in wanted]
        for table, found in rows(desk.database, *TABLES).items()
    }


def listed(desk: Desk, owner: Caller) -> list[UUID]:
    found = desk.ask(owner, holdings.list_holdings, ListHoldings()).items
    return [each.customer.id for each in found]


class TestFollowMerge:
    def test_the_losers_holding_is_seen_no_more_and_leads_to_the_survivors(self, desk: Desk) -> None:
        rita, rolf = rep(), rep()
        survivor, loser = desk.add_customer(owner=rita), desk.add_customer(owner=rolf)
        desk.handle(standing.follow_merge, merged(loser, survivor), sequence=2)
        assert (listed(desk, rita), listed(desk, rolf)) == ([survivor], [])
        for ask in (
            lambda: desk.holding(ADMIN, loser),
            lambda: desk.history(loser),
            lambda: desk.release(ADMIN, loser),
        ):
            with pytest.raises(NotFound) as caught:
                ask()
            assert (caught.value.code, caught.value.data) == ("customer.merged", {"survivor_id": str(survivor)})
        with refused(NotFound, "holding.not_found"):
            desk.holding(rolf, loser)

    def test_a_loser_in_a_pool_can_not_be_claimed_nor_is_it_counted(self, desk: Desk) -> None:
        rita = rep()
        pool_id = desk.add_pool("Merging")
        survivor, loser = desk.add_customer(owner=rita), desk.add_customer(pool_id=pool_id)
        desk.handle(standing.follow_merge, merged(loser, survivor), sequence=2)
        assert desk.claim(rita, loser, pool_id=pool_id) == [ClaimStatus.NOT_VISIBLE]
        assert desk.ask(rita, pools.list_free_customers, ListFreeCustomers(pool_id=pool_id)).items == []
        assert desk.ask(rita, pools.get_pool, GetPool(pool_id=pool_id)).free == 0

    def test_one_that_is_heard_of_only_later_rests_from_the_start(self, desk: Desk) -> None:
        rita = rep()
        survivor = desk.add_customer(owner=rita)
        created = customer_created(UUID(int=survivor.int + 1), owner=rita)
        desk.handle(standing.follow_merge, merged(created.customer_id, survivor), sequence=2)
        desk.handle(known.hold_new_customer, created)
        assert listed(desk, rita) == [survivor]

    @AT_LENGTH
    @given(steps=STEPS, dice=st.randoms(use_true_random=False))
    def test_when_all_merges_are_undone_every_row_is_as_it_was(self, desk: Desk, steps: Steps, dice: Any) -> None:
        rita = rep()
        customers = [desk.add_customer(owner=rita if nth % 2 else None) for nth in range(CUSTOMERS)]
        before = holders(desk, *customers)
        history = history_of(steps, customers)
        for event, sequence in dice.sample(history.events, len(history.events)):
            desk.handle(standing.follow_merge, event, sequence=sequence)
        resting = {row["customer_id"] for row in holders(desk, *customers)["holdings"] if row["resting"]}
        assert resting == {str(loser) for loser in history.leads_to}
        for customer in customers:
            desk.handle(standing.follow_merge, unmerged(merged(customer, customers[0])), sequence=100)
        assert holders(desk, *customers) == before


class TestGivingAway:
    def test_the_survivor_goes_to_whom_the_merge_says_with_its_reason(self, desk: Desk) -> None:
        rita, rolf = rep(), rep()
        survivor, loser = desk.add_customer(owner=rita), desk.add_customer(owner=rita)
        desk.handle(
            standing.follow_merge, merged(loser, survivor, owner_id=rolf.user_id, reason="Knows them"), sequence=2
        )
        assert (listed(desk, rita), listed(desk, rolf)) == ([], [survivor])
        now, before = desk.history(survivor)
        assert (now.began, before.ended, before.reason) == ("assigned", "assigned", "Knows them")
        told = desk.announced(survivor)[-1]
        assert told["type"] == "crm.holding.assigned.v1"
        assert (told["data"]["owner_id"], told["data"]["former_owner_id"]) == (rolf.id, rita.id)

    def test_undone_its_former_holder_has_it_again_and_the_history_says_so(self, desk: Desk) -> None:
        rita, rolf = rep(), rep()
        for owner in (rita, None):
            survivor, loser = desk.add_customer(owner=owner), desk.add_customer(owner=rita)
            merge = merged(loser, survivor, owner_id=rolf.user_id)
            desk.handle(standing.follow_merge, merge, sequence=2)
            desk.handle(standing.follow_merge, unmerged(merge), sequence=3)
            now = desk.holding(ADMIN, survivor)
            assert (now.owner and now.owner.id, now.pool and now.pool.id) == (
                (rita.user_id, None) if owner else (None, DEFAULT_POOL_ID)
            )
            assert [span.began for span in desk.history(survivor)] == ["unmerged", "assigned", "created"]

    def test_undone_it_stays_where_it_went_meanwhile(self, desk: Desk) -> None:
        rita, rolf = rep(), rep()
        survivor, loser = desk.add_customer(owner=rita), desk.add_customer(owner=rita)
        merge = merged(loser, survivor, owner_id=rolf.user_id)
        desk.handle(standing.follow_merge, merge, sequence=2)
        desk.release(rolf, survivor)
        desk.handle(standing.follow_merge, unmerged(merge), sequence=3)
        assert desk.holding(ADMIN, survivor).owner is None

    def test_a_merge_that_comes_after_its_undoing_gives_nothing_away(self, desk: Desk) -> None:
        rita, rolf = rep(), rep()
        survivor, loser = desk.add_customer(owner=rita), desk.add_customer(owner=rita)
        merge = merged(loser, survivor, owner_id=rolf.user_id)
        desk.handle(standing.follow_merge, unmerged(merge), sequence=3)
        desk.handle(standing.follow_merge, merge, sequence=2)
        assert sorted(listed(desk, rita)) == sorted([survivor, loser])


class TestFollowDeletion:
    def test_its_holding_rests_until_it_is_restored(self, desk: Desk) -> None:
        rita = rep()
        customer = desk.add_customer(owner=rita)
        before = holders(desk, customer)
        desk.handle(standing.follow_deletion, deleted(customer), sequence=2)
        assert listed(desk, rita) == []
        with refused(NotFound, "holding.not_found"):
            desk.release(rita, customer)
        desk.handle(standing.follow_deletion, restored(customer), sequence=3)
        assert holders(desk, customer) == before
