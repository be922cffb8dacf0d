"""What the opportunity service asks of others while their events are still on their way.

Records by id are asked for under the service's own name, since its projection is for all. By name it asks as the
caller: what they may not see must not be found.
"""

from collections.abc import Collection
from uuid import UUID

from contracts.customer.customers import ListCustomers
from contracts.customer.facts import CustomerFacts, DescribeCustomers
from contracts.identity.users import DescribeUsers, ListUsers, User
from servicekit.rpc import call_as_self, send

_NAMESAKES = 50


def describe_customers(customer_ids: Collection[UUID]) -> list[CustomerFacts]:
    """Those of these customers that exist."""
    return call_as_self(DescribeCustomers(customer_ids=sorted(customer_ids))).items


def describe_users(user_ids: Collection[UUID]) -> list[User]:
    """Those of these people that exist."""
    return call_as_self(DescribeUsers(user_ids=sorted(user_ids))).items


def customers_like(names: Collection[str]) -> set[UUID]:
    """Customers whose name has one of these in it, as far as the caller may see them."""
    asked = [send(ListCustomers(q=name, limit=_NAMESAKES)) for name in names]
    return {customer.id for answer in asked for customer in answer.result().items}


def users_like(names: Collection[str]) -> list[User]:
    """People whose full or login name has one of these in it."""
    asked = [send(ListUsers(q=name, limit=_NAMESAKES)) for name in names]
    return list({user.id: user for answer in asked for user in answer.result().items}.values())
