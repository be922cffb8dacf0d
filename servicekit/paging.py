"""Pages by key: each page begins where the last one ended, so that rows which come or go never shift it."""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVarTuple
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import Row, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from contracts.errors import fault

Columns = TypeVarTuple("Columns")
Key = InstrumentedAttribute[Any]


def _moment(text: str) -> datetime:
    # In UTC, because PostgreSQL does not take every offset that Python takes.
    return datetime.fromisoformat(text).astimezone(UTC)


def _text(text: str) -> str:
    if "\x00" in text:
        raise ValueError("no column holds this")
    return text


_READ: dict[type, Callable[[str], Any]] = {
    datetime: _moment,
    date: date.fromisoformat,
    UUID: UUID,
    int: int,
    str: _text,
}


def page(
    db: Session, statement: Select[*Columns], *keys: Key, limit: int, cursor: str | None, descending: bool = False
) -> tuple[Sequence[Row[*Columns]], str | None]:
    """One page of a statement in the order of `keys` (the last one unique), and the cursor of the next page.

    The statement must select the key columns or the entity that has them. InvalidInput: cursor.invalid.
    """
    if cursor is not None:
        after = _decode(cursor, keys)
        statement = statement.where(tuple_(*keys) < after if descending else tuple_(*keys) > after)
    order = [key.desc() if descending else key.asc() for key in keys]
    rows = db.execute(statement.order_by(*order).limit(limit + 1)).all()
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], _encode(rows[limit - 1], keys)


def _encode(row: Sequence[Any], keys: Sequence[Key]) -> str:
    values = [getattr(row[0], key.key) for key in keys]
    text = [value.isoformat() if isinstance(value, date) else str(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps([_order(keys), *text]).encode()).decode().rstrip("=")


def _order(keys: Sequence[Key]) -> str:
    """What a cursor says of the list it belongs to, so that another order refuses it."""
    return ",".join(key.key for key in keys)


def _decode(cursor: str, keys: Sequence[Key]) -> tuple[Any, ...]:
    try:
        # This parser refuses deep nesting and half characters too, which a cursor of somebody's own making may have.
        given = from_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        order, *values = given
        if order != _order(keys) or not all(isinstance(value, str) for value in values):
            raise ValueError("not a cursor of this list")
        return tuple(_READ[key.type.python_type](value) for key, value in zip(keys, values, strict=True))
    except (ValueError, TypeError, KeyError, OverflowError):
        raise fault("cursor", "cursor.invalid", "This cursor is not one that the list gave.") from None
