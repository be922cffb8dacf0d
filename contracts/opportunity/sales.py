"""What other services ask about a customer's opportunities before they decide over it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import Message, Request
from contracts.values import Moment, Value


class CustomerSince(Value):
    """A customer, and the moment from which on its opportunities count."""

    customer_id: UUID
    since: Moment


class CustomerSales(Value):
    """How the opportunities with a customer stand, over all owners."""

    customer_id: UUID
    open: bool
    """Whether one is open now."""
    opened_at: datetime | None
    """The first moment from `since` on at which one was open; `since` itself where one was open already."""
    won: bool
    """Whether one was ever won."""
    won_on: date | None
    """The first day from that of `since` on (in UTC) on which one was won."""


class DescribedSales(Message):
    """The asked customers that have opportunities."""

    items: list[CustomerSales]


class DescribeSales(Request[DescribedSales], to="opportunity"):
    """How the opportunities with customers stand, as committed now. NotPermitted: auth.services_only."""

    customers: Annotated[list[CustomerSince], Field(max_length=500)]
