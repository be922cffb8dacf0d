"""The decisions about touches, follow-ups and reminders: pure functions over plain values."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.errors import InvalidInput, fault
from contracts.values import Role

CLOCK_TOLERANCE = timedelta(minutes=1)
"""How far ahead of now a touch may lie: the clocks of people's machines are not exact."""
BACK_DATED_AFTER = timedelta(hours=1)
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Moments outside are slips of the hand, and near the ends of the calendar time zones can't be reckoned with."""

_READERS_OF_ALL = frozenset({Role.ADMIN, Role.AUDITOR, Role.INTEGRATION})
_EDITORS = frozenset({Role.REP, Role.MANAGER, Role.ADMIN, Role.INTEGRATION})
_EDITORS_OF_ALL = frozenset({Role.ADMIN, Role.INTEGRATION})


def moment(value: datetime, field: str) -> datetime:
    """The moment in UTC. InvalidInput: time.out_of_range."""
    if not EARLIEST <= value < LATEST:
        message = f"This must lie between the years {EARLIEST.year} and {LATEST.year}."
        raise fault(field, "time.out_of_range", message)
    return value.astimezone(UTC)


def occurrence(occurred_at: datetime | None, now: datetime) -> datetime:
    """When a touch happened: now unless said otherwise. InvalidInput: activity.in_future."""
    if occurred_at is None:
        return now
    happened = moment(occurred_at, "occurred_at")
    if happened > now + CLOCK_TOLERANCE:
        raise fault("occurred_at", "activity.in_future", "An activity can't be recorded before it happens.")
    return happened


def is_back_dated(occurred_at: datetime, now: datetime) -> bool:
    """Whether a touch that is recorded now happened too long ago to count as told at once."""
    return now - occurred_at > BACK_DATED_AFTER


def coming_reminders(due_at: datetime, before_minutes: Iterable[int], now: datetime) -> list[int]:
    """The reminders still to come, each once, in minutes before `due_at`; the due moment itself always stays."""
    return sorted(minutes for minutes in set(before_minutes) if minutes == 0 or remind_at(due_at, minutes) >= now)


def remind_at(due_at: datetime, minutes: int) -> datetime:
    """The moment of the reminder that comes so many minutes before `due_at`."""
    return due_at - timedelta(minutes=minutes)


def reads_all(role: str) -> bool:
    """Whether this role sees every record, whoever holds it."""
    return role in _READERS_OF_ALL


def may_edit_customer(
    role: str,
    *,
    person_id: UUID,
    departments: Collection[UUID],
    owner_id: UUID | None,
    owner_department: UUID | None,
    pool_id: UUID | None,
    editors: Collection[UUID],
) -> bool:
    """Whether a person or program of this role may edit a customer.

    `departments` are those a manager answers for, `editors` with whom the customer is shared to be edited.
    """
    if role in _EDITORS_OF_ALL:
        return True
    if role in _EDITORS and person_id in editors:
        return True
    if role == Role.MANAGER:
        return owner_id == person_id or owner_department in departments or pool_id is not None
    return role == Role.REP and owner_id == person_id


def may_complete(role: str, *, person_id: UUID, owner_id: UUID, edits_customer: bool) -> bool:
    """Whether a person may mark a follow-up as done: their own, or one of a customer that they may edit."""
    return role in _EDITORS and (owner_id == person_id or edits_customer)


def owner_of_new(role: str, *, person_id: UUID, named: UUID | None, customer_owner: UUID | None) -> UUID:
    """Whose a new touch or follow-up is: a person's own; an API key owns nothing, so it is somebody else's.

    InvalidInput: owner.not_yours, owner.required.
    """
    if role != Role.INTEGRATION:
        if named not in (None, person_id):
            raise fault("owner_id", "owner.not_yours", "What you record is yours; only an API key names somebody else.")
        return person_id
    owner_id = named or customer_owner
    if owner_id is None:
        message = "An API key owns nothing and nobody holds this customer: give owner_id."
        raise fault("owner_id", "owner.required", message)
    return owner_id


def unknown_owner() -> InvalidInput:
    """The refusal of an owner who is not there, or has left."""
    return fault("owner_id", "owner.unknown", "There is no such active user.")
