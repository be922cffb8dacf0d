"""The people who work with the suite, and what is announced of them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import EmailStr, Field, StringConstraints

from contracts.base import ABSENT, Event, FactsPage, ListFacts, Message, Request
from contracts.values import Limit, Line, Role, Value

LoginName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,62}$")]


Password = Annotated[str, StringConstraints(min_length=10, max_length=200)]


Language = Literal["en", "zh", "pl"]


class User(Message):
    """A person who works with the CRM."""

    id: UUID
    name: str
    """The login name, unique."""
    full_name: str
    email: str | None
    role: Role
    department_id: UUID | None
    language: Language
    time_zone: str
    active: bool
    version: int
    created_at: datetime
    updated_at: datetime


class UserPage(Message):
    """A page of users, by full name; `total` only when it was asked for."""

    items: list[User]
    next_cursor: str | None
    total: int | None = None


class GetMe(Request[User], to="identity"):
    """The caller's own record."""


class GetUser(Request[User], to="identity", scope="identity:read"):
    """One user. NotFound: user.not_found."""

    user_id: UUID


class ListUsers(Request[UserPage], to="identity", scope="identity:read"):
    """Users by full name; `q` is a fragment of the full name or the login name."""

    q: Line | None = None
    department_id: UUID | None = None
    role: Role | None = None
    active: bool | None = None
    limit: Limit = 50
    cursor: str | None = None
    count: bool = False


class CreateUser(Request[User], to="identity"):
    """Add a person (admin, or the command line). NotPermitted: identity.admins_only.

    Conflict: identity.name_taken. NotFound: department.not_found. InvalidInput: identity.unknown_time_zone,
    identity.role_of_keys (integration: such are API keys).
    Unavailable: identity.busy (too many sign in at once).
    """

    name: LoginName
    full_name: Line
    password: Password | None = None
    """Without one the person can't sign in by password."""
    email: EmailStr | None = None
    role: Role = Role.REP
    department_id: UUID | None = None
    language: Language = "en"
    time_zone: Line = "UTC"
    """An IANA name, e.g. `Asia/Shanghai`."""


class UserChanges(Message):
    """The fields of a user that may change; an absent one stays."""

    full_name: Line = ABSENT
    email: EmailStr | None = None
    role: Role = ABSENT
    department_id: UUID | None = None
    language: Language = ABSENT
    time_zone: Line = ABSENT


class UpdateUser(Request[User], to="identity"):
    """Change a person (admin, or the command line). NotPermitted: identity.admins_only.

    Conflict: version.stale, identity.last_admin (who keeps the role until there is another). NotFound: user.not_found,
    department.not_found. InvalidInput: identity.unknown_time_zone, identity.role_of_keys.
    """

    user_id: UUID
    version: int
    changes: UserChanges


class DeactivateUser(Request[User], to="identity"):
    """Let somebody who leaves sign in no more, and end their sessions (admin, or the command line).

    Their access tokens end within 15 minutes; API keys that they made stay. Announced as user.updated. NotPermitted:
    identity.admins_only. Conflict: identity.last_admin (nobody could administer the suite). NotFound: user.not_found.
    """

    user_id: UUID


class ReactivateUser(Request[User], to="identity"):
    """Let somebody sign in again (admin, or the command line). NotPermitted: identity.admins_only.

    NotFound: user.not_found.
    """

    user_id: UUID


class DescribedUsers(Message):
    """Those of the asked users that exist."""

    items: list[User]


class DescribeUsers(Request[DescribedUsers], to="identity"):
    """Users by id or login name, for services that have not heard of them yet. NotPermitted: auth.services_only."""

    user_ids: Annotated[list[UUID], Field(max_length=500)] = []
    names: Annotated[list[Line], Field(max_length=500)] = []


class UserFacts(Value):
    """What other services keep of a person; `sequence` is that of the person's latest event."""

    id: UUID
    name: str
    full_name: str
    role: Role
    department_id: UUID | None
    language: Language
    time_zone: str
    active: bool
    sequence: int


class UserFactsPage(FactsPage[UserFacts]):
    """A page of the facts of people, by id."""


class ListUserFacts(ListFacts[UserFactsPage], to="identity"):
    """The facts of all people, for services that fill their copies anew. NotPermitted: auth.services_only."""


class UserCreated(Event, type="user.created", subject="user_id"):
    """A person was added."""

    user_id: UUID
    name: str
    """The login name."""
    full_name: str
    role: Role
    department_id: UUID | None
    language: Language
    time_zone: str
    active: bool


class UserUpdated(Event, type="user.updated", subject="user_id"):
    """A person's record changed; carries the whole record and the names of the changed fields."""

    user_id: UUID
    name: str
    """The login name."""
    full_name: str
    role: Role
    department_id: UUID | None
    language: Language
    time_zone: str
    active: bool
    changed: list[str]
