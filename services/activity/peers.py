"""What this service asks others."""

from uuid import UUID

from contracts.customer.contacts import GetContact
from contracts.customer.facts import CustomerFacts, DescribeCustomers
from contracts.errors import NotFound
from contracts.identity.users import DescribeUsers, User
from contracts.opportunity.opportunities import GetOpportunity
from servicekit.rpc import call, call_as_self

_MOST_SECONDS = 1.0
"""The caller waits for more than this answer."""


def describe_customer(customer_id: UUID) -> CustomerFacts | None:
    """The facts of a customer that no event has told of yet; None if the customer service knows none of that id."""
    found = call_as_self(DescribeCustomers(customer_ids=[customer_id]), timeout=_MOST_SECONDS)
    return found.items[0] if found.items else None


def describe_user(user_id: UUID) -> User | None:
    """A person that no event has told of yet; None when there is none of that id."""
    found = call_as_self(DescribeUsers(user_ids=[user_id]), timeout=_MOST_SECONDS)
    return found.items[0] if found.items else None


def is_contact_of(customer_id: UUID, contact_id: UUID) -> bool:
    """Whether the customer has this contact and the caller sees it."""
    try:
        call(GetContact(customer_id=customer_id, contact_id=contact_id), timeout=_MOST_SECONDS)
    except NotFound:
        return False
    return True


def is_opportunity_of(customer_id: UUID, opportunity_id: UUID) -> bool:
    """Whether the opportunity is one with this customer and the caller sees it."""
    try:
        found = call(GetOpportunity(opportunity_id=opportunity_id), timeout=_MOST_SECONDS)
    except NotFound:
        return False
    return found.customer is not None and found.customer.id == customer_id
