"""What other services keep of customers."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import FactsPage, ListFacts, Message, Request
from contracts.customer.collaborators import Collaboration
from contracts.customer.customers import Kind
from contracts.values import (
    Lifecycle,
    Value,
)


class CustomerFacts(Value):
    """What other services keep of a customer; `sequence` is that of the customer's latest event."""

    id: UUID
    kind: Kind
    name: str
    lifecycle: Lifecycle
    owner_id: UUID | None
    pool_id: UUID | None
    collaborators: list[Collaboration] | None = None
    """Those of now; absent where nothing is said of them."""
    merged_into_id: UUID | None = None
    """The customer that it was merged into."""
    deleted: bool = False
    sequence: int


class DescribedCustomers(Message):
    """Those of the asked customers that exist."""

    items: list[CustomerFacts]


class DescribeCustomers(Request[DescribedCustomers], to="customer"):
    """Customers by id, for services that have not heard of them yet. NotPermitted: auth.services_only."""

    customer_ids: Annotated[list[UUID], Field(max_length=500)]


class CustomerClass(Value):
    """A customer's level, and those of the asked segments that it is in now."""

    customer_id: UUID
    level: str | None
    segment_ids: list[UUID]


class DescribedClasses(Message):
    """Those of the asked customers that exist."""

    items: list[CustomerClass]


class DescribeClasses(Request[DescribedClasses], to="customer"):
    """Levels and segments of customers, as committed now. NotPermitted: auth.services_only.

    A segment that is no more, or that asks for a custom field that is no more, has nobody in it.
    """

    customer_ids: Annotated[list[UUID], Field(max_length=500)]
    segment_ids: Annotated[list[UUID], Field(max_length=20)] = []


class CustomerFactsPage(FactsPage[CustomerFacts]):
    """A page of the facts of customers, by id."""


class ListCustomerFacts(ListFacts[CustomerFactsPage], to="customer"):
    """The facts of all customers, for services that fill their copies anew. NotPermitted: auth.services_only."""
