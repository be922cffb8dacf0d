"""Reading touches: one, lists page by page, and the 360 view's part; nobody sees what they may not."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from contracts.activity import (
    ActivityKind,
    CustomerActivity,
    GetActivity,
    GetCustomerActivity,
    GetFollowUp,
    ListActivities,
    ListFollowUps,
)
from contracts.audiences import Audience
from contracts.errors import InvalidInput, NotFound, NotPermitted
from contracts.pool.pools import PoolCreated
from contracts.values import Role
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import Database, new_id
from servicekit.testing import process_named, refused
from services.activity.operations import activities, follow_ups, known
from tests.integration.activity.desk import Desk

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SALES, SUPPORT, POOL = new_id(), new_id(), new_id()


class House:
    """Two teams with a rep each, what they hold, and one touch and one follow-up on every customer."""

    def __init__(self, desk: Desk) -> None:
        self.rep = desk.someone(Role.REP, department=SALES)
        self.other_rep = desk.someone(Role.REP, department=SUPPORT)
        self.admin = desk.someone(Role.ADMIN)
        self.customers = {
            "held by the rep": desk.customer(owner=self.rep),
            "held by the other rep": desk.customer(owner=self.other_rep),
            "pooled": desk.customer(pool_id=POOL),
        }
        self.touches = {each: desk.log(self.admin, customer).id for each, customer in self.customers.items()}
        self.plans = {each: desk.plan(self.admin, customer).id for each, customer in self.customers.items()}

    def caller(self, desk: Desk, role: Role) -> Caller:
        """The rep of the first team, or somebody else of this role who stands over that team."""
        return self.rep if role is Role.REP else desk.someone(role, departments=(SALES,))


EVERYTHING = {"held by the rep", "held by the other rep", "pooled"}
SEEN = [
    (Role.REP, {"held by the rep", "pooled"}),
    (Role.MANAGER, {"held by the rep", "pooled"}),
    (Role.ADMIN, EVERYTHING),
    (Role.AUDITOR, EVERYTHING),
    (Role.INTEGRATION, EVERYTHING),
]


class TestClosedPool:
    @pytest.mark.parametrize("role", [Role.REP, Role.MANAGER])
    def test_what_is_done_with_its_customers_is_hidden_from_whom_it_is_closed_to(self, desk: Desk, role: Role) -> None:
        pool, admin, outsider = new_id(), desk.someone(Role.ADMIN), desk.someone(role, department=SALES)
        insider = desk.someone(role, department=SUPPORT, departments=(SUPPORT,) if role is Role.MANAGER else ())
        customer_id = desk.customer(pool_id=pool)
        touch = desk.log(admin, customer_id)
        assert touch in desk.activities(outsider, customer_id=customer_id)

        closed = PoolCreated(pool_id=pool, name="Support's", open_to=Audience(departments=[SUPPORT]))
        desk.hear(known.keep_pool, closed)

        assert desk.activities(outsider, customer_id=customer_id) == []
        with refused(NotFound, "activity.not_found"):
            desk.ask(outsider, activities.get, GetActivity(activity_id=touch.id))
        with refused(NotFound, "customer.not_found"):
            desk.log(outsider, customer_id)
        assert desk.activities(insider, customer_id=customer_id) == [touch]

    def test_a_manager_who_is_let_in_to_read_records_nothing_there(self, desk: Desk) -> None:
        pool, outsider = new_id(), desk.someone(Role.MANAGER, departments=(SALES,))
        customer_id = desk.customer(pool_id=pool)
        desk.hear(known.keep_pool, PoolCreated(pool_id=pool, name="S", open_to=Audience(departments=[SUPPORT])))
        desk.share(customer_id, read=outsider)
        with refused(NotPermitted, "customer.read_only"):
            desk.log(outsider, customer_id)


class TestGet:
    @pytest.mark.parametrize(("role", "seen"), SEEN)
    def test_shows_what_the_role_may_see_and_hides_that_there_is_more(
        self, desk: Desk, role: Role, seen: set[str]
    ) -> None:
        house = House(desk)
        caller = house.caller(desk, role)

        for name, touch in house.touches.items():
            if name in seen:
                assert desk.ask(caller, activities.get, GetActivity(activity_id=touch)).id == touch
            else:
                with pytest.raises(NotFound, match=r"activity\.not_found"):
                    desk.ask(caller, activities.get, GetActivity(activity_id=touch))

    def test_one_that_never_was_is_not_found(self, desk: Desk) -> None:
        with pytest.raises(NotFound, match=r"activity\.not_found"):
            desk.ask(desk.someone(Role.ADMIN), activities.get, GetActivity(activity_id=new_id()))


class TestListActivities:
    @pytest.mark.parametrize(("role", "seen"), SEEN)
    def test_holds_what_the_role_may_see(self, desk: Desk, role: Role, seen: set[str]) -> None:
        house = House(desk)

        found = {each.id for each in desk.activities(house.caller(desk, role))}

        assert found == {house.touches[name] for name in seen}

    def test_ones_own_stay_in_sight_when_the_customer_is_gone(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        acme = desk.customer(owner=rep)
        logged, planned = desk.log(rep, acme), desk.plan(rep, acme)
        desk.hand_over(acme, to=desk.someone(Role.REP))

        assert [each.id for each in desk.activities(rep)] == [logged.id]
        assert [each.id for each in desk.follow_ups(rep)] == [planned.id]

    def test_filters_narrow_it(self, desk: Desk) -> None:
        rep, admin = desk.someone(Role.REP), desk.someone(Role.ADMIN)
        acme, brill = desk.customer(owner=rep), desk.customer(owner=rep)
        call, visit = desk.log(rep, acme, kind="call"), desk.log(rep, brill, kind="visit")
        note = desk.log(admin, acme, kind="note")

        def ids(**fields: Any) -> set[UUID]:
            return {each.id for each in desk.activities(admin, **fields)}

        assert ids() == {call.id, visit.id, note.id}
        assert ids(customer_id=acme) == {call.id, note.id}
        assert ids(owner_id=rep.user_id) == {call.id, visit.id}
        assert ids(owner_id="me") == {note.id}
        assert ids(kind=ActivityKind.VISIT) == {visit.id}
        assert ids(customer_id=acme, owner_id=rep.user_id, kind="call") == {call.id}
        assert ids(customer_id=new_id()) == set()

    def test_it_can_be_of_a_stretch_of_time(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        acme, now = desk.customer(owner=rep), clock.now()
        today, yesterday, before = (desk.log(rep, acme, occurred_at=now - DAY * days) for days in (0, 1, 2))

        def ids(**fields: Any) -> list[UUID]:
            return [each.id for each in desk.activities(rep, **fields)]

        assert ids(occurred_since=now - DAY) == [today.id, yesterday.id]
        assert ids(occurred_until=now - DAY) == [before.id]
        assert ids(occurred_since=now - DAY, occurred_until=now) == [yesterday.id]
        assert ids(updated_since=before.updated_at) == [before.id]

    def test_it_is_counted_when_asked(self, desk: Desk) -> None:
        house = House(desk)

        def total(**asked: Any) -> int | None:
            return desk.ask(house.rep, activities.list_activities, ListActivities(limit=1, **asked)).total

        assert (total(), total(count=True), total(count=True, kind="visit")) == (None, 2, 0)

    def test_pages_come_latest_first_and_miss_nothing_while_more_is_logged(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        acme = desk.customer(owner=rep)
        now = clock.now()
        # Two at each moment: the id decides between them.
        logged = [desk.log(rep, acme, occurred_at=now - MINUTE * (each // 2)) for each in range(7)]
        expected = sorted(logged, key=lambda each: (each.occurred_at, each.id), reverse=True)

        seen, cursor = [], None
        while True:
            request = ListActivities(limit=3, cursor=cursor)
            page = desk.ask(rep, activities.list_activities, request)
            desk.log(rep, acme, occurred_at=now + MINUTE / 2)
            seen += page.items
            cursor = page.next_cursor
            if cursor is None:
                break

        assert [each.id for each in seen] == [each.id for each in expected]

    def test_a_cursor_that_the_list_never_gave_is_refused(self, desk: Desk) -> None:
        with pytest.raises(InvalidInput, match=r"cursor\.invalid"):
            desk.activities(desk.someone(Role.REP), cursor="nonsense")

    def test_a_service_has_no_list_of_its_own(self, desk: Desk) -> None:
        with pytest.raises(NotPermitted, match=r"auth\.users_only"):
            desk.activities(process_named("pool"))


class TestListFollowUps:
    @pytest.mark.parametrize(("role", "seen"), SEEN)
    def test_holds_what_the_role_may_see(self, desk: Desk, role: Role, seen: set[str]) -> None:
        house = House(desk)

        found = {each.id for each in desk.follow_ups(house.caller(desk, role))}

        assert found == {house.plans[name] for name in seen}

    def test_filters_narrow_it(self, desk: Desk) -> None:
        rep, admin = desk.someone(Role.REP), desk.someone(Role.ADMIN)
        acme, brill = desk.customer(owner=rep), desk.customer(owner=rep)
        waiting, done = desk.plan(rep, acme), desk.plan(rep, acme)
        desk.complete(rep, done)
        other = desk.plan(admin, brill)

        def ids(**fields: Any) -> set[UUID]:
            return {each.id for each in desk.follow_ups(admin, **fields)}

        assert ids() == {waiting.id, done.id, other.id}
        assert ids(state="planned") == {waiting.id, other.id}
        assert ids(state="done") == {done.id}
        assert ids(customer_id=acme) == {waiting.id, done.id}
        assert ids(owner_id="me") == {other.id}
        assert ids(owner_id=rep.user_id, state="planned") == {waiting.id}

    def test_it_can_be_of_a_stretch_of_time(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        acme, now = desk.customer(owner=rep), clock.now()
        today, tomorrow, later = (desk.plan(rep, acme, due_at=now + DAY * days) for days in range(3))

        def ids(**fields: Any) -> list[UUID]:
            return [each.id for each in desk.follow_ups(rep, **fields)]

        assert ids(due_since=now + DAY) == [tomorrow.id, later.id]
        assert ids(due_until=now + DAY) == [today.id]
        assert ids(due_since=now + DAY, due_until=now + DAY * 2) == [tomorrow.id]

    def test_it_is_counted_when_asked(self, desk: Desk) -> None:
        house = House(desk)

        def total(**asked: Any) -> int | None:
            return desk.ask(house.rep, follow_ups.list_follow_ups, ListFollowUps(limit=1, **asked)).total

        assert (total(), total(count=True), total(count=True, state="done")) == (None, 2, 0)

    def test_pages_come_soonest_first(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        acme = desk.customer(owner=rep)
        now = clock.now()
        planned = [desk.plan(rep, acme, due_at=now + DAY * (each % 3)) for each in range(5)]
        expected = sorted(planned, key=lambda each: (each.due_at, each.id))

        first = desk.ask(rep, follow_ups.list_follow_ups, ListFollowUps(limit=3))
        second = desk.ask(rep, follow_ups.list_follow_ups, ListFollowUps(limit=3, cursor=first.next_cursor))

        assert [each.id for each in first.items + second.items] == [each.id for each in expected]
        assert second.next_cursor is None


class TestGetFollowUp:
    @pytest.mark.parametrize(("role", "seen"), SEEN)
    def test_shows_what_the_role_may_see_and_hides_that_there_is_more(
        self, desk: Desk, role: Role, seen: set[str]
    ) -> None:
        house = House(desk)
        caller = house.caller(desk, role)

        for name, plan in house.plans.items():
            if name in seen:
                assert desk.ask(caller, follow_ups.get_follow_up, GetFollowUp(follow_up_id=plan)).id == plan
            else:
                with pytest.raises(NotFound, match=r"follow_up\.not_found"):
                    desk.ask(caller, follow_ups.get_follow_up, GetFollowUp(follow_up_id=plan))


class TestCustomerActivity:
    def test_shows_the_latest_touches_and_the_next_plans(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP, name="Rita Reed")
        acme = desk.customer(owner=rep, name="Acme")
        now = clock.now()
        logged = [desk.log(rep, acme, occurred_at=now - DAY * each) for each in range(12)]
        planned = [desk.plan(rep, acme, due_at=now + DAY * each) for each in range(7)]
        desk.complete(rep, planned[0])
        desk.log(rep, desk.customer(owner=rep))

        view = view_of(desk, rep, acme)

        assert view.latest == logged[:10]
        assert view.next_follow_ups == planned[1:6]
        assert view.last_touch_at == now
        assert view.count == 12

    def test_a_customer_nobody_has_touched_has_an_empty_one(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)

        view = view_of(desk, rep, desk.customer(owner=rep))

        assert view == CustomerActivity(latest=[], next_follow_ups=[], last_touch_at=None, count=0)

    @pytest.mark.parametrize(("role", "seen"), SEEN)
    def test_only_of_customers_that_the_role_may_see(self, desk: Desk, role: Role, seen: set[str]) -> None:
        house = House(desk)
        caller = house.caller(desk, role)

        for name, customer_id in house.customers.items():
            if name in seen:
                assert view_of(desk, caller, customer_id).count == 1
            else:
                with pytest.raises(NotFound, match=r"customer\.not_found"):
                    view_of(desk, caller, customer_id)

    def test_costs_at_most_four_statements(self, desk: Desk, database: Database) -> None:
        rep = desk.someone(Role.REP)
        acme = desk.customer(owner=rep)
        for each in range(11):
            desk.log(rep, acme, next_follow_up={"due_at": clock.now() + DAY * each})

        with statements(database) as executed:
            view_of(desk, rep, acme)

        assert len(executed) <= 4


def view_of(desk: Desk, caller: Caller, customer_id: UUID) -> CustomerActivity:
    """The 360 view's part."""
    return desk.ask(caller, activities.customer_activity, GetCustomerActivity(customer_id=customer_id))


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """What is executed on the database meanwhile."""
    executed: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        executed.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield executed
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
