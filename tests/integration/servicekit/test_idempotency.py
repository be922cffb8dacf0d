"""What comes of a request that is repeated under one key."""

import threading
from uuid import UUID

import pytest

from contracts.base import Message, Request
from contracts.errors import CallError, Conflict, InvalidInput, NotPermitted
from contracts.values import Role
from servicekit import idempotency
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import calling, user_of
from tests.integration.servicekit.conftest import Rig

ADA, BOB = user_of(Role.REP, name="Ada"), user_of(Role.REP, name="Bob")


class Noted(Message):
    """What was noted."""

    number: int


class Note(Request[Noted], to="probe"):
    """Note something."""

    text: str


class Scribble(Request[Noted], to="probe"):
    """Note something elsewhere."""

    text: str


class Whisper(Request[Noted], to="probe", shown_once=True):
    """Note something and answer with a secret."""

    text: str


class Notebook:
    """A service that notes what it is told, one row a time."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig

    def order(self, request: Request[Noted], *, key: str, caller: Caller = ADA, then: CallError | None = None) -> bytes:
        """One request, with the answer as it would be sent."""

        def work() -> bytes:
            db.connection().exec_driver_sql("INSERT INTO mended (subject) VALUES (%s)", (str(new_id()),))
            if then is not None:
                raise then
            return f"answer {self.rig.service} {new_id()}".encode()

        with calling(caller), self.rig.database.transaction() as db:
            return idempotency.once(db, request, key, work)

    @property
    def notes(self) -> list[UUID]:
        """What was noted."""
        return [row[0] for row in self.rig.rows("SELECT subject FROM mended")]

    def age(self) -> None:
        """Let a day and an hour go by for all that is kept."""
        self.rig.run("UPDATE idempotency_keys SET created_at = created_at - interval '25 hours'")


@pytest.fixture
def notebook(rig: Rig) -> Notebook:
    """An empty one."""
    return Notebook(rig)


class TestOnce:
    def test_a_repeat_is_answered_as_the_first_was_and_does_nothing(self, notebook: Notebook) -> None:
        first = notebook.order(Note(text="once"), key="k")
        assert notebook.order(Note(text="once"), key="k") == first
        assert len(notebook.notes) == 1

    def test_without_a_key_each_request_counts(self, notebook: Notebook) -> None:
        assert notebook.order(Note(text="each"), key="") != notebook.order(Note(text="each"), key="")
        assert len(notebook.notes) == 2

    def test_another_persons_key_is_another_key(self, notebook: Notebook) -> None:
        assert notebook.order(Note(text="mine"), key="k") != notebook.order(Note(text="mine"), key="k", caller=BOB)
        assert len(notebook.notes) == 2

    @pytest.mark.parametrize("other", [Note(text="else"), Scribble(text="first")], ids=["body", "method"])
    def test_the_key_of_another_request_is_refused(self, notebook: Notebook, other: Request[Noted]) -> None:
        notebook.order(Note(text="first"), key="k")
        with pytest.raises(InvalidInput, match=r"idempotency\.key_reused"):
            notebook.order(other, key="k")
        assert len(notebook.notes) == 1

    def test_an_error_leaves_nothing_and_is_tried_anew(self, notebook: Notebook) -> None:
        refusal = NotPermitted("notebook.closed", "Not now.")
        with pytest.raises(NotPermitted, match=r"notebook\.closed"):
            notebook.order(Note(text="late"), key="k", then=refusal)
        assert notebook.notes == []
        notebook.order(Note(text="late"), key="k")
        assert len(notebook.notes) == 1

    def test_a_secret_answer_is_not_kept_but_its_effect_is_not_repeated(self, notebook: Notebook) -> None:
        notebook.order(Whisper(text="hush"), key="k")
        with pytest.raises(Conflict, match=r"idempotency\.answer_not_kept"):
            notebook.order(Whisper(text="hush"), key="k")
        assert len(notebook.notes) == 1
        assert notebook.rig.rows("SELECT reply FROM idempotency_keys") == [(None,)]

    def test_while_the_first_runs_a_repeat_is_told_so_at_once(self, notebook: Notebook) -> None:
        begun, done = threading.Event(), threading.Event()

        def slow() -> bytes:
            begun.set()
            done.wait(30)
            return b"slow"

        def first() -> None:
            with calling(ADA), notebook.rig.database.transaction() as db:
                idempotency.once(db, Note(text="slow"), "k", slow)

        running = threading.Thread(target=first)
        running.start()
        try:
            assert begun.wait(30)
            with pytest.raises(Conflict, match=r"idempotency\.in_progress") as told:
                notebook.order(Note(text="slow"), key="k")
            assert told.value.retry_after is not None
        finally:
            done.set()
            running.join()
        assert notebook.order(Note(text="slow"), key="k") == b"slow"

    def test_a_day_later_the_key_is_free_again(self, notebook: Notebook) -> None:
        first = notebook.order(Note(text="daily"), key="k")
        notebook.age()
        second = notebook.order(Note(text="daily"), key="k")
        assert second != first
        assert notebook.order(Note(text="daily"), key="k") == second


class TestForget:
    def test_only_what_is_past_its_day_is_forgotten(self, notebook: Notebook) -> None:
        notebook.order(Note(text="old"), key="old")
        notebook.age()
        notebook.order(Note(text="new"), key="new")
        with notebook.rig.database.transaction() as db:
            assert idempotency.forget(db) is False
        assert notebook.rig.rows("SELECT count(*) FROM idempotency_keys") == [(1,)]
        notebook.order(Note(text="new"), key="new")
        assert len(notebook.notes) == 2
