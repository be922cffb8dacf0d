"""Pages by key: each page begins where the last one ended, so that rows which come or go never shift it."""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import Row, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from contracts.errors import fault

Columns = TypeVarTuple("Columns")
Key = InstrumentedAttribute[Any]

_READ: dict[type, Callable[[str], Any]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    UUID: UUID,
    int: int,
    str: str,
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
    return base64.urlsafe_b64encode(json.dumps(text).encode()).decode().rstrip("=")


def _decode(cursor: str, keys: Sequence[Key]) -> tuple[Any, ...]:
    try:
        text = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if len(text) != len(keys):
            raise ValueError("another list's cursor")
        return tuple(_READ[key.type.python_type](value) for key, value in zip(keys, text, strict=True))
    except (ValueError, TypeError, KeyError):
        raise fault("cursor", "cursor.invalid", "This cursor is not one that the list gave.") from None
