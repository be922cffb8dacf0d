"""The 360 view: a customer's sections from all services, asked for at once under one deadline.

A section that can't be had is marked with the reason and the rest is served, also where it is the customer's own. Who
may not see the customer gets 404: the customer service says so or, while it is away, the others, who know it as well.
"""

from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel

from contracts.activity import CustomerActivity, GetCustomerActivity
from contracts.base import Request
from contracts.customer.contacts import CustomerProfile, GetCustomerProfile
from contracts.errors import CallError, NotFound, NotPermitted, Unavailable
from contracts.opportunity.opportunities import CustomerOpportunities, GetCustomerOpportunities
from contracts.pool.holdings import GetHolding, Holding
from contracts.values import Value
from gateway.routing import MERGED
from servicekit.rpc import Pending, send

T = TypeVar("T", bound=BaseModel)

_SECONDS = 3.0
_NOT_SEEN = {"customer.not_found", "holding.not_found"}


class Section(Value, Generic[T]):
    """One service's part: `ok` with data, or `unavailable` with the code of the reason."""

    status: Literal["ok", "unavailable"]
    data: T | None = None
    reason: str | None = None


class View360(Value):
    """A customer from all sides; `partial` when a section is missing."""

    customer: Section[CustomerProfile]
    holding: Section[Holding]
    opportunities: Section[CustomerOpportunities]
    activities: Section[CustomerActivity]
    partial: bool


class GetView360(Value):
    """Which customer.

    NotFound: customer.not_found, customer.merged. Unavailable: view.unavailable (nothing at all to show).
    """

    customer_id: UUID


def combine(request: GetView360) -> View360:
    """Ask all services at once and put their answers together.

    NotFound: customer.not_found. Unavailable: view.unavailable, when there is nothing at all to show.
    """
    customer_id = request.customer_id
    asked = (
        _ask(GetCustomerProfile(customer_id=customer_id)),
        _ask(GetHolding(customer_id=customer_id)),
        _ask(GetCustomerOpportunities(customer_id=customer_id)),
        _ask(GetCustomerActivity(customer_id=customer_id)),
    )
    customer = _answer(asked[0])
    holding = _section(asked[1], customer)
    opportunities = _section(asked[2], customer)
    activities = _section(asked[3], customer)
    if customer.status == "unavailable":
        _require_view(holding, opportunities, activities)
    partial = "unavailable" in {customer.status, holding.status, opportunities.status, activities.status}
    return View360.model_construct(
        customer=customer, holding=holding, opportunities=opportunities, activities=activities, partial=partial
    )


def _ask(request: Request[T]) -> Pending[T] | CallError:
    try:
        return send(request, timeout=_SECONDS)
    except Unavailable as error:
        return error


def _answer(asked: Pending[T] | CallError) -> Section[T]:
    if isinstance(asked, CallError):
        return _missing(asked)
    try:
        return Section.model_construct(status="ok", data=asked.result(), reason=None)
    except Unavailable as error:
        return _missing(error)


def _section(asked: Pending[T] | CallError, customer: Section[CustomerProfile]) -> Section[T]:
    """As _answer, but a section that this caller or moment has no record for does not take the view down.

    Whether the customer was merged into another one is for the customer service to say, for others while it is away.
    """
    try:
        return _answer(asked)
    except (NotFound, NotPermitted) as error:
        if error.code == MERGED and customer.status == "unavailable":
            raise
        return _missing(error)


def _require_view(*others: Section[Any]) -> None:
    """Without the customer service: whether this caller may see the customer, and anything is left to be seen."""
    if not _NOT_SEEN.isdisjoint(section.reason for section in others):
        raise NotFound("customer.not_found", "There is no such customer.")
    if all(section.status == "unavailable" for section in others):
        raise Unavailable("view.unavailable", "No service behind this view answers now.", retry_after=2)


def _missing(error: CallError) -> Section[T]:
    return Section.model_construct(status="unavailable", data=None, reason=error.code)
