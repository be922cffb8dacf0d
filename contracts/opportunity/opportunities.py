"""Opportunities: opened, moved, won, lost; and what is announced of them."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from contracts.base import ABSENT, Event, Message, Request
from contracts.opportunity.pipelines import Stage, State
from contracts.values import (
    Currency,
    CustomerRef,
    Day,
    Limit,
    Line,
    Moment,
    Money,
    Owner,
    Text,
    UserRef,
    Value,
)


class OpportunitySort(StrEnum):
    """The orders a list of opportunities comes in; `-` means descending."""

    NEWEST = "-created_at"
    RECENTLY_UPDATED = "-updated_at"
    AMOUNT = "-amount"
    """The largest number first, whatever its currency; those without an amount come last."""
    EXPECTED_CLOSE = "expected_close_on"
    """The nearest day first; those without one come last."""


class Opportunity(Message):
    """A possible sale. `customer` is null only for an imported one whose source named no customer."""

    id: UUID
    name: str
    customer: CustomerRef | None
    owner: UserRef
    pipeline_id: UUID
    stage: Stage
    state: State
    amount: Money | None
    product: str | None
    expected_close_on: date | None
    source: str | None
    note: str
    entered_stage_at: datetime
    closed_on: date | None
    loss_reason: str | None
    competitor: str | None
    external_id: str | None
    """Its key in the system it was imported from."""
    version: int
    created_at: datetime
    updated_at: datetime


class CreateOpportunity(Request[Opportunity], to="opportunity"):
    """Open an opportunity on a customer the caller may edit, in the pipeline's first stage unless told otherwise.

    It is the caller's. NotFound: customer.not_found, customer.merged, pipeline.not_found, stage.not_found,
    product.not_found. NotPermitted: customer.read_only. InvalidInput: amount.negative, owner.not_yours (of a person),
    owner.required, owner.unknown.
    """

    customer_id: UUID
    owner_id: UUID | None = None
    """For API keys, which own nothing: whose it is; without it the customer's owner's."""
    name: Line
    pipeline_id: UUID | None = None
    """The default pipeline when absent."""
    stage_id: UUID | None = None
    amount: Money | None = None
    product_id: UUID | None = None
    expected_close_on: Day | None = None
    source: Line | None = None
    note: Text = ""


class GetOpportunity(Request[Opportunity], to="opportunity"):
    """One opportunity. NotFound: opportunity.not_found (also for one the caller may not see)."""

    opportunity_id: UUID


class OpportunityChanges(Message):
    """Fields to change, as a merge patch."""

    name: Line = ABSENT
    customer_id: UUID | None = None
    """Gives an imported opportunity its customer; a set one can't be cleared."""
    amount: Money | None = None
    product_id: UUID | None = None
    expected_close_on: Day | None = None
    source: Line | None = None
    note: Text = ABSENT


class UpdateOpportunity(Request[Opportunity], to="opportunity"):
    """Change an opportunity.

    Conflict: version.stale, opportunity.closed (amount, product and a customer once set, of a won or lost one).
    NotFound: opportunity.not_found, customer.not_found, customer.merged, product.not_found. NotPermitted:
    opportunity.read_only, customer.read_only. InvalidInput: opportunity.customer_required, amount.negative.
    """

    opportunity_id: UUID
    version: int
    changes: OpportunityChanges


class OpportunityPage(Message):
    """A page of opportunities; `total` only when it was asked for."""

    items: list[Opportunity]
    next_cursor: str | None
    total: int | None = None


class ListOpportunities(Request[OpportunityPage], to="opportunity"):
    """Opportunities the caller may see; `q` is a fragment of a name."""

    q: Line | None = None
    customer_id: UUID | None = None
    owner_id: Owner | None = None
    pipeline_id: UUID | None = None
    stage_id: UUID | None = None
    state: State | None = None
    without_customer: bool = False
    """Only imported ones that still need a customer."""
    updated_since: Moment | None = None
    expected_close_from: Day | None = None
    """Those expected to close on this day or after it."""
    expected_close_to: Day | None = None
    """Those expected to close before this day."""
    sort: OpportunitySort = OpportunitySort.NEWEST
    limit: Limit = 50
    cursor: str | None = None
    count: bool = False


class MoveOpportunity(Request[Opportunity], to="opportunity"):
    """Move an open opportunity to another stage of its pipeline; to the one where it stands changes nothing.

    Conflict: opportunity.closed. NotFound: opportunity.not_found, stage.not_found. NotPermitted: opportunity.read_only.
    """

    opportunity_id: UUID
    stage_id: UUID


class WinOpportunity(Request[Opportunity], to="opportunity"):
    """Close as won.

    Conflict: opportunity.closed, opportunity.needs_amount, opportunity.needs_customer. InvalidInput:
    opportunity.closed_in_future, opportunity.closed_before_it_began, amount.negative. NotFound: opportunity.not_found.
    NotPermitted: opportunity.read_only.
    """

    opportunity_id: UUID
    closed_on: Day | None = None
    """Today in UTC when absent; not in the future."""
    amount: Money | None = None


class LoseOpportunity(Request[Opportunity], to="opportunity"):
    """Close as lost, with a reason.

    Conflict: opportunity.closed. InvalidInput: opportunity.closed_in_future, opportunity.closed_before_it_began.
    NotFound: opportunity.not_found. NotPermitted: opportunity.read_only.
    """

    opportunity_id: UUID
    reason: Line
    competitor: Line | None = None
    closed_on: Day | None = None


class StageSpan(Value):
    """How long an opportunity stood in a stage; `seconds` counts to now for the present one."""

    stage: str
    entered_at: datetime
    left_at: datetime | None
    seconds: int
    by: str


class StageHistory(Message):
    """All stages an opportunity stood in (the latest 1,000), oldest first, without gap or overlap."""

    items: list[StageSpan]


class ListStageHistory(Request[StageHistory], to="opportunity"):
    """The way of an opportunity through its stages. NotFound: opportunity.not_found."""

    opportunity_id: UUID


class Total(Value):
    """A sum in one currency; it may be larger than any one amount."""

    amount: Decimal
    currency: Currency


class CustomerOpportunities(Message):
    """The opportunities' part of the 360 view: the latest ones and sums over all, one sum per currency."""

    open: list[Opportunity]
    closed: list[Opportunity]
    open_count: int
    won_count: int
    lost_count: int
    open_amounts: list[Total]
    won_amounts: list[Total]


class GetCustomerOpportunities(Request[CustomerOpportunities], to="opportunity"):
    """The opportunities of one customer: the 10 latest open and closed ones, and sums. NotFound: customer.merged."""

    customer_id: UUID


class OpportunityOpened(Event, type="opportunity.opened", subject="opportunity_id"):
    """An opportunity began."""

    opportunity_id: UUID
    customer_id: UUID | None
    owner_id: UUID
    name: str
    pipeline_id: UUID
    stage: str
    """The stage's name."""
    amount: Money | None


class OpportunityUpdated(Event, type="opportunity.updated", subject="opportunity_id"):
    """Fields of an opportunity changed; `changed` names them."""

    opportunity_id: UUID
    customer_id: UUID | None
    owner_id: UUID
    name: str
    amount: Money | None
    changed: list[str]


class OpportunityStageChanged(Event, type="opportunity.stage_changed", subject="opportunity_id"):
    """An opportunity moved to another stage."""

    opportunity_id: UUID
    customer_id: UUID | None
    owner_id: UUID
    name: str
    from_stage: str
    to_stage: str
    seconds_in_stage: int
    """How long it stood in `from_stage`."""


class OpportunityWon(Event, type="opportunity.won", subject="opportunity_id"):
    """An opportunity was won."""

    opportunity_id: UUID
    customer_id: UUID
    owner_id: UUID
    name: str
    amount: Money
    closed_on: date


class OpportunityLost(Event, type="opportunity.lost", subject="opportunity_id"):
    """An opportunity was lost."""

    opportunity_id: UUID
    customer_id: UUID | None
    owner_id: UUID
    name: str
    reason: str
    """Empty for an imported one."""
    competitor: str | None
    closed_on: date
