"""What the pool service answers and announces of pools, and of what waits in them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.audiences import Audience
from contracts.base import ABSENT, Event, Message, Request
from contracts.values import CustomerRef, Limit, Line, Value

DEFAULT_POOL_ID = UUID("00000000-0000-7000-8000-000000000001")
"""The pool that every company starts with ("Open customers"): where a customer goes when no other pool is named."""


class PoolLimits(Value):
    """What a rep may have of a pool; a limit that is null is none."""

    holdings: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Customers that came from it and the rep holds at a time."""
    bought_exempt: bool = False
    """Whether customers with whom a deal was won are left out of that count."""
    claims_per_day: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Claims a day, in the company's time zone; a customer that was claimed and released is spent."""
    cool_down_days: Annotated[int, Field(ge=1, le=3_650)] | None = None
    """For so many days after their time with a customer ended, former owners may not claim it again."""
    protections: Annotated[int, Field(ge=0, le=1_000_000)] = 10
    """Customers of it that a rep may have under protection at a time."""
    protection_days: Annotated[int, Field(ge=1, le=3_650)] = 30
    """How far ahead protection may reach."""


class ClaimOrder(StrEnum):
    """How a pool's customers are claimed."""

    FREE_CHOICE = "free_choice"
    OLDEST_FIRST = "oldest_first"
    """By count alone, the longest waiting first."""


Administrators = Annotated[list[UUID], Field(max_length=50)]
"""Users who may change a pool."""


class Pool(Message):
    """A pool: customers without an owner, open to a group. `free` is how many it holds now."""

    id: UUID
    name: str
    default: bool
    free: int
    limits: PoolLimits = PoolLimits()
    claim_order: ClaimOrder = ClaimOrder.FREE_CHOICE
    open_to: Audience = Audience()
    """Who sees and claims what waits in it, besides its administrators and those who see all."""
    administrators: list[UUID] = []
    """Users who may change it, as the company's administrators do."""
    version: int


class PoolList(Message):
    """The pools the caller may see (at most 200), by name."""

    items: list[Pool]


class ListPools(Request[PoolList], to="pool"):
    """The pools the caller may see."""


class GetPool(Request[Pool], to="pool"):
    """One pool. NotFound: pool.not_found."""

    pool_id: UUID


class CreatePool(Request[Pool], to="pool"):
    """Open a pool. NotPermitted: pool.admins_only. Conflict: pool.name_taken (in any case), pool.too_many (of 200).

    InvalidInput: pool.unknown_user (named in `open_to` or as an administrator).
    """

    name: Line
    open_to: Audience = Audience()
    administrators: Administrators = []


class PoolChanges(Message):
    """Fields to change, as a merge patch; `limits`, `open_to` and `administrators` are replaced as a whole."""

    name: Line = ABSENT
    limits: PoolLimits = ABSENT
    claim_order: ClaimOrder = ABSENT
    open_to: Audience = ABSENT
    administrators: Administrators = ABSENT
    """Only a company's administrator names them."""


class UpdatePool(Request[Pool], to="pool"):
    """Change a pool: its name, what a rep may have of it, how it is claimed and by whom (admin, its administrators).

    NotPermitted: pool.admins_only. NotFound: pool.not_found (also where the caller may not see it). Conflict:
    pool.name_taken, version.stale. InvalidInput: pool.unknown_user.
    """

    pool_id: UUID
    version: int
    changes: PoolChanges


class FreeCustomer(Value):
    """A customer that waits in a pool."""

    customer: CustomerRef
    since: datetime


class FreeCustomerPage(Message):
    """A page of a pool, longest waiting first; `total` only when it was asked for."""

    items: list[FreeCustomer]
    next_cursor: str | None
    total: int | None = None


class ListFreeCustomers(Request[FreeCustomerPage], to="pool"):
    """The customers that wait in a pool. NotFound: pool.not_found."""

    pool_id: UUID
    limit: Limit = 50
    cursor: str | None = None
    count: bool = False


class PoolCreated(Event, type="pool.created", subject="pool_id"):
    """A pool was opened."""

    pool_id: UUID
    name: str
    open_to: Audience = Audience()
    administrators: list[UUID] = []


class PoolUpdated(Event, type="pool.updated", subject="pool_id"):
    """Fields of a pool changed; `changed` names them."""

    pool_id: UUID
    name: str
    limits: PoolLimits
    changed: list[str]
    open_to: Audience = Audience()
    administrators: list[UUID] = []
