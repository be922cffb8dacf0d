"""Segments: saved filters over customers, evaluated whenever they are asked for."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import ABSENT, Message, Request
from contracts.customer.conditions import Rule
from contracts.customer.customers import CustomerPage
from contracts.values import Limit, Line, Role, UserRef, Value

Roles = Annotated[list[Role], Field(max_length=len(Role))]


class Segment(Message):
    """A saved filter; seen by its owner, admins, auditors and the roles that it is shared with."""

    id: UUID
    name: str
    rule: Rule
    shared_with: list[Role]
    """Empty for a private one."""
    owner: UserRef
    version: int
    created_at: datetime
    updated_at: datetime


class SegmentRef(Value):
    """A segment as other records name it."""

    id: UUID
    name: str


class SegmentPage(Message):
    """A page of segments, by name; `total` only when it was asked for."""

    items: list[Segment]
    next_cursor: str | None
    total: int | None = None


class ListSegments(Request[SegmentPage], to="customer"):
    """The segments that the caller sees."""

    limit: Limit = 50
    cursor: str | None = None
    count: bool = False


class GetSegment(Request[Segment], to="customer"):
    """One segment. NotFound: segment.not_found (also for one that the caller does not see)."""

    segment_id: UUID


class CreateSegment(Request[Segment], to="customer"):
    """Save a filter over customers.

    NotPermitted: segment.writers_only (auditors). Conflict: segment.too_many (of 100 per owner). InvalidInput:
    condition.unknown_field (or one hidden from the caller), condition.wrong_op, condition.invalid_value,
    condition.too_many (of 50), condition.too_deep.
    """

    name: Line
    rule: Rule
    shared_with: Roles = []


class SegmentChanges(Message):
    """Fields to change, as a merge patch; a rule is replaced as a whole."""

    name: Line = ABSENT
    rule: Rule = ABSENT
    shared_with: Roles = ABSENT


class UpdateSegment(Request[Segment], to="customer"):
    """Change a segment; its owner and admins may.

    Conflict: version.stale. NotFound: segment.not_found. NotPermitted: segment.owners_only. InvalidInput:
    condition.unknown_field, condition.wrong_op, condition.invalid_value, condition.too_many, condition.too_deep.
    """

    segment_id: UUID
    version: int
    changes: SegmentChanges


class RemovedSegment(Message):
    """The id of the segment that is gone."""

    id: UUID


class RemoveSegment(Request[RemovedSegment], to="customer"):
    """Remove a segment; its owner and admins may.

    Conflict: version.stale. NotFound: segment.not_found. NotPermitted: segment.owners_only.
    """

    segment_id: UUID
    version: int


class ListSegmentMembers(Request[CustomerPage], to="customer"):
    """The customers in a segment now, those of them that the caller sees, by name. NotFound: segment.not_found.

    Conflict: segment.outdated (it asks for a custom field that was renamed or became another type).
    """

    segment_id: UUID
    limit: Limit = 50
    cursor: str | None = None
    count: bool = False
