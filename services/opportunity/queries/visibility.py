"""The conditions for what a caller may see; a service asks for none of it and is refused."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from contracts.values import Role
from servicekit.audiences import includes
from servicekit.context import Caller
from services.opportunity import models
from services.opportunity.rules import rights


def sees_customer(caller: Caller) -> ColumnElement[bool]:
    """The condition on `customers` that are there: the caller's own, shared ones, those in a pool open to them.

    A manager also sees their people's.
    """
    customer = models.Customer
    is_there = and_(customer.merged_into_id.is_(None), customer.deleted.is_(False))
    if rights.reads_all(caller.role):
        return is_there
    ways = (_answers_for(caller, customer.owner_id), _in_open_pool(caller), _is_among(caller, customer.readers))
    return func.coalesce(and_(is_there, or_(*ways)), false())


def edits_customer(caller: Caller) -> ColumnElement[bool]:
    """The same for what the caller may edit: a rep not those in a pool, and of shared ones those shared so."""
    if not rights.is_writer(caller.role):
        return false()
    if rights.edits_all(caller.role):
        return true()
    customer = models.Customer
    ways = [_answers_for(caller, customer.owner_id), _is_among(caller, customer.editors)]
    if caller.role == Role.MANAGER:
        ways.append(_in_open_pool(caller))
    return func.coalesce(or_(*ways), false())


def sees(caller: Caller) -> ColumnElement[bool]:
    """The condition on `opportunities` joined with their customers: the caller's own and those of customers they see.

    A manager's own are also those of their people. With a deleted customer nobody sees them.
    """
    kept = models.Customer.deleted.is_not(true())
    if rights.reads_all(caller.role):
        return kept
    return and_(kept, or_(_answers_for(caller, models.Opportunity.owner_id), sees_customer(caller)))


def edits(caller: Caller) -> ColumnElement[bool]:
    """The same for what the caller may edit: a rep only their own, and what stands on customers shared to be edited."""
    if not rights.is_writer(caller.role):
        return false()
    if rights.edits_all(caller.role):
        return true()
    customers = (
        edits_customer(caller)
        if caller.role == Role.MANAGER
        else func.coalesce(_is_among(caller, models.Customer.editors), false())
    )
    return or_(_answers_for(caller, models.Opportunity.owner_id), customers)


def _in_open_pool(caller: Caller) -> ColumnElement[bool]:
    """The condition on `customers` in a pool that is not closed to a person."""
    closed = select(models.Pool.id).where(not_(includes(models.Pool.audience, caller)))
    return and_(models.Customer.pool_id.is_not(None), models.Customer.pool_id.not_in(closed))


def _is_among(caller: Caller, people: InstrumentedAttribute[list[UUID]]) -> ColumnElement[bool]:
    return people.contains([caller.user_id])


def _answers_for(
    caller: Caller, owner: InstrumentedAttribute[object] | InstrumentedAttribute[object | None]
) -> ColumnElement[bool]:
    mine = owner == caller.user_id
    if caller.role != Role.MANAGER:
        return mine
    led = select(models.User.id).where(models.User.department_id.in_(caller.departments))
    return or_(mine, owner.in_(led))
