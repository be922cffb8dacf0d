"""A customer that may be the same as another one, with the evidence."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.values import Moment, PoolRef, UserRef, Value

Score = Annotated[int, Field(ge=0, le=100)]


class Reason(StrEnum):
    """What two customers have in common."""

    PHONE = "phone"
    EMAIL = "email"
    REGISTRATION_NUMBER = "registration_number"
    WEBSITE = "website"
    """The host, unless many companies have pages there."""
    NAME = "name"
    """Alike once writing, legal form, place and trade are taken away; not always letter for letter."""


class DuplicateMatch(Value):
    """A customer that may be the same: who holds it and when it was last followed up are told to everybody."""

    customer_id: UUID
    name: str | None
    """None where the caller may not see the customer."""
    score: Score
    """100 for the same phone, e-mail or registration number; from 80 on it is probable."""
    matched_on: list[Reason]
    held_by: UserRef | None
    pool: PoolRef | None
    last_follow_up_at: Moment | None
    """When somebody last was in touch; None if nobody was yet."""
