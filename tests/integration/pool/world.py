"""What other services know of customers, and the wire that they answer on: stands where the broker is."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from eventlet.event import Event
from pydantic import BaseModel

from contracts.activity import DescribedTouches, DescribeTouches, LastTouches
from contracts.base import Request
from contracts.customer.customers import Customer, CustomerPage, ListCustomers
from contracts.customer.facts import (
    CustomerClass,
    DescribeClasses,
    DescribeCustomers,
    DescribedClasses,
    DescribedCustomers,
)
from contracts.errors import Unavailable
from contracts.opportunity.sales import CustomerSales, DescribedSales, DescribeSales
from servicekit.rpc.line import Line
from servicekit.rpc.wire import decode_request, encode_error, encode_reply
from servicekit.settings import Settings


@dataclass
class Deal:
    """An opportunity: open from one moment to another, won or not."""

    opened_at: datetime
    closed_at: datetime | None = None
    won: bool = False


@dataclass
class Known:
    """What is known of one customer."""

    touches: list[tuple[str, datetime]] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    level: str | None = None
    segment_ids: list[UUID] = field(default_factory=list)


class World(Line):
    """Answers for activity, opportunity and customer as those services would, but for those that are away."""

    def __init__(self) -> None:
        super().__init__(Settings(), "pool")
        self.customers: dict[UUID, Known] = defaultdict(Known)
        self.away: set[str] = set()
        self.asked = 0
        self.listed: list[UUID] = []
        """What the customer service's list shows, whatever is asked of it."""
        self.wanted: dict[str, Any] = {}
        """The filters of the last list."""
        self.before_answer: Callable[[], None] = lambda: None
        self._numbered = 0

    def send(
        self, service: str, method: str, body: bytes, headers: dict[str, Any], *, seconds: float
    ) -> tuple[str, Event]:
        """Answer at once."""
        del headers, seconds
        self._numbered += 1
        self.asked += 1
        self.before_answer()
        answered = Event()
        if service in self.away:
            answered.send(encode_error(Unavailable("call.timed_out", f"The {service} service did not answer in time.")))
        else:
            request, answer = _ANSWERS[method]
            answered.send(encode_reply(answer(self, decode_request(request, body))))
        return str(self._numbered), answered

    def touches(self, request: DescribeTouches) -> DescribedTouches:
        """The last activity of each kind."""
        last: list[LastTouches] = []
        for customer_id in request.customer_ids:
            kinds: dict[str, datetime] = {}
            for kind, moment in self.customers[customer_id].touches:
                kinds[kind] = max(moment, kinds.get(kind, moment))
            if kinds:
                last.append(LastTouches(customer_id=customer_id, last=kinds))
        return DescribedTouches(items=last)

    def sales(self, request: DescribeSales) -> DescribedSales:
        """How opportunities stand."""
        return DescribedSales(
            items=[
                self._sales(each.customer_id, each.since)
                for each in request.customers
                if self.customers[each.customer_id].deals
            ]
        )

    def _sales(self, customer_id: UUID, since: datetime) -> CustomerSales:
        deals = self.customers[customer_id].deals
        first = since.astimezone(UTC).date()
        counted = [deal for deal in deals if deal.closed_at is None or deal.closed_at.date() >= first]
        won = [closed for deal in deals if deal.won and (closed := _day(deal.closed_at)) >= first]
        return CustomerSales(
            customer_id=customer_id,
            open=any(deal.closed_at is None for deal in deals),
            opened_at=min((max(deal.opened_at, since) for deal in counted), default=None),
            won=any(deal.won for deal in deals),
            won_on=min(won, default=None),
        )

    def classes(self, request: DescribeClasses) -> DescribedClasses:
        """Levels, and those of the asked segments."""
        return DescribedClasses(
            items=[
                CustomerClass(
                    customer_id=customer_id,
                    level=self.customers[customer_id].level,
                    segment_ids=[
                        each for each in self.customers[customer_id].segment_ids if each in request.segment_ids
                    ],
                )
                for customer_id in request.customer_ids
            ]
        )

    def list_them(self, request: ListCustomers) -> CustomerPage:
        """A page of what is listed."""
        self.wanted = request.model_dump(exclude_unset=True, exclude_none=True, exclude={"sort", "limit"})
        now = datetime.now(UTC)
        shown = {"kind": "company", "name": "Acme", "owner": None, "pool": None, "version": 1}
        facts = {**shown, "created_at": now, "updated_at": now}
        items = [Customer.model_validate({"id": each, **facts}) for each in self.listed]
        return CustomerPage(items=items, next_cursor=None)

    def strangers(self, _request: DescribeCustomers) -> DescribedCustomers:
        """Nobody but those it was told of by events."""
        return DescribedCustomers(items=[])


def _day(moment: datetime | None) -> date:
    return date.max if moment is None else moment.date()


_ANSWERS: dict[str, tuple[type[Request[Any]], Callable[[World, Any], BaseModel]]] = {
    "describe_touches": (DescribeTouches, World.touches),
    "describe_sales": (DescribeSales, World.sales),
    "describe_classes": (DescribeClasses, World.classes),
    "list_customers": (ListCustomers, World.list_them),
    "describe_customers": (DescribeCustomers, World.strangers),
}
