"""Events are in the outbox if and only if their transaction committed, in an order that can be relied on."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import sqlalchemy

from contracts.errors import NotPermitted
from contracts.values import Role
from servicekit import clock
from servicekit.cloudevents import read
from servicekit.context import Work, working
from servicekit.database import new_id
from servicekit.outbox import publish
from servicekit.testing import calling, process_named, user_of
from tests.integration.servicekit.conftest import Rig
from tests.integration.servicekit.things import ThingChanged, ThingCounted

WRITERS = 20


def notes(rig: Rig) -> list[str]:
    """The notes of the events in the outbox, in its order."""
    return [row[0] for row in rig.rows("SELECT body::json->'data'->>'note' FROM outbox ORDER BY position")]


class TestPublish:
    @pytest.fixture(autouse=True)
    def _caller(self) -> Iterator[None]:
        with calling(process_named("tester")):
            yield

    def test_an_event_is_there_once_its_transaction_commits(self, rig: Rig) -> None:
        with rig.database.transaction() as db:
            publish(db, ThingChanged(thing_id=new_id(), note="said"))
            assert notes(rig) == []
        assert notes(rig) == ["said"]

    def test_a_transaction_that_fails_announces_nothing_and_spends_no_sequence(self, rig: Rig) -> None:
        thing = new_id()
        with suppress(ZeroDivisionError), rig.database.transaction() as db:
            publish(db, ThingChanged(thing_id=thing))
            raise ZeroDivisionError
        rig.announce(ThingChanged(thing_id=thing, note="second try"))
        assert notes(rig) == ["second try"]
        assert rig.rows("SELECT sequence FROM outbox") == [(1,)]

    def test_a_session_that_is_used_again_after_a_rollback_has_forgotten(self, rig: Rig) -> None:
        with sqlalchemy.orm.Session(rig.database.engine) as db:
            publish(db, ThingChanged(thing_id=new_id(), note="taken back"))
            db.rollback()
            publish(db, ThingChanged(thing_id=new_id(), note="meant"))
            db.commit()
        assert notes(rig) == ["meant"]

    def test_a_savepoint_that_fails_takes_its_events_along(self, rig: Rig) -> None:
        with rig.database.transaction() as db:
            publish(db, ThingChanged(thing_id=new_id(), note="before"))
            with suppress(ZeroDivisionError), db.begin_nested():
                publish(db, ThingChanged(thing_id=new_id(), note="failed"))
                with db.begin_nested():
                    publish(db, ThingChanged(thing_id=new_id(), note="inside the failed"))
                raise ZeroDivisionError
            with db.begin_nested():
                publish(db, ThingChanged(thing_id=new_id(), note="inside"))
            publish(db, ThingChanged(thing_id=new_id(), note="after"))
        assert notes(rig) == ["before", "inside", "after"]

    def test_events_of_one_transaction_keep_the_order_they_were_published_in(self, rig: Rig) -> None:
        things = [new_id() for _ in range(5)]
        with rig.database.transaction() as db:
            publish(db, *(ThingChanged(thing_id=thing, note=f"{n}") for n in range(4) for thing in reversed(things)))
        assert notes(rig) == [f"{n}" for n in range(4) for _ in things]
        for thing in things:
            found = rig.rows("SELECT sequence FROM outbox WHERE subject = %s ORDER BY position", str(thing))
            assert found == [(1,), (2,), (3,), (4,)]

    def test_each_subject_counts_by_itself(self, rig: Rig) -> None:
        one, other = new_id(), new_id()
        rig.announce(ThingChanged(thing_id=one))
        rig.announce(ThingChanged(thing_id=other), ThingCounted(thing_id=one))
        assert dict(rig.rows("SELECT subject, last FROM outbox_sequence")) == {one: 2, other: 1}

    def test_writers_about_one_subject_get_positions_that_rise_with_their_sequences(self, rig: Rig) -> None:
        thing = new_id()
        with ThreadPoolExecutor(WRITERS) as writers:
            for done in [writers.submit(rig.announce, ThingChanged(thing_id=thing)) for _ in range(10 * WRITERS)]:
                done.result()
        sequences = [row[0] for row in rig.rows("SELECT sequence FROM outbox ORDER BY position")]
        assert sequences == list(range(1, 10 * WRITERS + 1))

    def test_writers_about_the_same_subjects_in_different_orders_never_deadlock(self, rig: Rig) -> None:
        things = [new_id() for _ in range(8)]
        orders = [things, things[::-1], things[4:] + things[:4]]
        with ThreadPoolExecutor(WRITERS) as writers:
            done = [
                writers.submit(rig.announce, *(ThingChanged(thing_id=thing) for thing in orders[n % 3]))
                for n in range(5 * WRITERS)
            ]
            for one in done:
                one.result()
        assert {row[0] for row in rig.rows("SELECT last FROM outbox_sequence")} == {5 * WRITERS}

    def test_any_number_of_events_costs_one_statement(self, rig: Rig) -> None:
        statements: list[str] = []
        with rig.database.transaction() as db:
            sqlalchemy.event.listen(db.connection(), "before_cursor_execute", lambda *call: statements.append(call[2]))
            publish(db, *(ThingChanged(thing_id=new_id()) for _ in range(200)))
        assert len(statements) == 1
        assert rig.rows("SELECT count(*) FROM outbox") == [(200,)]


class TestBody:
    def test_it_tells_who_did_what_when_and_under_which_trace(self, rig: Rig) -> None:
        user, thing = user_of(Role.REP, name="Łucja 王"), new_id()
        trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        before = clock.now()
        with working(Work(caller=user, traceparent=trace)), rig.database.transaction() as db:
            publish(db, ThingChanged(thing_id=thing, note='quote " and \\ and 你好 %s'))
        [(body, event_id)] = rig.rows("SELECT body, id::text FROM outbox")
        event = read(body, {"crm.thing.changed.v1": ThingChanged}).event
        assert event is not None
        assert str(event.id) == event_id
        assert (event.type, event.source, event.subject) == ("crm.thing.changed.v1", "/crm/integration", thing)
        assert (event.actor, event.traceparent, event.sequence) == (user.actor, trace, 1)
        assert before <= event.time <= clock.now()
        assert event.data == ThingChanged(thing_id=thing, note='quote " and \\ and 你好 %s')

    def test_an_event_that_nobody_stands_behind_is_refused(self, rig: Rig) -> None:
        with pytest.raises(NotPermitted), rig.database.transaction() as db:
            publish(db, ThingChanged(thing_id=new_id()))
