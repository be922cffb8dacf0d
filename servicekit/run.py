"""`python -m servicekit.run pool` hosts a service: start-up wait, nameko container, outbox relay, drain on SIGTERM."""

# The standard library must be patched before anything else is imported.
# ruff: noqa: I001
import servicekit.patched  # noqa: F401

import os
import signal
import sys
from typing import Any

import eventlet
from eventlet.event import Event
from nameko.containers import ServiceContainer

from servicekit import clock, logging, metrics, rpc, tracing
from servicekit.relay import Relay
from servicekit.rpc.line import Line
from servicekit.runtime import Runtime
from servicekit.service import Service, find
from servicekit.settings import Settings, load
from servicekit.telemetry import Telemetry
from servicekit.waiting import wait_for_broker, wait_for_database

log = logging.get_logger(__name__)


class Host:
    """One process of one service, from start to drained stop."""

    def __init__(self, service: type[Service], settings: Settings) -> None:
        self.runtime = Runtime(service.name, settings, Line(settings, service.name))
        self._container = ServiceContainer(service, self.runtime.nameko_config())
        self._relay = Relay(self.runtime)
        self._telemetry: Telemetry | None = None

    def start(self) -> None:
        """Serve. Raises SystemExit when the broker does not take the process in."""
        settings = self.runtime.settings
        rpc.use(self.runtime.line, self.runtime.signer.system_token)
        self.runtime.verifier.load()
        tracing.start(self.runtime.service, settings)
        metrics.watch(self.runtime.database)
        self._container.start()
        self.runtime.line.start()
        if not self.runtime.line.wait_open(settings.start_wait_seconds):
            raise SystemExit("The broker does not take this service in; see the log.")
        self._relay.start()
        if settings.telemetry_port is not None:
            checks = {"broker": lambda: self.runtime.line.is_open, "database": self._database_answers}
            self._telemetry = Telemetry(settings.host, settings.telemetry_port, checks)
        port = self._telemetry.port if self._telemetry else None
        log.info("service started", service=self.runtime.service, telemetry_port=port, settings=settings.public())

    def wait(self) -> None:
        """Until stopped; raises what killed the container."""
        self._container.wait()

    def stop(self) -> None:
        """Take in nothing more, finish what is in hand, send what it published, hang up."""
        self._container.stop()
        self._relay.stop()
        self.runtime.line.close()
        if self._telemetry:
            self._telemetry.stop()
        self.runtime.database.close()
        log.info("service stopped", service=self.runtime.service)

    def _database_answers(self) -> bool:
        try:
            with self.runtime.database.transaction() as db:
                db.connection().exec_driver_sql("SELECT 1")
        except Exception:
            return False
        return True


def stop_on_signals(stop: Event, grace_seconds: float) -> None:
    """On SIGTERM or SIGINT ask for a stop, and end the process the hard way if that is not over in time."""

    def ask(_signal: int, _frame: Any) -> None:
        if not stop.ready():
            # A handler of our own: the first process of a container is spared what signals do by default.
            signal.signal(signal.SIGALRM, lambda _signal, _frame: os._exit(1))
            signal.setitimer(signal.ITIMER_REAL, grace_seconds)
            eventlet.spawn_n(_send_once, stop)

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)


def end_on_signals() -> None:
    """Until the process has begun to serve there is nothing to finish: end at once."""
    signal.signal(signal.SIGTERM, lambda _signal, _frame: os._exit(0))


def _send_once(event: Event) -> None:
    if not event.ready():
        event.send(None)


def run(service: type[Service]) -> None:
    """Host this service until a signal comes; ends the process."""
    settings = load(Settings)
    logging.configure(service.name, settings.log_level)
    if settings.test_clock:
        clock.share(settings.test_clock_file)
    end_on_signals()
    wait_for_database(settings)
    wait_for_broker(settings)
    host = Host(service, settings)
    stop = Event()
    stop_on_signals(stop, settings.grace_seconds)
    host.start()
    failed = eventlet.spawn(host.wait)
    failed.link(lambda _thread: _send_once(stop))
    stop.wait()
    host.stop()
    _exit(failed)


def _exit(container: Any) -> None:
    # What still runs is a hub with nothing to do; a plain exit would wait for stray threads of libraries.
    code = 0
    try:
        with eventlet.Timeout(1, False):
            container.wait()
    except Exception:
        log.exception("service failed")
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    run(find(sys.argv[1]))
