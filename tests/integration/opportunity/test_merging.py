"""Opportunities follow their customer when it is merged, come back when that is undone, and hide with a deleted one."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from contracts.customer.facts import CustomerFacts
from contracts.errors import NotFound
from contracts.opportunity.opportunities import CreateOpportunity, GetCustomerOpportunities, GetOpportunity
from contracts.opportunity.reports import GetFunnel
from contracts.values import Lifecycle, Role
from servicekit.context import Caller
from servicekit.testing import calling, refused, rows, wait_until
from services.opportunity.operations import known, opportunities
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
from tests.integration.opportunity.desk import ADMIN, OURSELVES, Desk, received
from tests.integration.opportunity.test_simultaneous import together


def customers_of(desk: Desk, opportunity_ids: Sequence[UUID]) -> list[UUID | None]:
    """The customers that these hang from."""
    kept = {row["id"]: row["customer_id"] for row in rows(desk.database, "opportunities")["opportunities"]}
    return [UUID(kept[str(each)]) for each in opportunity_ids]


@pytest.fixture
def rep(desk: Desk) -> Caller:
    return desk.someone(Role.REP)


class TestFollowMerge:
    def test_they_hang_from_the_survivor(self, desk: Desk, rep: Caller) -> None:
        survivor, loser = desk.customer(owner=rep, name="Acme"), desk.customer(owner=rep, name="Acme Ltd")
        opened = desk.open(rep, loser)
        desk.hear(known.follow_merge, merged(loser, survivor), sequence=2)
        now = desk.ask(rep, opportunities.get, GetOpportunity(opportunity_id=opened.id))
        assert now.customer is not None
        assert (now.customer.id, now.customer.name) == (survivor, "Acme")
        assert now.model_copy(update={"customer": opened.customer}) == opened
        for customer_id in (survivor, loser):
            assert desk.listed(rep, customer_id=customer_id) == [opened.id]
        event = desk.announced(opened.id)[-1]
        assert event["type"] == "crm.opportunity.updated.v1"
        assert (event["data"]["customer_id"], event["data"]["changed"]) == (str(survivor), ["customer_id"])

    def test_who_writes_or_reads_the_loser_is_told_where_it_is(self, desk: Desk, rep: Caller) -> None:
        survivor, loser = desk.customer(owner=rep), desk.customer(owner=rep)
        desk.hear(known.follow_merge, merged(loser, survivor), sequence=2)
        for ask in (
            lambda: desk.open(rep, loser),
            lambda: desk.ask(rep, opportunities.customer_opportunities, GetCustomerOpportunities(customer_id=loser)),
        ):
            with pytest.raises(NotFound) as caught:
                ask()
            assert (caught.value.code, caught.value.data) == ("customer.merged", {"survivor_id": str(survivor)})

    def test_who_may_not_see_the_survivor_is_told_nothing(self, desk: Desk, rep: Caller) -> None:
        stranger = desk.someone(Role.REP, name="Stan")
        survivor, loser = desk.customer(owner=rep), desk.customer(owner=stranger)
        desk.hear(known.follow_merge, merged(loser, survivor), sequence=2)
        with refused(NotFound, "customer.not_found"):
            desk.open(stranger, loser)

    def test_undone_only_the_losers_own_go_back(self, desk: Desk, rep: Caller) -> None:
        survivor, loser = desk.customer(owner=rep), desk.customer(owner=rep)
        own, came = desk.open(rep, survivor), desk.open(rep, loser)
        merge = merged(loser, survivor)
        desk.hear(known.follow_merge, merge, sequence=2)
        later = desk.open(rep, survivor)
        desk.hear(known.follow_merge, unmerged(merge), sequence=3)
        assert customers_of(desk, [own.id, came.id, later.id]) == [survivor, loser, survivor]

    def test_one_that_somebody_gave_another_customer_meanwhile_stays_there(self, desk: Desk, rep: Caller) -> None:
        survivor, loser, other = (desk.customer(owner=rep) for _ in range(3))
        opened = desk.open(rep, loser)
        merge = merged(loser, survivor)
        desk.hear(known.follow_merge, merge, sequence=2)
        desk.update(rep, opened, customer_id=other)
        desk.hear(known.follow_merge, unmerged(merge), sequence=3)
        assert customers_of(desk, [opened.id]) == [other]

    def test_a_fact_tells_it_too(self, desk: Desk, rep: Caller) -> None:
        survivor, loser = desk.customer(owner=rep), desk.customer(owner=rep)
        opened = desk.open(rep, loser)
        with calling(OURSELVES), desk.database.transaction() as db:
            assert known.keep_customer_facts(db, facts(loser, merged_into_id=survivor))
        assert customers_of(desk, [opened.id]) == [survivor]

    @AT_LENGTH
    @given(steps=STEPS, dice=st.randoms(use_true_random=False))
    def test_in_whatever_order_events_come_each_hangs_from_the_end_of_its_chain(
        self, desk: Desk, steps: Steps, dice: Any
    ) -> None:
        rep = desk.someone(Role.REP)
        customers = [desk.customer(owner=rep) for _ in range(CUSTOMERS)]
        opened = [desk.open(rep, customer).id for customer in customers for _ in range(2)]
        before = kept(desk, opened)
        history = history_of(steps, customers)
        for event, sequence in dice.sample(history.events, len(history.events)):
            desk.hear(known.follow_merge, event, sequence=sequence)
        homes = [customer for customer in customers for _ in range(2)]
        assert customers_of(desk, opened) == [history.end_of(home) for home in homes]
        for customer in customers:
            last = 100
            desk.hear(known.follow_merge, unmerged(merged(customer, customers[0])), sequence=last)
        assert kept(desk, opened) == before


class TestAtOnce:
    def test_nothing_is_left_with_the_loser_that_was_opened_while_it_was_merged(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        for _ in range(10):
            survivor, loser = desk.customer(owner=rep), desk.customer(owner=rep)
            merge = merged(loser, survivor)
            outcomes = together(
                lambda: desk.open(rep, loser),  # noqa: B023  run at once
                lambda: desk.hear(known.follow_merge, merge, sequence=2),  # noqa: B023  as above
                lambda: desk.open(rep, loser),  # noqa: B023  as above
            )
            opened = [each for each in outcomes if each is not None and each != "customer.merged"]
            assert set(desk.listed(rep, customer_id=survivor)) == {each.id for each in opened}

    def test_the_merge_waits_for_who_is_writing_and_takes_that_along(self, desk: Desk, rep: Caller) -> None:
        survivor, loser = desk.customer(owner=rep), desk.customer(owner=rep)
        merge = merged(loser, survivor)
        with ThreadPoolExecutor(1) as threads:
            with calling(rep), desk.database.transaction() as db:
                opened = opportunities.create(db, CreateOpportunity(customer_id=loser, name="Just before"))
                moving = threads.submit(desk.hear, known.follow_merge, merge, sequence=2)
                wait_until(lambda: waits_for_a_lock(desk))
            moving.result()
        assert customers_of(desk, [opened.id]) == [survivor]

    def test_who_writes_waits_for_the_merge_and_is_refused(self, desk: Desk, rep: Caller) -> None:
        survivor, loser = desk.customer(owner=rep), desk.customer(owner=rep)
        with ThreadPoolExecutor(1) as threads:
            with calling(OURSELVES), desk.database.transaction() as db:
                known.follow_merge(db, received(merged(loser, survivor), sequence=2))
                writing = threads.submit(desk.open, rep, loser)
                wait_until(lambda: waits_for_a_lock(desk))
            with refused(NotFound, "customer.merged"):
                writing.result()


class TestFollowDeletion:
    def test_they_are_on_no_list_until_it_is_restored(self, desk: Desk, rep: Caller) -> None:
        customer = desk.customer(owner=rep)
        opened = desk.open(rep, customer)
        desk.hear(known.follow_deletion, deleted(customer), sequence=2)
        for who in (rep, ADMIN):
            assert desk.listed(who) == []
            with refused(NotFound, "opportunity.not_found"):
                desk.ask(who, opportunities.get, GetOpportunity(opportunity_id=opened.id))
            with refused(NotFound, "customer.not_found"):
                desk.open(who, customer)
        assert desk.ask(ADMIN, opportunities.get_funnel, GetFunnel()).stages[0].count == 0
        desk.hear(known.follow_deletion, restored(customer), sequence=3)
        assert desk.listed(rep) == [opened.id]

    def test_a_deletion_that_comes_after_its_restoration_changes_nothing(self, desk: Desk, rep: Caller) -> None:
        customer = desk.customer(owner=rep)
        opened = desk.open(rep, customer)
        desk.hear(known.follow_deletion, restored(customer), sequence=3)
        desk.hear(known.follow_deletion, deleted(customer), sequence=2)
        assert desk.listed(rep) == [opened.id]


def waits_for_a_lock(desk: Desk) -> bool:
    """Whether some session of this database waits for another one."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with desk.database.engine.connect() as connection:
        return bool(connection.scalar(text(waiting)))


def kept(desk: Desk, opportunity_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """The rows of these as they stand."""
    wanted = {str(each) for each in opportunity_ids}
    return [row for row in rows(desk.database, "opportunities")["opportunities"] if row["id"] in wanted]


def facts(customer_id: UUID, **more: Any) -> CustomerFacts:
    """What the customer service's record says."""
    told = {"id": customer_id, "kind": "company", "name": "Acme", "lifecycle": Lifecycle.LEAD, "sequence": 5}
    return CustomerFacts.model_validate({**told, "owner_id": None, "pool_id": None, **more})
