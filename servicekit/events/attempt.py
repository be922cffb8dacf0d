"""One attempt at handling: inbox and effects in one transaction, and what becomes of a failure."""

import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.orm import Session

from contracts.base import Received
from contracts.errors import InvalidInput
from servicekit import clock, context, tracing
from servicekit.cloudevents import Incoming
from servicekit.events import retries
from servicekit.events.inbox import admit, admit_again
from servicekit.logging import get_logger
from servicekit.metrics import EVENT_LAG, EVENTS_HANDLED
from servicekit.runtime import Runtime

log = get_logger(__name__)

_HANDLER_SECONDS = 30


class HasSession(Protocol):
    """A service, as far as its handlers' wrappers know it."""

    db: Session


Method = Callable[[Any, list[Received[Any]]], None]
"""A handler, as the service method that gets the events."""


@dataclass(frozen=True)
class Attempts:
    """How a process of a service makes attempts with one handler."""

    runtime: Runtime
    handler: str

    def deliver(self, service: HasSession, method: Method, incoming: Sequence[Incoming]) -> None:
        """Work on what the broker delivered; a batch that fails is done one by one.

        When this returns, each event has had its effect or stands in the retry table. Raises what kept it from that.
        """
        try:
            self._first(service, method, incoming)
        except Exception as error:
            if len(incoming) == 1:
                self._failed(incoming[0], error, attempts=1)
                return
        else:
            return
        for one in incoming:
            self.deliver(service, method, [one])

    def retry(self, service: HasSession, method: Method, incoming: Incoming, *, attempt: int) -> None:
        """Work on what is due once more. Raises what kept it from recording how that went."""
        try:
            if attempt > len(self._ladder) + 1:
                raise _NeverMends("its last attempts ended with the process that made them")
            events = []
            with self._transaction(service, incoming) as db:
                if admit_again(db, self.handler, incoming):
                    events = _contents([incoming])
                    method(service, events)
                retries.settle(db, self.handler, str(incoming.id))
            self._count_done(events)
        except Exception as error:
            self._failed(incoming, error, attempts=attempt)

    def _first(self, service: HasSession, method: Method, incoming: Sequence[Incoming]) -> None:
        events = []
        with self._transaction(service, incoming[0]) as db:
            by_id = {each.id: each for each in incoming}
            fresh, behind = admit(db, self.handler, list(by_id.values()))
            for event_id in behind:
                retries.wait_behind(db, self.handler, by_id[event_id])
            if fresh:
                events = _contents([each for each in by_id.values() if each.id in fresh])
                method(service, events)
        self._count_done(events)

    @contextmanager
    def _transaction(self, service: HasSession, incoming: Incoming) -> Iterator[Session]:
        work = self.runtime.own_work(
            seconds=_HANDLER_SECONDS, request_id=str(incoming.id), traceparent=incoming.traceparent
        )
        with (
            context.working(work),
            tracing.span(f"handle {incoming.type}"),
            self.runtime.database.transaction() as service.db,
        ):
            yield service.db

    def _count_done(self, events: Sequence[Received[Any]]) -> None:
        now = clock.now()
        for event in events:
            EVENTS_HANDLED.labels(self.handler, "done").inc()
            EVENT_LAG.labels(self.handler).observe(max(0.0, (now - event.time).total_seconds()))

    def _failed(self, incoming: Incoming, error: Exception, *, attempts: int) -> None:
        hopeless = isinstance(error, _NeverMends | InvalidInput) or attempts > len(self._ladder)
        wait_seconds = None if hopeless else self._ladder[attempts - 1]
        with self.runtime.database.transaction() as db:
            retries.record_failure(
                db,
                self.handler,
                incoming,
                error="".join(traceback.format_exception(error)),
                attempts=attempts,
                wait_seconds=wait_seconds,
            )
        EVENTS_HANDLED.labels(self.handler, "parked" if hopeless else "put_off").inc()
        log.warning(
            "event parked" if hopeless else "event put off",
            event_id=str(incoming.id),
            type=incoming.type,
            handler=self.handler,
            attempts=attempts,
            wait_seconds=wait_seconds,
            error=type(error).__name__,
        )

    @property
    def _ladder(self) -> tuple[float, ...]:
        return self.runtime.settings.event_retry_seconds


class _NeverMends(Exception):
    """The event can't be handled however often it is tried."""


def _contents(incoming: Sequence[Incoming]) -> list[Received[Any]]:
    contents = []
    for each in incoming:
        if each.event is None:
            raise _NeverMends(each.fault)
        contents.append(each.event)
    return contents
