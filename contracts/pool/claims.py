"""Claims: what reps take out of pools."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import Event, Message, Request
from contracts.customer.customers import Kind, Level
from contracts.values import Lifecycle, Line, Value


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
    """The answers in the order of the request; by count, those that were claimed."""

    items: list[ClaimItem]
    short: str = ""
    """Why there are fewer than the count that was asked for, as a sentence."""


class ClaimFilter(Value):
    """Which customers of a pool one wants, as lists of customers are filtered."""

    q: Line | None = None
    kind: Kind | None = None
    lifecycle: Lifecycle | None = None
    level: Level | None = None
    tag: Line | None = None


class ClaimCustomers(Request[ClaimResult], to="pool"):
    """Take free customers out of a pool; each answers by itself, and the batch never fails as a whole.

    Just one of `customer_ids` and `count` is given. An id that stands twice is claimed once: the second answers
    already_claimed, as a second request would. By count the longest waiting come first; with a filter, the longest
    waiting of at most 200 that it finds.

    NotFound: pool.not_found. NotPermitted: pool.claimers_only (auditors and API keys hold no customers). InvalidInput:
    pool.ids_or_count. Conflict: pool.oldest_first (by id or filter, where the pool's order leaves no choice).
    """

    pool_id: UUID
    customer_ids: Annotated[list[UUID], Field(min_length=1, max_length=200)] = []
    count: Annotated[int, Field(ge=1, le=200)] | None = None
    filter: ClaimFilter | None = None
    """Only with `count`."""


class HoldingClaimed(Event, type="holding.claimed", subject="customer_id"):
    """A rep took a customer out of a pool."""

    customer_id: UUID
    customer_name: str
    owner_id: UUID
    """Who took it."""
    pool_id: UUID
    """The pool that it was in."""
