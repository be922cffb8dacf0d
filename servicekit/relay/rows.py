"""The relay's side of the database: one connection that holds the lead, hears of commits, reads and marks rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

import eventlet
import psycopg2
from eventlet.hubs import trampoline
from sqlalchemy.engine import make_url

from servicekit import clock
from servicekit.outbox import CHANNEL
from servicekit.settings import Settings

TRIM_ROWS = 1000
_LEAD_LOCK = 7_411_203_001
"""The advisory lock of the active relay; any number will do that nothing else in these databases uses."""
_INBOX_EXTRA = timedelta(days=1)

# A relay whose machine vanished must lose the lead soon: the server asks after 5 s of silence, three times.
_OPTIONS = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"


class Row(NamedTuple):
    """An event that waits in the outbox."""

    position: int
    id: str
    topic: str
    type: str
    source: str
    occurred_at: datetime
    body: str


class OutboxRows:
    """The connection of a relay. A connection that holds the lead is the only one that marks, so two never mark."""

    def __init__(self, settings: Settings, service: str) -> None:
        url = make_url(settings.database_url_of(service)).set(drivername="postgresql")
        self._limit_seconds = settings.statement_timeout_seconds + 1
        with self._limited(settings.connect_timeout_seconds):
            self._connection = psycopg2.connect(
                url.render_as_string(hide_password=False),
                application_name=f"crm {service} relay",
                options=f"{_OPTIONS} -c statement_timeout={round(settings.statement_timeout_seconds * 1000)}",
            )
        self._connection.autocommit = True
        self._cursor = self._connection.cursor()

    def close(self) -> None:
        """Give the lead back."""
        self._connection.close()

    def take_lead(self) -> bool:
        """Whether this connection is now the active relay's; it then hears of commits too."""
        with self._limited(self._limit_seconds):
            self._cursor.execute("SELECT pg_try_advisory_lock(%s)", (_LEAD_LOCK,))
            taken = self._cursor.fetchone() == (True,)
            if taken:
                self._cursor.execute(f"LISTEN {CHANNEL}")
        return taken

    def unpublished(self, limit: int) -> list[Row]:
        """The oldest rows that wait, in the order they must leave in."""
        with self._limited(self._limit_seconds):
            self._cursor.execute(_UNPUBLISHED, (limit,))
            return [Row(*row) for row in self._cursor.fetchall()]

    def mark_published(self, rows: list[Row]) -> None:
        """The broker has these."""
        with self._limited(self._limit_seconds):
            self._cursor.execute(
                "UPDATE outbox SET published_at = %s WHERE position = ANY(%s)",
                (clock.now(), [row.position for row in rows]),
            )

    def trim(self, outbox_days: int) -> int:
        """Delete some of the rows that nobody needs any more; the larger number of rows that went from a table."""
        oldest = clock.now() - timedelta(days=outbox_days)
        with self._limited(self._limit_seconds):
            self._cursor.execute(_TRIM_OUTBOX, (oldest, TRIM_ROWS))
            from_outbox = self._cursor.rowcount
            self._cursor.execute(_TRIM_INBOX, (oldest - _INBOX_EXTRA, TRIM_ROWS))
            return max(from_outbox, self._cursor.rowcount)

    def wait_for_commit(self, seconds: float) -> bool:
        """Whether somebody committed events meanwhile."""
        if not self._connection.notifies:
            with eventlet.Timeout(seconds, False):
                trampoline(self._connection.fileno(), read=True)
                self._connection.poll()
        heard = bool(self._connection.notifies)
        self._connection.notifies.clear()
        return heard

    @contextmanager
    def _limited(self, seconds: float) -> Iterator[None]:
        # In green mode a server that is connected but silent would be waited for without end.
        with eventlet.Timeout(seconds, psycopg2.OperationalError("the database did not answer")):
            yield


_UNPUBLISHED = """
SELECT position, id::text, topic, type, source, occurred_at, body FROM outbox
WHERE published_at IS NULL ORDER BY position LIMIT %s
"""
_TRIM_OUTBOX = """
DELETE FROM outbox WHERE position IN (
    SELECT position FROM outbox WHERE published_at < %s ORDER BY published_at LIMIT %s
)
"""
_TRIM_INBOX = """
DELETE FROM inbox WHERE (event_id, handler) IN (
    SELECT event_id, handler FROM inbox WHERE processed_at < %s ORDER BY processed_at LIMIT %s
)
"""
