"""Customers given from hand to hand, one or many, and kept from being taken back for a while."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import Event, Message, Request
from contracts.pool.holdings import Holding, ReleaseReason
from contracts.values import Day, ShortText, Value

Customers = Annotated[list[UUID], Field(min_length=1, max_length=200)]


class MoveStatus(StrEnum):
    """What became of one customer of a batch."""

    DONE = "done"
    ALREADY_THERE = "already_there"
    LIMIT_REACHED = "limit_reached"
    NOT_HELD = "not_held"
    NOT_PERMITTED = "not_permitted"
    NOT_VISIBLE = "not_visible"


class MoveItem(Value):
    """One customer's answer; `detail` is a sentence for whoever asked."""

    customer_id: UUID
    status: MoveStatus
    detail: str = ""


class MoveResult(Message):
    """The answers in the order of the request."""

    items: list[MoveItem]


class AssignHolding(Request[Holding], to="pool"):
    """Give a customer to a colleague or to a pool: just one of `owner_id` and `pool_id` is set.

    Managers do so with what is in a pool or in the hands of their people, among their people; admins and API keys with
    all. A cool-down bars nobody from being given a customer; limits do.

    InvalidInput: holding.one_receiver, holding.unknown_user (none, or not active, or one who holds no customers).
    NotFound: customer.merged, holding.not_found, pool.not_found. NotPermitted: holding.managers_only,
    holding.read_only (a customer or a receiver the caller does not answer for). Conflict: holding.already_there,
    pool.limit_reached.
    """

    customer_id: UUID
    owner_id: UUID | None = None
    pool_id: UUID | None = None
    note: ShortText = ""


class AssignHoldings(Request[MoveResult], to="pool"):
    """The same with many customers; each answers by itself, and the batch never fails as a whole.

    InvalidInput: holding.one_receiver, holding.unknown_user. NotFound: pool.not_found. NotPermitted:
    holding.managers_only, holding.read_only (a receiver the caller does not answer for).
    """

    customer_ids: Customers
    owner_id: UUID | None = None
    pool_id: UUID | None = None
    note: ShortText = ""


class TransferHolding(Request[Holding], to="pool"):
    """Hand a held customer over to a colleague (owner, their manager, admin, API keys).

    InvalidInput: holding.unknown_user (none, or not active, or one who holds no customers), holding.past_day. NotFound:
    customer.merged, holding.not_found. NotPermitted: holding.read_only. Conflict: holding.not_held,
    holding.already_there, pool.limit_reached.
    """

    customer_id: UUID
    owner_id: UUID
    """Who gets it."""
    keep_until: Day | None = None
    """Until the end of this day the former owner stays a collaborator who may read; absent, they don't."""
    note: ShortText = ""


class TransferHoldings(Request[MoveResult], to="pool"):
    """The same with many customers; each answers by itself. InvalidInput: holding.unknown_user, holding.past_day.

    NotPermitted: holding.read_only (auditors).
    """

    customer_ids: Customers
    owner_id: UUID
    keep_until: Day | None = None
    note: ShortText = ""


class ReleaseHoldings(Request[MoveResult], to="pool"):
    """Give many customers back, to `pool_id` or the pool that each came from; each answers by itself.

    NotFound: pool.not_found. NotPermitted: holding.read_only (auditors).
    """

    customer_ids: Customers
    reason: ReleaseReason
    note: ShortText = ""
    pool_id: UUID | None = None


class ProtectHolding(Request[Holding], to="pool"):
    """Keep a customer from being taken back until the end of a day (owner, their manager, admin, API keys).

    Asked again it moves the day. InvalidInput: holding.past_day, holding.too_long (for its pool). NotFound:
    customer.merged, holding.not_found. NotPermitted: holding.read_only. Conflict: holding.not_held,
    holding.too_many_protected (of its pool, by its owner).
    """

    customer_id: UUID
    until: Day
    """The last day, in the company's time zone."""
    reason: ShortText = ""


class EndProtection(Request[Holding], to="pool"):
    """End a protection early (owner, their manager, admin, API keys).

    NotFound: customer.merged, holding.not_found. NotPermitted: holding.read_only. Conflict: holding.not_held,
    holding.not_protected.
    """

    customer_id: UUID


class HoldingTransferred(Event, type="holding.transferred", subject="customer_id"):
    """A customer was handed over from one owner to another."""

    customer_id: UUID
    customer_name: str
    owner_id: UUID
    """Who holds it now."""
    former_owner_id: UUID
    keep_until: date | None = None
    """Until the end of this day the former owner is to stay a collaborator who may read."""
    note: str = ""


class HoldingProtected(Event, type="holding.protected", subject="customer_id"):
    """No rule takes a customer from its owner until the end of a day."""

    customer_id: UUID
    owner_id: UUID
    until: date
    reason: str


class HoldingProtectionEnded(Event, type="holding.protection_ended", subject="customer_id"):
    """A protection ended, by its day or early; one that ends because the customer moved is not told of."""

    customer_id: UUID
    owner_id: UUID
    until: date
    """The day that it was to end with."""
