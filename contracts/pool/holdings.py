"""Who holds which customer now, who held it before, and how it is moved by hand."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.base import Event, Message, Request
from contracts.values import Actor, CustomerRef, Limit, Owner, PoolRef, ShortText, UserRef, Value


class HoldingSort(StrEnum):
    """The orders a list of holdings comes in; `-` means descending."""

    NEWEST = "-since"
    OLDEST = "since"
    DEADLINE = "reclaim_at"
    """Those that a rule would take back alone, the nearest deadline first."""


class Holding(Message):
    """Who holds a customer now: an owner, or a pool. Exactly one of them is set."""

    customer: CustomerRef
    owner: UserRef | None
    pool: PoolRef | None
    since: datetime
    reclaim_at: datetime | None = None
    """When a rule would take it back: the first moment after its deadline day; null while none applies."""
    reclaim_rule: str | None = None
    protected_until: datetime | None = None
    """The first moment after the last day on which no rule takes it; null while it is not protected."""


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
    """Give a customer back, to `pool_id` or the pool that it came from (owner, their manager, admin).

    Conflict: holding.not_held. NotFound: customer.merged, holding.not_found, pool.not_found. NotPermitted:
    holding.read_only (auditors).
    """

    customer_id: UUID
    reason: ReleaseReason
    note: ShortText = ""
    pool_id: UUID | None = None


class HoldingSpan(Value):
    """One stretch of a customer's life: in whose hands, from when to when, how it began and ended, and why.

    `began` and `ended` are `created`, `claimed`, `released`, `reclaimed` (by a rule), `transferred`,
    `assigned` (by a manager or a merge) or
    `unmerged` (it was undone); the present stretch has neither `until` nor `ended`.
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
    reasoning: dict[str, str] | None = None
    """Why a rule ended it and where it went, in words by language; `reason` names the rule then."""


class HoldingHistory(Message):
    """The stretches (the latest 1,000), latest first, without gap or overlap."""

    items: list[HoldingSpan]


class ListHoldingHistory(Request[HoldingHistory], to="pool"):
    """The history of a customer's holding.

    NotFound: customer.merged, holding.not_found (also where the caller may not see it).
    """

    customer_id: UUID


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

    So it is by a manager, by a merge that says who is to hold the survivor, and when such a merge is undone.
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
