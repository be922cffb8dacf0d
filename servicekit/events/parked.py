"""Events that no further attempt is made on by itself: see them, have them tried again, or drop them.

Plain functions over a session of the service's own database, for `crm dead-letters` and for metrics.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, true, update
from sqlalchemy.orm import Session

from contracts.errors import NotFound
from servicekit.messaging_tables import event_retry

_parked = event_retry.c.parked_at.is_not(None)


@dataclass(frozen=True, slots=True)
class Parked:
    """One event that one handler gave up on."""

    event_id: UUID
    handler: str
    source: str
    type: str
    subject: UUID
    sequence: int
    body: str
    attempts: int
    error: str
    """The error of the last attempt, with its traceback."""
    parked_at: datetime


def count_parked(db: Session) -> dict[str, int]:
    """How many there are, by handler."""
    rows = db.execute(select(event_retry.c.handler, func.count()).where(_parked).group_by(event_retry.c.handler))
    return {row[0]: row[1] for row in rows}


def list_parked(db: Session, *, handler: str | None = None, limit: int = 100) -> list[Parked]:
    """The ones that have been parked longest; of one handler, or of all."""
    order = (event_retry.c.parked_at, event_retry.c.event_id, event_retry.c.handler)
    rows = db.execute(_columns().where(_parked, _of(handler)).order_by(*order).limit(limit))
    return [Parked(**row) for row in rows.mappings()]


def show_parked(db: Session, event_id: UUID, *, handler: str) -> Parked:
    """One of them. NotFound: event.not_parked."""
    row = db.execute(_columns().where(_parked, _of(handler), event_retry.c.event_id == event_id)).mappings().first()
    if row is None:
        raise NotFound("event.not_parked", "This event is not parked for this handler.")
    return Parked(**row)


def replay_parked(db: Session, *, handler: str | None = None, event_id: UUID | None = None) -> int:
    """Have these tried again from the first rung of the ladder on; how many there were."""
    again = {"parked_at": None, "attempts": 0, "next_attempt_at": func.now()}
    return _count(db, update(event_retry).where(_parked, _of(handler), _is(event_id)).values(again))


def drop_parked(db: Session, *, handler: str | None = None, event_id: UUID | None = None) -> int:
    """Forget these; how many there were. Their handlers never see them."""
    return _count(db, delete(event_retry).where(_parked, _of(handler), _is(event_id)))


def _columns() -> Any:
    return select(*(event_retry.c[name] for name in Parked.__dataclass_fields__))


def _of(handler: str | None) -> ColumnElement[bool]:
    return true() if handler is None else event_retry.c.handler == handler


def _is(event_id: UUID | None) -> ColumnElement[bool]:
    return true() if event_id is None else event_retry.c.event_id == event_id


def _count(db: Session, statement: Any) -> int:
    return len(db.execute(statement.returning(event_retry.c.event_id)).all())
