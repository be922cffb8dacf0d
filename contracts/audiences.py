"""Whom a record is open to, where that is not everybody."""

from collections.abc import Collection, Iterable
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.values import Role, Value


class Audience(Value):
    """Who belongs to one of these departments, has one of these roles or is one of these users; none named: everybody.

    A manager belongs to each department that they answer for. Departments below a named one are named themselves.
    """

    departments: Annotated[list[UUID], Field(max_length=200)] = []
    roles: Annotated[list[Role], Field(max_length=len(Role))] = []
    users: Annotated[list[UUID], Field(max_length=200)] = []


def marks_of(audience: Audience, always: Iterable[UUID] = ()) -> list[str]:
    """An audience as marks, each of which lets in who bears it; empty for everybody. `always` are users let in too."""
    named = marks(users=audience.users, roles=audience.roles, departments=audience.departments)
    return sorted({*named, *marks(users=always)}) if named else []


def marks(
    *, users: Iterable[UUID] = (), roles: Iterable[str] = (), departments: Collection[UUID | None] = ()
) -> list[str]:
    """The marks that people bear: their own, their role's and their departments'."""
    return [
        *(f"user:{each}" for each in users),
        *(f"role:{each}" for each in roles),
        *(f"department:{each}" for each in departments if each is not None),
    ]
