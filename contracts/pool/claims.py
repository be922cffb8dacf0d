"""Claims: what reps take out of pools."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import Event, Message, Request
from contracts.values import Value


class ClaimStatus(StrEnum):
    """What became of one customer of a claim."""

    CLAIMED = "claimed"
    ALREADY_CLAIMED = "already_claimed"
    LIMIT_REACHED = "limit_reached"
    COOLING_DOWN = "cooling_down"
    NOT_VISIBLE = "not_visible"


class ClaimItem(Value):
    """One customer's answer; `detail` is a sentence for the claimer."""

    customer_id: UUID
    status: ClaimStatus
    detail: str = ""


class ClaimResult(Message):
    """The answers in the order of the request."""

    items: list[ClaimItem]


class ClaimCustomers(Request[ClaimResult], to="pool"):
    """Take free customers out of a pool; each answers by itself, and the batch never fails as a whole.

    An id that stands twice is claimed once: the second answers already_claimed, as a second request would.
    NotFound: pool.not_found. NotPermitted: pool.claimers_only (auditors and API keys hold no customers).
    """

    pool_id: UUID
    customer_ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]


class HoldingClaimed(Event, type="holding.claimed", subject="customer_id"):
    """A rep took a customer out of a pool."""

    customer_id: UUID
    customer_name: str
    owner_id: UUID
    """Who took it."""
    pool_id: UUID
    """The pool that it was in."""
