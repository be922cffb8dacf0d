"""What the notify service asks of others, under its own name."""

from uuid import UUID

from contracts.identity.departments import DescribeManagers
from contracts.identity.users import DescribeUsers, User
from servicekit.rpc import call_as_self


def describe_user(user_id: UUID) -> User | None:
    """A person this service has not heard of yet; None when nobody has."""
    described = call_as_self(DescribeUsers(user_ids=[user_id])).items
    return described[0] if described else None


def manager_of(user_id: UUID) -> UUID | None:
    """Who answers for a person; None where nobody does."""
    described = call_as_self(DescribeManagers(user_ids=[user_id])).items
    return described[0].manager_id if described else None
