"""Parked events are seen, tried again and dropped by those who look after the suite, and by nobody else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from contracts.errors import InvalidInput, NotFound, NotPermitted
from contracts.operations import DropDeadLetter, GetDeadLetter, ListDeadLetters, ReplayDeadLetters
from contracts.values import Role
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.events import dead_letters
from servicekit.testing import calling, process_named, refused, user_of, wait_until
from tests.integration.servicekit.conftest import Rig
from tests.integration.servicekit.things import ThingChanged

Q = TypeVar("Q")
A = TypeVar("A")
OPERATOR = process_named("cli")


@contextmanager
def asking(rig: Rig, caller: Caller = OPERATOR) -> Iterator[Session]:
    """A session of the service, under this caller."""
    with calling(caller), rig.database.transaction() as db:
        yield db


def ask(rig: Rig, answer: Callable[[Session, Q], A], request: Q) -> A:
    """What an operator is answered."""
    with asking(rig) as db:
        return answer(db, request)


TRACEBACK = """Traceback (most recent call last):
  File "pool/operations.py", line 1, in hold
    db.execute(statement)
DataError: as wished

[SQL: SELECT 1]
(A hint of the library's own)
"""


def park(rig: Rig, count: int, *, handler: str = "note_thing") -> list[UUID]:
    """Parked events without a history, the oldest first."""
    ids = [new_id() for _ in range(count)]
    rig.run(
        "INSERT INTO event_retry (event_id, handler, source, type, subject, sequence, body, attempts, error,"
        " next_attempt_at, parked_at) SELECT id, %s, '/crm/things', 'crm.thing.changed.v1', id, 1, '{}', 3, %s,"
        " now(), now() FROM unnest(%s::uuid[]) AS id",
        *(handler, TRACEBACK, [str(each) for each in ids]),
    )
    return ids


class TestListDeadLetters:
    def test_pages_follow_each_other_from_the_oldest_event_on(self, rig: Rig) -> None:
        ids = park(rig, 5)
        first = ask(rig, dead_letters.list_dead_letters, ListDeadLetters(limit=3))
        second = ask(rig, dead_letters.list_dead_letters, ListDeadLetters(limit=3, cursor=first.next_cursor))
        assert [each.event_id for each in (*first.items, *second.items)] == ids
        assert second.next_cursor is None

    def test_it_tells_what_the_error_was_and_not_what_stands_behind_it(self, rig: Rig) -> None:
        park(rig, 1)
        [found] = ask(rig, dead_letters.list_dead_letters, ListDeadLetters()).items
        assert found.error == "DataError: as wished"

    def test_a_handler_or_an_event_can_be_asked_for(self, rig: Rig) -> None:
        [noted] = park(rig, 1)
        [followed] = park(rig, 1, handler="follow_thing")
        by_handler = ask(rig, dead_letters.list_dead_letters, ListDeadLetters(handler="follow_thing"))
        by_event = ask(rig, dead_letters.list_dead_letters, ListDeadLetters(event_id=noted))
        assert [each.event_id for each in by_handler.items] == [followed]
        assert [each.event_id for each in by_event.items] == [noted]

    def test_what_is_still_tried_is_not_among_them(self, rig: Rig) -> None:
        park(rig, 1)
        rig.run("UPDATE event_retry SET parked_at = NULL")
        assert ask(rig, dead_letters.list_dead_letters, ListDeadLetters()).items == []

    def test_a_cursor_of_somebodys_own_making_is_refused(self, rig: Rig) -> None:
        with asking(rig) as db, refused(InvalidInput, "cursor.invalid"):
            dead_letters.list_dead_letters(db, ListDeadLetters(cursor="page 2"))

    @pytest.mark.parametrize("caller", [user_of(Role.MANAGER), user_of(Role.AUDITOR), process_named("pool")])
    def test_it_is_for_operators_only(self, rig: Rig, caller: Caller) -> None:
        with asking(rig, caller) as db, refused(NotPermitted, "operations.operators_only"):
            dead_letters.list_dead_letters(db, ListDeadLetters())

    def test_an_administrator_is_an_operator(self, rig: Rig) -> None:
        with asking(rig, user_of(Role.ADMIN)) as db:
            assert dead_letters.list_dead_letters(db, ListDeadLetters()).items == []


class TestGetDeadLetter:
    def test_it_shows_the_event_and_the_whole_error(self, rig: Rig) -> None:
        rig.started_host()
        thing = new_id()
        rig.announce(ThingChanged(thing_id=thing, wish="refuse"))
        wait_until(lambda: len(rig.parked()) == 1)
        [parked] = rig.parked()
        wanted = GetDeadLetter(event_id=parked.event_id, handler="note_thing")
        found = ask(rig, dead_letters.get_dead_letter, wanted)
        assert found.traceback.startswith("Traceback")
        assert f'"subject":"{thing}"' in found.body.replace(" ", "")

    def test_an_event_that_is_not_parked_is_not_found(self, rig: Rig) -> None:
        with asking(rig) as db, refused(NotFound, "event.not_parked"):
            dead_letters.get_dead_letter(db, GetDeadLetter(event_id=new_id(), handler="note_thing"))


class TestReplayDeadLetters:
    def test_what_is_mended_has_its_effect_and_what_is_not_is_parked_again(self, rig: Rig) -> None:
        rig.started_host()
        mended, bad = new_id(), new_id()
        rig.announce(ThingChanged(thing_id=mended, wish="fail"), ThingChanged(thing_id=bad, wish="refuse"))
        wait_until(lambda: len(rig.parked()) == 2)
        rig.run("INSERT INTO mended VALUES (%s)", str(mended))
        assert ask(rig, dead_letters.replay_dead_letters, ReplayDeadLetters()).count == 2
        wait_until(lambda: rig.effects("note_thing") == [(mended, 1)])
        wait_until(lambda: [event.subject for event in rig.parked()] == [bad])
        assert rig.attempts(bad) == [1, 1]

    def test_a_large_number_goes_in_steps_that_end(self, rig: Rig) -> None:
        park(rig, 501)
        first = ask(rig, dead_letters.replay_dead_letters, ReplayDeadLetters())
        rig.run("UPDATE event_retry SET parked_at = now()")  # all of them fail again at once
        second = ask(rig, dead_letters.replay_dead_letters, ReplayDeadLetters(cursor=first.next_cursor))
        assert (first.count, second.count, second.next_cursor) == (500, 1, None)

    def test_an_event_that_is_not_parked_is_not_found(self, rig: Rig) -> None:
        with asking(rig) as db, refused(NotFound, "event.not_parked"):
            dead_letters.replay_dead_letters(db, ReplayDeadLetters(event_id=new_id()))


class TestDropDeadLetter:
    def test_it_goes_for_one_handler_or_for_all(self, rig: Rig) -> None:
        [event_id] = park(rig, 1)
        rig.run('INSERT INTO event_retry SELECT (json_populate_record(r, \'{"handler": "x"}\')).* FROM event_retry r')
        dropped = ask(rig, dead_letters.drop_dead_letter, DropDeadLetter(event_id=event_id, handler="x"))
        assert (dropped.count, [each.handler for each in rig.parked()]) == (1, ["note_thing"])
        ask(rig, dead_letters.drop_dead_letter, DropDeadLetter(event_id=event_id))
        assert rig.parked() == []

    def test_an_event_that_is_not_parked_is_not_found(self, rig: Rig) -> None:
        with asking(rig) as db, refused(NotFound, "event.not_parked"):
            dead_letters.drop_dead_letter(db, DropDeadLetter(event_id=new_id()))
