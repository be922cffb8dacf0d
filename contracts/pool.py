"""What the pool service answers and announces: pools, and who holds which customer."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import Event, FactsPage, ListFacts, Message, Request
from contracts.values import Actor, CustomerRef, Limit, Line, Owner, PoolRef, ShortText, UserRef, Value

DEFAULT_POOL_ID = UUID("00000000-0000-7000-8000-000000000001")
"""The pool that every company starts with ("Open customers"): where a customer goes when no other pool is named."""


class HoldingSort(StrEnum):
    """The orders a list of holdings comes in; `-` means descending."""

    NEWEST = "-since"
    OLDEST = "since"


class Pool(Message):
    """A pool: customers without an owner, open to a group. `free` is how many it holds now."""

    id: UUID
    name: str
    default: bool
    free: int
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
    """Open a pool. NotPermitted: pool.admins_only. Conflict: pool.name_taken (in any case), pool.too_many (of 200)."""

    name: Line


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


class Holding(Message):
    """Who holds a customer now: an owner, or a pool. Exactly one of them is set."""

    customer: CustomerRef
    owner: UserRef | None
    pool: PoolRef | None
    since: datetime
    reclaim_at: datetime | None = None
    """When a rule would take it back; null while none applies."""
    reclaim_rule: str | None = None
    protected_until: datetime | None = None


class GetHolding(Request[Holding], to="pool"):
    """Who holds a customer.

    NotFound: customer.merged, holding.not_found (also where the caller may not see the customer).
    """

    customer_id: UUID


class HoldingPage(Message):
    """A page of held customers; `total` only when it was asked for."""

    items: list[Holding]
    next_cursor: str | None
    total: int | None = None


class ListHoldings(Request[HoldingPage], to="pool"):
    """Customers held by one person; others than the caller only for their manager, admins and auditors."""

    owner_id: Owner = "me"
    sort: HoldingSort = HoldingSort.NEWEST
    limit: Limit = 50
    cursor: str | None = None
    count: bool = False


class ReleaseReason(StrEnum):
    """Why an owner lets a customer go."""

    NO_BUDGET = "no_budget"
    NO_NEED = "no_need"
    NOT_REACHABLE = "not_reachable"
    WRONG_FIT = "wrong_fit"
    WORKLOAD = "workload"
    OTHER = "other"


class ReleaseHolding(Request[Holding], to="pool"):
    """Give a customer back, to `pool_id` or the default pool (owner, their manager, admin).

    Conflict: holding.not_held. NotFound: customer.merged, holding.not_found, pool.not_found. NotPermitted:
    holding.read_only (auditors).
    """

    customer_id: UUID
    reason: ReleaseReason
    note: ShortText = ""
    pool_id: UUID | None = None


class HoldingSpan(Value):
    """One stretch of a customer's life: in whose hands, from when to when, how it began and ended, and why.

    `began` and `ended` are `created`, `claimed`, `released`, `assigned` (by a merge) or `unmerged` (it was undone); the
    present stretch has neither `until` nor `ended`.
    """

    owner: UserRef | None
    pool: PoolRef | None
    since: datetime
    until: datetime | None
    began: str
    ended: str | None
    reason: str
    """Why it ended, e.g. `no_budget`; empty where nobody had to say."""
    note: str = ""
    """What was written beside the reason."""


class HoldingHistory(Message):
    """The stretches (the latest 1,000), latest first, without gap or overlap."""

    items: list[HoldingSpan]


class ListHoldingHistory(Request[HoldingHistory], to="pool"):
    """The history of a customer's holding.

    NotFound: customer.merged, holding.not_found (also where the caller may not see it).
    """

    customer_id: UUID


class PoolFacts(Value):
    """What other services keep of a pool; `sequence` is that of the pool's latest event."""

    id: UUID
    name: str
    sequence: int


class PoolFactsPage(FactsPage[PoolFacts]):
    """A page of the facts of pools, by id."""


class ListPoolFacts(ListFacts[PoolFactsPage], to="pool"):
    """The facts of all pools, for services that fill their copies anew. NotPermitted: auth.services_only."""


class HoldingFacts(Value):
    """What other services keep of a holding; `sequence` is that of its latest event, 0 before the first move."""

    customer_id: UUID
    owner_id: UUID | None
    pool_id: UUID | None
    sequence: int


class HoldingFactsPage(FactsPage[HoldingFacts]):
    """A page of the facts of holdings, by customer."""


class ListHoldingFacts(ListFacts[HoldingFactsPage], to="pool"):
    """Who holds each customer, for services that fill their copies anew. NotPermitted: auth.services_only."""


class PoolCreated(Event, type="pool.created", subject="pool_id"):
    """A pool was opened."""

    pool_id: UUID
    name: str


class HoldingClaimed(Event, type="holding.claimed", subject="customer_id"):
    """A rep took a customer out of a pool."""

    customer_id: UUID
    customer_name: str
    owner_id: UUID
    """Who took it."""
    pool_id: UUID
    """The pool that it was in."""


class HoldingReleased(Event, type="holding.released", subject="customer_id"):
    """An owner gave a customer back to a pool."""

    customer_id: UUID
    customer_name: str
    former_owner_id: UUID
    pool_id: UUID
    """The pool that it is in now."""
    pool_name: str
    reason: str
    """Why, e.g. `no_budget`: one of the reasons that a release takes."""


class HoldingAssigned(Event, type="holding.assigned", subject="customer_id"):
    """A customer was given to an owner or to a pool by who may: just one of `owner_id` and `pool_id` is set.

    So it is by a merge that says who is to hold the survivor, and when such a merge is undone.
    """

    customer_id: UUID
    customer_name: str
    owner_id: UUID | None
    """Who holds it now."""
    pool_id: UUID | None
    """The pool that it is in now."""
    former_owner_id: UUID | None
    """Who held it before; none where it was in a pool."""
    assigned_by: Actor
    """Who wanted it so."""
    reason: str
    """What was written when it was given."""
