"""Pages by key: each page begins where the last one ended, so that rows which come or go never shift it."""

import base64
import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVarTuple
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import Row, Select, func, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from contracts.errors import fault

Columns = TypeVarTuple("Columns")
Key = InstrumentedAttribute[Any]

_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")


def _moment(text: str) -> datetime:
    # In UTC, because PostgreSQL does not take every offset that Python takes.
    return datetime.fromisoformat(text).astimezone(UTC)


def _text(text: str) -> str:
    if "\x00" in text:
        raise ValueError("no column holds this")
    return text


def _number(text: str) -> Decimal:
    # Python also takes what PostgreSQL does not, such as numbers of a million digits.
    if not _NUMBER.fullmatch(text):
        raise ValueError("no column holds this")
    return Decimal(text)


_READ: dict[type, Callable[[str], Any]] = {
    datetime: _moment,
    date: date.fromisoformat,
    UUID: UUID,
    Decimal: _number,
    int: int,
    str: _text,
}


def page(
    db: Session, statement: Select[*Columns], *keys: Key, limit: int, cursor: str | None, descending: bool = False
) -> tuple[Sequence[Row[*Columns]], str | None]:
    """One page of a statement in the order of `keys` (the last one unique), and the cursor of the next page.

    The statement must select the entities that have the keys, none of which may be null. InvalidInput: cursor.invalid.
    """
    if cursor is not None:
        after = _decode(cursor, keys, order=_order(keys, descending=descending))
        statement = statement.where(tuple_(*keys) < after if descending else tuple_(*keys) > after)
    sorted_by = [key.desc() if descending else key.asc() for key in keys]
    rows = db.execute(statement.order_by(*sorted_by).limit(limit + 1)).all()
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], _encode(rows[limit - 1], keys, order=_order(keys, descending=descending))


def total(db: Session, statement: Select[*Columns]) -> int:
    """How many rows all pages of a statement have together."""
    return db.scalar(statement.with_only_columns(func.count(), maintain_column_froms=True)) or 0


def _encode(row: Sequence[Any], keys: Sequence[Key], *, order: str) -> str:
    values = [getattr(_holder(row, key), key.key) for key in keys]
    text = [value.isoformat() if isinstance(value, date) else str(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps([order, *text]).encode()).decode().rstrip("=")


def _holder(row: Sequence[Any], key: Key) -> Any:
    """The entity of a row that has this key."""
    return next(each for each in row if type(each) is key.class_)


def _order(keys: Sequence[Key], *, descending: bool) -> str:
    """What a cursor says of the list it belongs to, so that another order refuses it; `-` means descending."""
    return ("-" if descending else "") + ",".join(key.key for key in keys)


def _decode(cursor: str, keys: Sequence[Key], *, order: str) -> tuple[Any, ...]:
    try:
        # This parser refuses deep nesting and half characters too, which a cursor of somebody's own making may have.
        given = from_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        named, *values = given
        if named != order or not all(isinstance(value, str) for value in values):
            raise ValueError("not a cursor of this list")
        return tuple(_READ[key.type.python_type](value) for key, value in zip(keys, values, strict=True))
    except (ValueError, TypeError, KeyError, OverflowError):
        raise fault("cursor", "cursor.invalid", "This cursor is not one that the list gave.") from None
