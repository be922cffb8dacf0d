"""What was done and planned follows a customer that is merged, comes back when undone, hides with a deleted one."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.activity import GetActivity, GetCustomerActivity
from contracts.errors import NotFound
from contracts.values import Role
from servicekit import clock
from servicekit.context import Caller
from servicekit.testing import refused, rows
from services.activity.operations import activities, standing
from tests.integration.activity.desk import Desk
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

TABLES = ("activities", "follow_ups", "reminders")


@pytest.fixture
def rep(desk: Desk) -> Caller:
    return desk.someone(Role.REP)


def places(desk: Desk) -> dict[UUID, UUID]:
    """From which customer each activity and each follow-up hangs."""
    found = rows(desk.database, "activities", "follow_ups")
    return {UUID(row["id"]): UUID(row["customer_id"]) for table in found.values() for row in table}


class TestFollowMerge:
    def test_all_hangs_from_the_survivor_and_goes_back_when_undone(self, desk: Desk, rep: Caller) -> None:
        survivor, loser = desk.customer(owner=rep, name="Acme"), desk.customer(owner=rep, name="Acme Ltd")
        touch, plan = desk.log(rep, loser), desk.plan(rep, loser)
        before = rows(desk.database, *TABLES)
        merge = merged(loser, survivor)
        desk.hear(standing.follow_merge, merge, sequence=2)
        (seen,) = desk.activities(rep, customer_id=survivor)
        assert seen.customer.name == "Acme"
        assert [each.id for each in desk.follow_ups(rep, customer_id=loser)] == [plan.id]
        later = desk.log(rep, survivor)
        desk.hear(standing.follow_merge, unmerged(merge), sequence=3)
        assert places(desk) == {touch.id: loser, plan.id: loser, later.id: survivor}
        now = rows(desk.database, *TABLES)
        now["activities"] = [row for row in now["activities"] if row["id"] != str(later.id)]
        assert now == before

    def test_who_writes_or_reads_the_loser_is_told_where_it_is(self, desk: Desk, rep: Caller) -> None:
        survivor, loser = desk.customer(owner=rep), desk.customer(owner=rep)
        desk.hear(standing.follow_merge, merged(loser, survivor), sequence=2)
        for ask in (
            lambda: desk.log(rep, loser),
            lambda: desk.plan(rep, loser),
            lambda: desk.ask(rep, activities.customer_activity, GetCustomerActivity(customer_id=loser)),
        ):
            with pytest.raises(NotFound) as caught:
                ask()
            assert (caught.value.code, caught.value.data) == ("customer.merged", {"survivor_id": str(survivor)})

    @AT_LENGTH
    @given(steps=STEPS, dice=st.randoms(use_true_random=False))
    def test_in_whatever_order_events_come_all_hangs_from_the_end_of_its_chain(
        self, desk: Desk, steps: Steps, dice: Any
    ) -> None:
        desk.clear()
        rep = desk.someone(Role.REP)
        customers = [desk.customer(owner=rep) for _ in range(CUSTOMERS)]
        homes = {desk.log(rep, customer).id: customer for customer in customers}
        homes |= {desk.plan(rep, customer).id: customer for customer in customers}
        before = rows(desk.database, *TABLES)
        history = history_of(steps, customers)
        for event, sequence in dice.sample(history.events, len(history.events)):
            desk.hear(standing.follow_merge, event, sequence=sequence)
        assert places(desk) == {id_: history.end_of(home) for id_, home in homes.items()}
        for customer in customers:
            desk.hear(standing.follow_merge, unmerged(merged(customer, customers[0])), sequence=100)
        assert rows(desk.database, *TABLES) == before


class TestAtOnce:
    def test_nothing_is_left_with_the_loser_that_was_recorded_while_it_was_merged(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        for _ in range(10):
            survivor, loser = desk.customer(owner=rep), desk.customer(owner=rep)
            start = Barrier(3, timeout=30)

            def write(desk: Desk = desk, loser: UUID = loser, start: Barrier = start) -> None:
                start.wait()
                with suppress(NotFound):
                    desk.log(rep, loser)

            def hear(survivor: UUID = survivor, loser: UUID = loser, start: Barrier = start) -> None:
                start.wait()
                desk.hear(standing.follow_merge, merged(loser, survivor), sequence=2)

            with ThreadPoolExecutor(3) as threads:
                for done in [threads.submit(write), threads.submit(hear), threads.submit(write)]:
                    done.result()
            assert loser not in places(desk).values()


class TestFollowDeletion:
    def test_it_is_on_no_list_until_the_customer_is_restored(self, desk: Desk, rep: Caller) -> None:
        customer = desk.customer(owner=rep)
        touch, plan = desk.log(rep, customer), desk.plan(rep, customer)
        desk.hear(standing.follow_deletion, deleted(customer), sequence=2)
        for who in (rep, desk.someone(Role.ADMIN)):
            assert (desk.activities(who), desk.follow_ups(who)) == ([], [])
            with refused(NotFound, "activity.not_found"):
                desk.ask(who, activities.get, GetActivity(activity_id=touch.id))
            with refused(NotFound, "follow_up.not_found"):
                desk.complete(who, plan)
            with refused(NotFound, "customer.not_found"):
                desk.log(who, customer)
        desk.hear(standing.follow_deletion, restored(customer), sequence=3)
        assert [each.id for each in desk.activities(rep)] == [touch.id]

    def test_nobody_is_reminded_of_a_deleted_one_and_once_it_is_back_of_what_was_not_sent(
        self, desk: Desk, rep: Caller
    ) -> None:
        customer = desk.customer(owner=rep)
        desk.plan(rep, customer, due_at=clock.now() + timedelta(hours=1), remind_before_minutes=[0, 59])
        desk.plan(rep, customer)
        desk.sweep()
        assert len(desk.announced("reminder.due")) == 1
        before = [row["remind_at"] for row in rows(desk.database, "reminders")["reminders"]]
        desk.hear(standing.follow_deletion, deleted(customer), sequence=2)
        assert len(rows(desk.database, "reminders")["reminders"]) == 1
        desk.hear(standing.follow_deletion, restored(customer), sequence=3)
        assert sorted(row["remind_at"] for row in rows(desk.database, "reminders")["reminders"]) == sorted(before)
        desk.sweep()
        assert len(desk.announced("reminder.due")) == 1
