"""Work that comes round by itself: `@every(seconds)` on a service's method.

Every replica has its timers, so a sweep claims its rows with SKIP LOCKED. Each round is one transaction under the
service's own name. A method that returns True has more to do and runs again at once; an error waits for the next round.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import eventlet
from eventlet.event import Event
from nameko.extensions import Entrypoint

from contracts.errors import Unavailable
from servicekit import context
from servicekit.logging import get_logger
from servicekit.runtime import Runtime, runtime_of

log = get_logger(__name__)

Round = Callable[[Any], bool]


def every(seconds: float) -> Callable[[Round], Round]:
    """Run the decorated method every so many seconds of the machine's time."""

    def decorate(method: Round) -> Round:
        @wraps(method)
        def worker(service: Any, runtime: Runtime) -> bool:
            service.runtime = runtime
            try:
                with context.working(runtime.own_work()), runtime.database.transaction() as service.db:
                    return method(service)
            except Unavailable as error:
                log.warning("timer postponed", timer=method.__name__, reason=error.code)
            except Exception:
                log.exception("timer failed", timer=method.__name__)
            return False

        decorated: Round = Every.decorator(seconds)(worker)
        return decorated

    return decorate


class Every(Entrypoint):
    """The nameko entrypoint behind `@every`."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._stopped = Event()

    def start(self) -> None:
        """Begin the rounds."""
        self.container.spawn_managed_thread(self._rounds, identifier=f"every {self.method_name}")

    def stop(self) -> None:
        """Begin no more rounds; one under way finishes as a worker."""
        if not self._stopped.ready():
            self._stopped.send(None)

    def _rounds(self) -> None:
        runtime = runtime_of(self.container)
        while not self._stopped.ready():
            with eventlet.Timeout(self._seconds, False):
                self._stopped.wait()
            again = True
            while again and not self._stopped.ready():
                again = self._round(runtime)

    def _round(self, runtime: Runtime) -> bool:
        done = Event()

        def finish(_worker: Any, result: Any, failure: Any) -> tuple[Any, Any]:
            done.send(bool(result))
            return result, failure

        self.container.spawn_worker(self, (runtime,), {}, handle_result=finish)
        return bool(done.wait())
