"""Reminders: each fires once, when its moment has come, however many sweep at once."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import select

from contracts.values import Role
from servicekit import clock
from servicekit.database import Database, new_id
from servicekit.testing import calling
from services.activity import models
from services.activity.operations import follow_ups
from tests.integration.activity.desk import OURSELVES, Desk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def movable_clock(tmp_path: Path) -> Iterator[None]:
    """Business time that a test may move on; it is the machine's again afterwards."""
    clock.share(tmp_path / "clock")
    yield
    clock.share(tmp_path / "unmoved")


class TestSendDueReminders:
    def test_a_due_reminder_is_announced_once_with_what_its_reader_needs(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        acme = desk.customer(owner=rep, name="Acme")
        planned = desk.plan(rep, acme, due_at=clock.now() - HOUR, note="Send the quote")

        assert desk.sweep() is False
        assert desk.sweep() is False

        [reminder] = desk.announced("reminder.due")
        event = desk.announcement("reminder.due", reminder)
        assert event["actor"] == "system:activity"
        assert event["data"] == {
            "reminder_id": str(reminder),
            "follow_up_id": str(planned.id),
            "customer_id": str(acme),
            "customer_name": "Acme",
            "owner_id": rep.id,
            "due_at": planned.due_at.isoformat().replace("+00:00", "Z"),
            "note": "Send the quote",
        }

    @pytest.mark.usefixtures("movable_clock")
    def test_each_comes_at_its_own_moment_of_business_time(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        desk.plan(rep, desk.customer(owner=rep), due_at=clock.now() + 2 * DAY, remind_before_minutes=[0, 1440])

        desk.sweep()
        assert len(desk.announced("reminder.due")) == 0
        clock.advance(DAY + HOUR)
        desk.sweep()
        assert len(desk.announced("reminder.due")) == 1
        clock.advance(DAY)
        desk.sweep()
        assert len(desk.announced("reminder.due")) == 2

    @pytest.mark.usefixtures("movable_clock")
    def test_a_follow_up_that_is_done_reminds_no_more(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        planned = desk.plan(rep, desk.customer(owner=rep), due_at=clock.now() + DAY, remind_before_minutes=[0, 60])
        desk.complete(rep, planned)
        clock.advance(2 * DAY)

        desk.sweep()

        assert desk.announced("reminder.due") == []

    def test_a_sweep_that_fails_leaves_its_reminders_to_the_next(self, desk: Desk, database: Database) -> None:
        rep = desk.someone(Role.REP)
        desk.plan(rep, desk.customer(owner=rep))

        with calling(OURSELVES), database.transaction() as db:
            follow_ups.send_due_reminders(db)
            db.rollback()

        assert desk.announced("reminder.due") == []
        desk.sweep()
        assert len(desk.announced("reminder.due")) == 1

    def test_a_reminder_does_not_wait_for_the_customers_name(self, desk: Desk, database: Database) -> None:
        rep = desk.someone(Role.REP)
        acme = desk.customer(owner=rep)
        desk.plan(rep, acme)
        with database.transaction() as db:
            db.delete(db.get_one(models.Customer, acme))

        desk.sweep()

        [reminder] = desk.announced("reminder.due")
        assert desk.announcement("reminder.due", reminder)["data"]["customer_name"] == ""

    def test_a_full_batch_asks_for_another_round(self, desk: Desk, database: Database) -> None:
        remind(database, follow_ups.REMINDER_BATCH + 1)

        assert desk.sweep() is True
        assert len(desk.announced("reminder.due")) == follow_ups.REMINDER_BATCH
        assert desk.sweep() is False
        assert len(desk.announced("reminder.due")) == follow_ups.REMINDER_BATCH + 1

    def test_four_sweeps_at_once_announce_each_of_a_thousand_exactly_once(self, desk: Desk, database: Database) -> None:
        remind(database, 1_000)
        together = Barrier(4, timeout=30)

        def sweep_until_done() -> None:
            together.wait()
            while desk.sweep():
                pass

        with ThreadPoolExecutor(max_workers=4) as sweepers:
            for sweeper in [sweepers.submit(sweep_until_done) for _ in range(4)]:
                sweeper.result()

        with database.transaction() as db:
            due = Counter(db.scalars(select(models.Reminder.id)))
        assert len(due) == 1_000
        assert Counter(desk.announced("reminder.due")) == due

    def test_what_another_sweep_holds_is_passed_by_not_waited_for(self, desk: Desk, database: Database) -> None:
        remind(database, 1)

        with calling(OURSELVES), database.transaction() as db:
            assert follow_ups.send_due_reminders(db) is False
            assert desk.sweep() is False

        assert len(desk.announced("reminder.due")) == 1


def remind(database: Database, count: int) -> None:
    """So many reminders that are due, of one follow-up."""
    now = clock.now()
    planned = models.FollowUp(
        id=new_id(),
        customer_id=new_id(),
        owner_id=new_id(),
        due_at=now,
        note="",
        remind_before_minutes=[0],
        created_at=now,
        updated_at=now,
        reminders=[models.Reminder(id=new_id(), remind_at=now - timedelta(seconds=each)) for each in range(count)],
    )
    with database.transaction() as db:
        db.add(planned)
