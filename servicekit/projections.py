"""Keep a copy of another service's record: an event changes it only when it is later than what the copy has seen."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import DeclarativeBase, Session


def project(
    db: Session,
    model: type[DeclarativeBase],
    key: UUID,
    *,
    sequence: Mapping[str, int],
    values: Mapping[str, Any],
) -> bool:
    """Write the values unless a later fact of that source is there already; whether they were written.

    `sequence` names the column that keeps the source's sequence, and the event's: `{"customer_sequence": 7}`. Several
    sources may feed one row, in any order: each has its own column, and the columns of the others need defaults (0 for
    their sequences).
    """
    table = model.__table__
    written = insert(model).values(id=key, **sequence, **values)
    later = or_(*(table.c[column] < written.excluded[column] for column in sequence))
    applied = db.execute(
        written.on_conflict_do_update(
            index_elements=["id"], set_={name: written.excluded[name] for name in (*sequence, *values)}, where=later
        ).returning(table.c["id"])
    )
    return applied.first() is not None
