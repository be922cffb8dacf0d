"""Makes the attempts that are due: every process of a service looks, and claims one row at a time."""

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import eventlet
from eventlet.event import Event
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import SharedExtension

from servicekit.cloudevents import Unreadable, read
from servicekit.events import retries
from servicekit.events.attempt import HasSession, Method
from servicekit.events.retries import Claimed
from servicekit.logging import get_logger
from servicekit.metrics import EVENTS_HANDLED
from servicekit.runtime import runtime_of

if TYPE_CHECKING:
    from servicekit.events.handler import Handler

log = get_logger(__name__)

_LOOK_SECONDS = 0.5
_AT_ONCE = 4
_AT_ONCE_PER_HANDLER = 2
"""A handler whose attempts are slow leaves room for those of the others."""


class Retrier(SharedExtension):
    """Shared by all handlers of a container."""

    def __init__(self) -> None:
        super().__init__()
        self._handlers: dict[str, Handler] = {}
        self._running: Counter[str] = Counter()
        self._woken = Event()
        self._stopping = False
        self._away = False

    def setup(self) -> None:
        """Know the process."""
        self._runtime = runtime_of(self.container)

    def register(self, handler: "Handler") -> None:
        """Know a handler."""
        self._handlers[handler.method_name] = handler

    def start(self) -> None:
        """Begin to look."""
        self.container.spawn_managed_thread(self._look, identifier="event retries")

    def stop_intake(self) -> None:
        """Claim nothing more."""
        self._stopping = True
        self._wake()

    def _look(self) -> None:
        while not self._stopping:
            self._woken = Event()
            try:
                claimed = self._claim()
                self._away = False
            except Exception as error:
                claimed = None
                if not self._away:
                    log.warning("retries wait", error=type(error).__name__)
                self._away = True
            if claimed is not None:
                self._begin(self._handlers[claimed.handler], claimed)
            else:
                with eventlet.Timeout(_LOOK_SECONDS, False):
                    self._woken.wait()

    def _claim(self) -> Claimed | None:
        free = [name for name in self._handlers if self._running[name] < _AT_ONCE_PER_HANDLER]
        if not free or self._running.total() >= _AT_ONCE:
            return None
        with self._runtime.database.transaction() as db:
            return retries.claim(db, free)

    def _begin(self, handler: "Handler", claimed: Claimed) -> None:
        self._running[claimed.handler] += 1
        try:
            self.container.spawn_worker(
                *(handler, (partial(self._work, handler, claimed),), {}),
                handle_result=partial(self._finish, claimed),
            )
        except ContainerBeingKilled:
            self._stopping = True

    def _work(self, handler: "Handler", claimed: Claimed, service: HasSession, method: Method) -> None:
        try:
            incoming = read(claimed.body, handler.known)
            handler.attempts.retry(service, method, incoming, attempt=claimed.attempt)
        except Unreadable as error:
            with self._runtime.database.transaction() as db:
                retries.park(db, claimed.handler, claimed.event_id, error=str(error))
            EVENTS_HANDLED.labels(claimed.handler, "parked").inc()
        except Exception as error:
            # The claim runs out by itself, and somebody will try again.
            log.warning(
                "retry interrupted", handler=claimed.handler, event_id=claimed.event_id, error=type(error).__name__
            )

    def _finish(self, claimed: Claimed, _worker: Any, result: Any, failure: Any) -> tuple[Any, Any]:
        self._running[claimed.handler] -= 1
        self._wake()
        return result, failure

    def _wake(self) -> None:
        if not self._woken.ready():
            self._woken.send(None)
