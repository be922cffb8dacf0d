"""The conditions for what a caller may see; a service asks for none of it and is refused."""

from sqlalchemy import ColumnElement, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from contracts.values import Role
from servicekit.context import Caller
from services.opportunity import models
from services.opportunity.rules import rights


def sees_customer(caller: Caller) -> ColumnElement[bool]:
    """The condition on `customers`: the caller's own, those in a pool, for managers those of their people."""
    if rights.reads_all(caller.role):
        return true()
    customer = models.Customer
    return func.coalesce(or_(_answers_for(caller, customer.owner_id), customer.pool_id.is_not(None)), false())


def sees(caller: Caller) -> ColumnElement[bool]:
    """The condition on `opportunities` joined with their customers: the caller's own and those of customers they see.

    A manager's own are also those of their people.
    """
    if rights.reads_all(caller.role):
        return true()
    return or_(_answers_for(caller, models.Opportunity.owner_id), sees_customer(caller))


def _answers_for(
    caller: Caller, owner: InstrumentedAttribute[object] | InstrumentedAttribute[object | None]
) -> ColumnElement[bool]:
    mine = owner == caller.user_id
    if caller.role != Role.MANAGER:
        return mine
    led = select(models.User.id).where(models.User.department_id.in_(caller.departments))
    return or_(mine, owner.in_(led))
