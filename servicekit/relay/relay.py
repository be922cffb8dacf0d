"""Publishes what the outbox holds, in order, for as long as the process lives."""

import time
from contextlib import closing
from typing import Any

import eventlet
import psycopg2

from servicekit import amqp
from servicekit.logging import get_logger
from servicekit.relay.publisher import NotPublished, Publisher
from servicekit.relay.rows import TRIM_ROWS, OutboxRows
from servicekit.runtime import Runtime

log = get_logger(__name__)

BATCH = 500
_STANDBY_SECONDS = 1.0
_POLL_SECONDS = 1.0
_SLICE_SECONDS = 0.2
_TRIM_SECONDS = 60.0
_STOP_SECONDS = 3.0
_BACK_OFF_SECONDS = (0.1, 0.5, 1, 2)


class Relay:
    """Stands by until it is the database's active relay, then publishes; takes turns again after any failure."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._wanted = False
        self._active = False
        self._thread: Any = None

    def start(self) -> None:
        """Begin; returns at once."""
        self._wanted = True
        self._thread = eventlet.spawn(self._run)

    def stop(self) -> None:
        """Publish what is committed already, within a few seconds, and end."""
        self._wanted = False
        if self._active:
            with eventlet.Timeout(_STOP_SECONDS, False):
                self._thread.wait()
        if self._thread is not None:
            self._thread.kill()

    def _run(self) -> None:
        failures = 0
        while self._wanted:
            try:
                with closing(OutboxRows(self._runtime.settings, self._runtime.service)) as rows:
                    self._stand_by(rows)
                    with closing(Publisher(self._runtime.settings.amqp_url)) as publisher:
                        log.info("relay is active")
                        self._active = True
                        failures = 0
                        self._relay(rows, publisher)
            except (NotPublished, psycopg2.Error, *amqp.LOST, OSError) as error:
                log.warning("relay begins anew", error=repr(error))
            except Exception:
                log.exception("relay failed")
            finally:
                self._active = False
            if self._wanted:
                eventlet.sleep(_BACK_OFF_SECONDS[min(failures, len(_BACK_OFF_SECONDS) - 1)])
                failures += 1

    def _stand_by(self, rows: OutboxRows) -> None:
        while not rows.take_lead():
            eventlet.sleep(_STANDBY_SECONDS)

    def _relay(self, rows: OutboxRows, publisher: Publisher) -> None:
        trim_at = 0.0
        while True:
            last_round = not self._wanted
            more = publisher.is_open and self._publish_batch(rows, publisher)
            if time.monotonic() >= trim_at:
                trimmed = rows.trim(self._runtime.settings.outbox_days)
                trim_at = time.monotonic() + (0 if trimmed == TRIM_ROWS else _TRIM_SECONDS)
            if more:
                continue
            if last_round:
                return
            self._wait(rows, publisher)

    def _publish_batch(self, rows: OutboxRows, publisher: Publisher) -> bool:
        """Whether there may be more to publish at once."""
        batch = rows.unpublished(BATCH)
        if batch:
            publisher.send(batch)
            rows.mark_published(batch)
        return len(batch) == BATCH

    def _wait(self, rows: OutboxRows, publisher: Publisher) -> None:
        """Until rows were committed, the broker is back, it is time to look anyway, or a stop is asked for."""
        was_open = publisher.is_open
        until = time.monotonic() + _POLL_SECONDS
        while self._wanted and publisher.is_open is was_open and time.monotonic() < until:
            if rows.wait_for_commit(_SLICE_SECONDS) and was_open:
                return
