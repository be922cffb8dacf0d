"""Recording a touch: who may, what is kept, what is announced, and the next touch planned with it."""

from collections.abc import Callable
from datetime import timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from contracts.errors import InvalidInput, NotFound, NotPermitted
from contracts.values import Role
from servicekit import clock
from servicekit.database import new_id
from servicekit.testing import process_named
from tests.integration.activity.desk import Desk

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SALES, SUPPORT = new_id(), new_id()
POOL = new_id()

Holder = Callable[[Desk], dict[str, Any]]


def colleague_in(department: UUID) -> Holder:
    """A customer whose owner is somebody of this department."""
    return lambda desk: {"owner": desk.someone(Role.REP, department=department)}


def pooled(_desk: Desk) -> dict[str, Any]:
    """A customer that waits in a pool."""
    return {"pool_id": POOL}


class TestLog:
    def test_the_answer_says_what_was_recorded_and_by_whom(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP, name="Rita Reed")
        acme = desk.customer(owner=rep, name="Acme")
        before = clock.now()

        logged = desk.log(
            rep,
            acme,
            kind="call",
            direction="out",
            duration_minutes=12,
            content="Asked for the budget.",
            outcome="interested",
        )

        assert logged.customer.model_dump() == {"id": acme, "name": "Acme"}
        assert logged.owner.model_dump() == {"id": rep.user_id, "name": "Rita Reed"}
        assert (logged.kind, logged.direction, logged.duration_minutes) == ("call", "out", 12)
        assert (logged.content, logged.outcome) == ("Asked for the budget.", "interested")
        assert before <= logged.occurred_at == logged.created_at == logged.updated_at <= clock.now()
        assert not logged.back_dated
        assert logged.version == 1
        assert logged.next_follow_up is None
        assert desk.activities(rep) == [logged]

    def test_it_is_announced(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        logged = desk.log(rep, desk.customer(owner=rep), kind="visit", occurred_at=clock.now() - DAY)

        event = desk.announcement("activity.logged", logged.id)

        assert event["actor"] == f"user:{rep.id}"
        assert event["data"]["kind"] == "visit"
        assert event["data"]["back_dated"] is True
        assert event["data"]["customer_id"] == str(logged.customer.id)
        assert event["data"]["owner_id"] == rep.id

    def test_the_next_touch_is_planned_with_it(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP, name="Rita Reed")
        acme = desk.customer(owner=rep, name="Acme")
        due_at = clock.now() + 3 * DAY

        logged = desk.log(rep, acme, next_follow_up={"due_at": due_at, "note": "Send the quote"})

        planned = logged.next_follow_up
        assert planned is not None
        assert (planned.customer, planned.owner) == (logged.customer, logged.owner)
        assert (planned.due_at, planned.note, planned.state) == (due_at, "Send the quote", "planned")
        assert planned.remind_before_minutes == [0, 1440]
        assert desk.follow_ups(rep) == [planned]
        assert desk.announcement("follow_up.scheduled", planned.id)["data"]["owner_id"] == rep.id

    def test_neither_stays_when_the_next_touch_is_refused(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        acme = desk.customer(owner=rep)

        with pytest.raises(InvalidInput) as refused:
            desk.log(rep, acme, next_follow_up={"due_at": "2200-01-01T00:00:00Z"})

        assert [fault.field for fault in refused.value.fields] == ["next_follow_up.due_at"]
        assert desk.activities(rep) == []
        assert desk.announced("activity.logged") == []

    def test_the_future_is_refused_beyond_a_minute(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        acme = desk.customer(owner=rep)

        desk.log(rep, acme, occurred_at=clock.now() + timedelta(seconds=50))
        with pytest.raises(InvalidInput) as refused:
            desk.log(rep, acme, occurred_at=clock.now() + timedelta(seconds=70))

        assert refused.value.code == "activity.in_future"
        assert len(desk.activities(rep)) == 1

    def test_the_past_is_marked_beyond_an_hour(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        acme = desk.customer(owner=rep)

        assert not desk.log(rep, acme, occurred_at=clock.now() - HOUR + timedelta(minutes=1)).back_dated
        assert desk.log(rep, acme, occurred_at=clock.now() - HOUR - timedelta(minutes=1)).back_dated

    def test_times_come_back_in_utc(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        told = (clock.now() - DAY).astimezone(timezone(timedelta(hours=8)))

        logged = desk.log(rep, desk.customer(owner=rep), occurred_at=told)

        assert logged.occurred_at == told
        assert logged.occurred_at.utcoffset() == timedelta()

    @pytest.mark.parametrize(
        ("role", "holder"),
        [
            (Role.MANAGER, colleague_in(SALES)),
            (Role.MANAGER, pooled),
            (Role.ADMIN, colleague_in(SUPPORT)),
            (Role.ADMIN, pooled),
        ],
    )
    def test_managers_and_admins_record_beyond_their_own_customers(
        self, desk: Desk, role: Role, holder: Holder
    ) -> None:
        caller = desk.someone(role, departments=(SALES,))

        logged = desk.log(caller, desk.customer(**holder(desk)))

        assert logged.owner.id == caller.user_id

    def test_an_api_key_records_what_a_person_did(self, desk: Desk) -> None:
        owner, caller = desk.someone(Role.REP), desk.someone(Role.REP)
        program, acme, free = desk.someone(Role.INTEGRATION), desk.customer(owner=owner), desk.customer(pool_id=POOL)

        assert desk.log(program, acme).owner.id == owner.user_id
        following = {"due_at": clock.now(), "note": "Call back"}
        logged = desk.log(program, free, owner_id=caller.user_id, next_follow_up=following)

        assert logged.owner.id == caller.user_id
        assert logged.next_follow_up is not None
        assert logged.next_follow_up.owner.id == caller.user_id
        with pytest.raises(InvalidInput, match=r"owner\.required"):
            desk.log(program, free)

    @pytest.mark.parametrize(
        ("role", "holder"),
        [
            (Role.REP, pooled),
            (Role.AUDITOR, pooled),
            (Role.AUDITOR, colleague_in(SALES)),
        ],
    )
    def test_who_may_only_look_is_told_so(self, desk: Desk, role: Role, holder: Holder) -> None:
        customer_id = desk.customer(**holder(desk))

        with pytest.raises(NotPermitted) as refused:
            desk.log(desk.someone(role), customer_id)

        assert refused.value.code == "customer.read_only"
        assert desk.announced("activity.logged") == []

    @pytest.mark.parametrize(("role", "department"), [(Role.REP, SALES), (Role.MANAGER, SUPPORT)])
    def test_a_customer_out_of_sight_is_not_found(self, desk: Desk, role: Role, department: UUID) -> None:
        customer_id = desk.customer(**colleague_in(department)(desk))

        with pytest.raises(NotFound) as refused:
            desk.log(desk.someone(role, department=SALES, departments=(SALES,)), customer_id)

        assert refused.value.code == "customer.not_found"

    def test_a_service_records_no_touches(self, desk: Desk) -> None:
        customer_id = desk.customer(pool_id=POOL)

        with pytest.raises(NotPermitted) as refused:
            desk.log(process_named("pool"), customer_id)

        assert refused.value.code == "auth.users_only"
