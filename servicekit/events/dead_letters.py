"""Events that no further attempt is made on by itself: see them, have them tried again, or drop them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from contracts.errors import NotFound, fault
from contracts.operations import (
    DeadLetter,
    DeadLetterDetails,
    DeadLetterPage,
    DropDeadLetter,
    DroppedDeadLetters,
    GetDeadLetter,
    ListDeadLetters,
    ReplayDeadLetters,
    ReplayedDeadLetters,
)
from servicekit.messaging_tables import event_retry
from servicekit.operators import require_operator

_AT_ONCE = 500
_LONGEST_LINE = 300
# Ids rise with time, so this is the order in which things happened.
_KEY = (event_retry.c.event_id, event_retry.c.handler)


def list_dead_letters(db: Session, request: ListDeadLetters) -> DeadLetterPage:
    """A page of them, the oldest event first."""
    require_operator()
    wanted = _parked(event_id=request.event_id, handler=request.handler, cursor=request.cursor)
    rows = db.execute(select(event_retry).where(*wanted).order_by(*_KEY).limit(request.limit + 1)).mappings().all()
    items = [DeadLetter(**_columns(row)) for row in rows[: request.limit]]
    more = len(rows) > request.limit
    return DeadLetterPage(items=items, next_cursor=_cursor(items[-1].event_id, items[-1].handler) if more else None)


def get_dead_letter(db: Session, request: GetDeadLetter) -> DeadLetterDetails:
    """One of them."""
    require_operator()
    wanted = _parked(event_id=request.event_id, handler=request.handler)
    row = db.execute(select(event_retry).where(*wanted)).mappings().one_or_none()
    if row is None:
        raise _not_parked()
    return DeadLetterDetails(**_columns(row), traceback=row["error"], body=row["body"])


def replay_dead_letters(db: Session, request: ReplayDeadLetters) -> ReplayedDeadLetters:
    """Have some tried again from the first rung of the ladder on."""
    require_operator()
    wanted = _parked(event_id=request.event_id, handler=request.handler, cursor=request.cursor)
    locked = select(*_KEY).where(*wanted).order_by(*_KEY).limit(_AT_ONCE).with_for_update()
    keys = [(event_id, handler) for event_id, handler in db.execute(locked)]
    if request.event_id is not None and not keys:
        raise _not_parked()
    again = {"parked_at": None, "attempts": 0, "next_attempt_at": func.now()}
    db.execute(update(event_retry).where(tuple_(*_KEY).in_(keys)).values(again))
    return ReplayedDeadLetters(count=len(keys), next_cursor=_cursor(*keys[-1]) if len(keys) == _AT_ONCE else None)


def drop_dead_letter(db: Session, request: DropDeadLetter) -> DroppedDeadLetters:
    """Forget one; its handlers never see it."""
    require_operator()
    wanted = _parked(event_id=request.event_id, handler=request.handler)
    dropped = db.execute(delete(event_retry).where(*wanted).returning(event_retry.c.handler)).all()
    if not dropped:
        raise _not_parked()
    return DroppedDeadLetters(count=len(dropped))


def _parked(
    *, event_id: UUID | None = None, handler: str | None = None, cursor: str | None = None
) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [event_retry.c.parked_at.is_not(None)]
    if event_id is not None:
        wanted.append(event_retry.c.event_id == event_id)
    if handler is not None:
        wanted.append(event_retry.c.handler == handler)
    if cursor is not None:
        wanted.append(tuple_(*_KEY) > _place(cursor))
    return wanted


def _columns(row: Mapping[Any, Any]) -> dict[str, Any]:
    columns = {name: row[name] for name in DeadLetter.model_fields}
    return columns | {"error": _headline(row["error"])}


def _headline(error: str) -> str:
    """What a traceback comes to: the first line behind its last frame; further ones may be a query and hints."""
    _, found, behind = error.rpartition('\n  File "')
    lines = behind.splitlines()[1 if found else 0 :]
    return next((line for line in lines if line and not line.startswith(" ")), "")[:_LONGEST_LINE]


def _cursor(event_id: UUID, handler: str) -> str:
    return f"{event_id}.{handler}"


def _place(cursor: str) -> tuple[UUID, str]:
    event_id, _, handler = cursor.partition(".")
    try:
        return UUID(event_id), handler
    except ValueError:
        raise fault("cursor", "cursor.invalid", "This cursor is not one that the list gave.") from None


def _not_parked() -> NotFound:
    return NotFound("event.not_parked", "This event is not parked here.")
