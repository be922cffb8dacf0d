"""What this service asks others."""

from uuid import UUID

from contracts.customer import CustomerFacts, DescribeCustomers
from contracts.identity import DescribeUsers, User
from servicekit.rpc import call_as_self

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
