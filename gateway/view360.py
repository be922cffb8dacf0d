"""The 360 view: a customer's sections from all services, asked for at once under one deadline.

A section that can't be had is marked with the reason and the rest is served. Only the customer section decides whether
there is a view at all: who may not see the customer gets 404.
"""

from typing import Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel

from contracts.activity import CustomerActivity, GetCustomerActivity
from contracts.base import Request
from contracts.customer import CustomerProfile, GetCustomerProfile
from contracts.errors import CallError, NotFound, NotPermitted, Unavailable
from contracts.opportunity import CustomerOpportunities, GetCustomerOpportunities
from contracts.pool import GetHolding, Holding
from contracts.values import Value
from servicekit.rpc import Pending, send

T = TypeVar("T", bound=BaseModel)

_SECONDS = 3.0


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
    """Which customer."""

    customer_id: UUID


def combine(request: GetView360) -> View360:
    """Ask all services at once and put their answers together. NotFound: customer.not_found."""
    customer_id = request.customer_id
    asked = (
        _ask(GetCustomerProfile(customer_id=customer_id)),
        _ask(GetHolding(customer_id=customer_id)),
        _ask(GetCustomerOpportunities(customer_id=customer_id)),
        _ask(GetCustomerActivity(customer_id=customer_id)),
    )
    customer = _answer(asked[0])
    holding, opportunities, activities = _section(asked[1]), _section(asked[2]), _section(asked[3])
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


def _section(asked: Pending[T] | CallError) -> Section[T]:
    """As _answer, but a section that this caller or moment has no record for does not take the view down."""
    try:
        return _answer(asked)
    except (NotFound, NotPermitted) as error:
        return _missing(error)


def _missing(error: CallError) -> Section[T]:
    return Section.model_construct(status="unavailable", data=None, reason=error.code)
