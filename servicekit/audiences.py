"""Records that are open to some people only, as a condition on the column that keeps their marks."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import InstrumentedAttribute

from contracts.audiences import marks
from servicekit.context import Caller


def includes(audience: InstrumentedAttribute[list[str]], caller: Caller) -> ColumnElement[bool]:
    """Whether this person is in the audience that a column keeps as marks; an empty one is everybody."""
    everybody: ColumnElement[Any] = func.cardinality(audience) == 0
    return or_(everybody, audience.overlap(marks_borne_by(caller)))


def marks_borne_by(caller: Caller) -> list[str]:
    """The marks of a person; a program bears none."""
    if caller.kind != "user":
        return []
    departments = {caller.department, *caller.departments}
    return marks(users=[UUID(caller.id)], roles=[caller.role], departments=departments)
