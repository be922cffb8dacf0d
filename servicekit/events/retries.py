"""Events that a handler failed on: put off rung by rung, claimed when their time has come, parked at the end."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from servicekit.cloudevents import Incoming

_LEASE_SECONDS = 60
"""How long a claimed event is left alone; longer than a handler's deadline."""
_LONGEST_ERROR = 16_000
"""Its end is kept: a traceback says there what went wrong."""


class Claimed(NamedTuple):
    """An event whose next attempt is due, and which attempt that is."""

    event_id: str
    handler: str
    body: str
    attempt: int


def record_failure(
    db: Session, handler: str, incoming: Incoming, *, error: str, attempts: int, wait_seconds: float | None
) -> None:
    """After so many attempts: try again in `wait_seconds`; None parks it."""
    values = _values(handler, incoming) | {
        "error": _storable(error),
        "attempts": attempts,
        "wait": wait_seconds,
    }
    db.connection().exec_driver_sql(_RECORD, values)


def wait_behind(db: Session, handler: str, incoming: Incoming) -> None:
    """Let it wait until no earlier event of its subject does; nothing to do when it waits already."""
    db.connection().exec_driver_sql(_WAIT_BEHIND, _values(handler, incoming))


def claim(db: Session, handlers: Sequence[str]) -> Claimed | None:
    """The next one that is due for any of these handlers; put off meanwhile, so that no other process takes it."""
    row = db.connection().exec_driver_sql(_CLAIM, {"handlers": list(handlers), "lease": _LEASE_SECONDS}).first()
    return Claimed(*row) if row else None


def settle(db: Session, handler: str, event_id: str) -> None:
    """It has had its effect."""
    db.connection().exec_driver_sql("DELETE FROM event_retry WHERE event_id = %s AND handler = %s", (event_id, handler))


def park(db: Session, handler: str, event_id: str, *, error: str) -> None:
    """No further attempts by itself."""
    db.connection().exec_driver_sql(
        "UPDATE event_retry SET parked_at = now(), error = %s WHERE event_id = %s AND handler = %s",
        (error, event_id, handler),
    )


def _storable(error: str) -> str:
    """The end, where the error itself stands, without what the column can't hold: a failure must always be recorded."""
    return error[-_LONGEST_ERROR:].encode(errors="replace").decode().replace("\x00", "")


def _values(handler: str, incoming: Incoming) -> dict[str, object]:
    return {
        "id": str(incoming.id),
        "handler": handler,
        "source": incoming.source,
        "type": incoming.type,
        "subject": str(incoming.subject),
        "sequence": incoming.sequence,
        "body": incoming.body,
    }


_RECORD = """
INSERT INTO event_retry (event_id, handler, source, type, subject, sequence, body, attempts, error,
    next_attempt_at, parked_at)
VALUES (%(id)s, %(handler)s, %(source)s, %(type)s, %(subject)s, %(sequence)s, %(body)s, %(attempts)s, %(error)s,
    now() + make_interval(secs => coalesce(%(wait)s, 0)), CASE WHEN %(wait)s IS NULL THEN now() END)
ON CONFLICT (event_id, handler) DO UPDATE SET attempts = excluded.attempts, error = excluded.error,
    next_attempt_at = excluded.next_attempt_at, parked_at = excluded.parked_at
"""
_WAIT_BEHIND = """
INSERT INTO event_retry (event_id, handler, source, type, subject, sequence, body, attempts, error, next_attempt_at)
VALUES (%(id)s, %(handler)s, %(source)s, %(type)s, %(subject)s, %(sequence)s, %(body)s, 0,
    'waits behind an earlier event of its subject', now())
ON CONFLICT DO NOTHING
"""
_CLAIM = """
WITH due AS (
    SELECT event_id, handler FROM event_retry AS waiting
    WHERE handler = ANY(%(handlers)s) AND parked_at IS NULL AND next_attempt_at <= now() AND NOT EXISTS (
        SELECT FROM event_retry AS earlier
        WHERE earlier.handler = waiting.handler AND earlier.subject = waiting.subject
            AND earlier.source = waiting.source AND earlier.sequence < waiting.sequence AND earlier.parked_at IS NULL
    )
    ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE event_retry AS claimed
SET attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => %(lease)s)
FROM due WHERE claimed.event_id = due.event_id AND claimed.handler = due.handler
RETURNING claimed.event_id::text, claimed.handler, claimed.body, claimed.attempts
"""
