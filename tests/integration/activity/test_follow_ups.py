"""Follow-ups: planned with reminders, done once, by those who may."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from contracts.activity import CompleteFollowUp, FollowUp
from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.values import Role
from servicekit import clock
from servicekit.database import Database, new_id
from servicekit.testing import calling
from services.activity import models
from services.activity.operations import follow_ups
from tests.integration.activity.desk import OURSELVES, Desk

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SALES, POOL = new_id(), new_id()


class TestSchedule:
    def test_the_answer_says_what_is_planned(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP, name="Rita Reed")
        acme = desk.customer(owner=rep, name="Acme")
        due_at = clock.now() + DAY * 2

        planned = desk.plan(rep, acme, due_at=due_at, note="  Call back ", remind_before_minutes=[30, 0, 30])

        assert planned.customer.model_dump() == {"id": acme, "name": "Acme"}
        assert planned.owner.model_dump() == {"id": rep.user_id, "name": "Rita Reed"}
        assert (planned.due_at, planned.note, planned.state) == (due_at, "Call back", "planned")
        assert planned.remind_before_minutes == [0, 30]
        assert (planned.done_at, planned.version) == (None, 1)
        assert desk.announcement("follow_up.scheduled", planned.id)["data"]["customer_id"] == str(acme)

    def test_reminders_whose_moment_is_past_are_left_out(self, desk: Desk, database: Database) -> None:
        rep = desk.someone(Role.REP)
        due_at = clock.now() + MINUTE * 30

        planned = desk.plan(rep, desk.customer(owner=rep), due_at=due_at)

        assert planned.remind_before_minutes == [0]
        assert moments(database, planned) == [due_at]

    def test_a_pooled_customer_may_be_looked_at_only(self, desk: Desk) -> None:
        with pytest.raises(NotPermitted, match=r"customer\.read_only"):
            desk.plan(desk.someone(Role.REP), desk.customer(pool_id=POOL))

    def test_a_moment_of_another_century_is_refused(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)

        with pytest.raises(InvalidInput) as refused:
            desk.plan(rep, desk.customer(owner=rep), due_at="1899-12-31T23:59:59Z")

        assert [fault.field for fault in refused.value.fields] == ["due_at"]


class TestComplete:
    def test_it_is_done_and_announced_and_its_reminders_are_gone(self, desk: Desk, database: Database) -> None:
        rep = desk.someone(Role.REP, name="Rita Reed")
        planned = desk.plan(rep, desk.customer(owner=rep, name="Acme"), due_at=clock.now() + DAY * 2)

        done = desk.complete(rep, planned)

        assert (done.state, done.version) == ("done", 2)
        assert done.done_at is not None
        assert done.model_dump(exclude={"state", "version", "done_at"}) == planned.model_dump(
            exclude={"state", "version", "done_at"}
        )
        assert desk.announcement("follow_up.done", done.id)["data"]["owner_id"] == rep.id
        assert moments(database, planned) == []
        assert desk.follow_ups(rep, state="done") == [done]

    def test_a_reminder_that_was_sent_stays_on_record(self, desk: Desk, database: Database) -> None:
        rep = desk.someone(Role.REP)
        due_at = clock.now() + MINUTE
        planned = desk.plan(rep, desk.customer(owner=rep), due_at=due_at - MINUTE * 2, remind_before_minutes=[0])
        desk.sweep()

        desk.complete(rep, planned)

        assert moments(database, planned) == [due_at - MINUTE * 2]

    def test_a_second_time_is_a_conflict(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        planned = desk.plan(rep, desk.customer(owner=rep))
        done = desk.complete(rep, planned)

        with pytest.raises(Conflict) as refused:
            desk.complete(rep, planned)

        assert refused.value.code == "follow_up.done"
        assert done.done_at is not None
        assert refused.value.data == {"done_at": done.done_at.isoformat()}
        assert desk.announced("follow_up.done") == [planned.id]

    def test_of_two_at_once_one_wins_and_the_other_is_told(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        planned = desk.plan(rep, desk.customer(owner=rep))
        together = Barrier(4, timeout=30)

        def complete() -> str:
            together.wait()
            try:
                return desk.complete(rep, planned).state
            except Conflict as refused:
                return refused.code

        with ThreadPoolExecutor(max_workers=4) as people:
            answers = sorted(each.result() for each in [people.submit(complete) for _ in range(4)])

        assert answers == ["done", "follow_up.done", "follow_up.done", "follow_up.done"]
        assert desk.announced("follow_up.done") == [planned.id]

    def test_a_sweep_under_way_does_not_announce_what_was_done_before_it(self, desk: Desk, database: Database) -> None:
        rep = desk.someone(Role.REP)
        planned = desk.plan(rep, desk.customer(owner=rep))

        with calling(rep), database.transaction() as db:
            follow_ups.complete(db, CompleteFollowUp(follow_up_id=planned.id))
            with calling(OURSELVES):
                desk.sweep()

        assert desk.announced("reminder.due") == []

    def test_its_owner_may_though_the_customer_went_to_somebody_else(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        acme = desk.customer(owner=rep)
        planned = desk.plan(rep, acme)
        desk.hand_over(acme, to=desk.someone(Role.REP))

        assert desk.complete(rep, planned).state == "done"

    def test_who_may_edit_the_customer_may_too(self, desk: Desk) -> None:
        rep, successor = desk.someone(Role.REP, department=SALES), desk.someone(Role.REP)
        lead = desk.someone(Role.MANAGER, departments=(SALES,))
        acme = desk.customer(owner=rep)
        first, second = desk.plan(rep, acme), desk.plan(rep, acme)

        assert desk.complete(lead, first).owner.id == rep.user_id
        desk.hand_over(acme, to=successor)
        assert desk.complete(successor, second).state == "done"

    def test_an_api_key_plans_for_others_and_may_complete_what_they_planned(self, desk: Desk) -> None:
        rep, program = desk.someone(Role.REP), desk.someone(Role.INTEGRATION)
        acme = desk.customer(owner=rep)

        assert desk.plan(program, acme).owner.id == rep.user_id
        assert desk.complete(program, desk.plan(rep, acme)).owner.id == rep.user_id

    @pytest.mark.parametrize("role", [Role.REP, Role.AUDITOR])
    def test_who_may_only_look_is_told_so(self, desk: Desk, role: Role) -> None:
        planned = desk.plan(desk.someone(Role.ADMIN), desk.customer(pool_id=POOL))

        with pytest.raises(NotPermitted) as refused:
            desk.complete(desk.someone(role), planned)

        assert refused.value.code == "follow_up.read_only"
        assert desk.announced("follow_up.done") == []

    def test_one_out_of_sight_is_not_found(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        planned = desk.plan(rep, desk.customer(owner=rep))

        with pytest.raises(NotFound, match=r"follow_up\.not_found"):
            desk.complete(desk.someone(Role.REP), planned)


def moments(database: Database, planned: FollowUp) -> list[object]:
    """When the reminders on record come."""
    statement = select(models.Reminder.remind_at).where(models.Reminder.follow_up_id == planned.id)
    with database.transaction() as db:
        return list(db.scalars(statement.order_by(models.Reminder.remind_at)))
