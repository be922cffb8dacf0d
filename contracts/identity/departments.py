"""Departments: the tree that people stand in."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import ABSENT, Message, Request
from contracts.values import Line, Value


class Department(Message):
    """A node of the company's tree."""

    id: UUID
    name: str
    parent_id: UUID | None
    manager_id: UUID | None
    version: int


class DepartmentList(Message):
    """All departments; a company has few enough to read at once (at most 2,000)."""

    items: list[Department]


class ListDepartments(Request[DepartmentList], to="identity", scope="identity:read"):
    """The whole tree, by name."""


class GetDepartment(Request[Department], to="identity", scope="identity:read"):
    """One department. NotFound: department.not_found."""

    department_id: UUID


class CreateDepartment(Request[Department], to="identity"):
    """Add a department (admin, or the command line). NotPermitted: identity.admins_only.

    Conflict: identity.department_exists (of that name in the same place), identity.too_many_departments (of 2,000).
    NotFound: department.not_found, user.not_found.
    """

    name: Line
    parent_id: UUID | None = None
    manager_id: UUID | None = None


class DepartmentChanges(Message):
    """The fields of a department that may change; null clears, an absent one stays."""

    name: Line = ABSENT
    parent_id: UUID | None = None
    manager_id: UUID | None = None


class UpdateDepartment(Request[Department], to="identity"):
    """Rename, move or give it a manager (admin, or the command line). NotPermitted: identity.admins_only.

    Conflict: version.stale, identity.department_exists. InvalidInput: identity.department_cycle.
    NotFound: department.not_found, user.not_found.
    """

    department_id: UUID
    version: int
    changes: DepartmentChanges


class PersonManager(Value):
    """A person, and who answers for them."""

    user_id: UUID
    manager_id: UUID | None
    """Who manages their department, or the nearest above it that somebody else manages; null where nobody does."""


class DescribedManagers(Message):
    """Those of the asked people who work or worked here."""

    items: list[PersonManager]


class DescribeManagers(Request[DescribedManagers], to="identity"):
    """Who answers for people, for services that tell them. NotPermitted: auth.services_only."""

    user_ids: Annotated[list[UUID], Field(max_length=500)]
