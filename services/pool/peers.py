"""What the pool service asks of others, under its own name."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.activity import DescribeTouches
from contracts.customer.customers import CustomerSort, ListCustomers
from contracts.customer.facts import CustomerClass, CustomerFacts, DescribeClasses, DescribeCustomers
from contracts.errors import Unavailable
from contracts.identity.users import DescribeUsers, User
from contracts.opportunity.sales import CustomerSales, CustomerSince, DescribeSales
from contracts.pool.claims import ClaimFilter
from servicekit import context
from servicekit.rpc import as_self, call, call_as_self, send
from services.pool.metrics import POSTPONED

_MOST_SECONDS = 1.0
_FACTS_SECONDS = 2.0


class PeerFacts(NamedTuple):
    """What others know of customers, as committed now; who is not in a mapping has nothing to be told of."""

    touches: Mapping[UUID, Mapping[str, datetime]]
    """The last activity, by kind."""
    sales: Mapping[UUID, CustomerSales]
    classes: Mapping[UUID, CustomerClass]


def describe_customers(customer_ids: Collection[UUID]) -> list[CustomerFacts]:
    """Those of these customers that exist. Unavailable when the customer service does not answer in time.

    Half of the caller's time is left for the work that the answer is needed for.
    """
    seconds = min(_MOST_SECONDS, context.remaining(_MOST_SECONDS * 2) / 2)
    return call_as_self(DescribeCustomers(customer_ids=sorted(customer_ids)), timeout=seconds).items


def waiting(pool_id: UUID, wanted: ClaimFilter) -> list[UUID]:
    """At most 200 customers of a pool that a filter finds for the caller, the best score first."""
    asked = ListCustomers(pool_id=pool_id, sort=CustomerSort.HIGHEST_SCORE, limit=200, **wanted.model_dump())
    seconds = min(_FACTS_SECONDS, context.remaining(_FACTS_SECONDS * 2) / 2)
    return [each.id for each in call(asked, timeout=seconds).items]


def describe_user(user_id: UUID) -> User | None:
    """A person this service has not heard of yet; None when nobody has."""
    seconds = min(_MOST_SECONDS, context.remaining(_MOST_SECONDS * 2) / 2)
    described = call_as_self(DescribeUsers(user_ids=[user_id]), timeout=seconds).items
    return described[0] if described else None


def facts_of(since: Mapping[UUID, datetime], segment_ids: Collection[UUID]) -> PeerFacts:
    """The facts of at most 500 customers, each with the moment from which its opportunities count.

    All three services are asked at once. Unavailable, and counted, when one of them does not answer within 2 seconds.
    """
    customer_ids = sorted(since)
    customers = [CustomerSince(customer_id=each, since=since[each]) for each in customer_ids]
    with as_self():
        touches = send(DescribeTouches(customer_ids=customer_ids), timeout=_FACTS_SECONDS)
        sales = send(DescribeSales(customers=customers), timeout=_FACTS_SECONDS)
        asked = DescribeClasses(customer_ids=customer_ids, segment_ids=sorted(segment_ids))
        classes = send(asked, timeout=_FACTS_SECONDS)
    with _counted("activity", len(customer_ids)):
        touched = {each.customer_id: each.last for each in touches.result().items}
    with _counted("opportunity", len(customer_ids)):
        sold = {each.customer_id: each for each in sales.result().items}
    with _counted("customer", len(customer_ids)):
        classed = {each.customer_id: each for each in classes.result().items}
    return PeerFacts(touched, sold, classed)


@contextmanager
def _counted(service: str, customers: int) -> Iterator[None]:
    try:
        yield
    except Unavailable:
        POSTPONED.labels(service).inc(customers)
        raise
