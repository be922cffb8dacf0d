"""A service for tests: its handlers fare as the event wishes, and leave rows that show what they did."""

import os
import signal
from pathlib import Path

import eventlet

from contracts.base import Received
from contracts.errors import InvalidInput
from servicekit import context
from servicekit.events import on, on_batch
from servicekit.service import Service
from tests.integration.servicekit.things import ThingChanged, ThingCounted


class Probe(Service):
    """Keeps what its handlers did in a table without keys, where a second effect would show."""

    name = os.environ.get("PROBE_NAME", "probe")

    @on(ThingChanged)
    def note_thing(self, event: Received[ThingChanged]) -> None:
        """Fare as wished, then leave an effect."""
        self._fare(event)
        self._leave("note_thing", event)

    @on(ThingChanged, ThingCounted)
    def follow_thing(self, event: Received[ThingChanged] | Received[ThingCounted]) -> None:
        """Leave an effect."""
        self._leave("follow_thing", event)

    @on_batch(ThingCounted, size=50)
    def index_things(self, events: list[Received[ThingCounted]]) -> None:
        """Leave an effect for each."""
        for event in events:
            if event.data.wish == "refuse":
                raise InvalidInput("thing.bad", "as wished")
            self._leave("index_things", event)

    def _leave(self, handler: str, event: Received[ThingChanged] | Received[ThingCounted]) -> None:
        self.db.connection().exec_driver_sql(
            "INSERT INTO effect (handler, event_id, subject, sequence, caller, transaction)"
            " VALUES (%s, %s, %s, %s, %s, pg_current_xact_id())",
            (handler, str(event.id), str(event.subject), event.sequence, context.caller().id),
        )

    def _fare(self, event: Received[ThingChanged]) -> None:
        attempts = self._count_attempt(event)
        wish, _, argument = event.data.wish.partition(" ")
        match wish:
            case "sleep":
                eventlet.sleep(float(argument))
            case "fail" if argument == "then die" and attempts > 1 and not self._mended(event):
                os.kill(os.getpid(), signal.SIGKILL)
            case "fail" if not self._mended(event):
                raise RuntimeError("as wished")
            case "gibber":
                raise RuntimeError("before the end\x00\ud800" + "x" * 5000 + "the end")
            case "refuse":
                raise InvalidInput("thing.bad", "as wished")

    def _count_attempt(self, event: Received[ThingChanged]) -> int:
        # In a file, because a failure rolls back what is in the database.
        log = Path(os.environ["PROBE_ATTEMPTS"])
        with log.open("a") as attempts:
            attempts.write(f"{event.subject} {event.sequence}\n")
        return log.read_text().count(str(event.subject))

    def _mended(self, event: Received[ThingChanged]) -> bool:
        found = self.db.connection().exec_driver_sql("SELECT FROM mended WHERE subject = %s", (str(event.subject),))
        return found.first() is not None
