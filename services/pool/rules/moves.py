"""A stretch of holding: how it begins, ends, and who may be asked for it."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Move(StrEnum):
    """How a stretch of holding begins, and so how the one before it ended."""

    CREATED = "created"
    CLAIMED = "claimed"
    RELEASED = "released"
    TRANSFERRED = "transferred"
    RECLAIMED = "reclaimed"
    ASSIGNED = "assigned"
    UNMERGED = "unmerged"


class Held(NamedTuple):
    """A customer's present stretch: exactly one of owner and pool is set."""

    customer_id: UUID
    customer_name: str
    number: int
    owner_id: UUID | None
    pool_id: UUID | None
    since: datetime
    began: str


def moved_at(now: datetime, since: datetime) -> datetime:
    """When a stretch ends: now, but never before it began, for the clocks of two machines may differ."""
    return max(now, since)
