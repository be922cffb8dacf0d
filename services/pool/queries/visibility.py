"""Who may see a holding: a condition of every query, never a filter afterwards."""

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from contracts.values import Role
from servicekit.audiences import includes
from servicekit.context import Caller
from services.pool import models
from services.pool.rules import rights


def open_to(caller: Caller) -> ColumnElement[bool]:
    """The condition on pools whose customers a caller may see and claim; the suite's own processes know all pools."""
    if caller.kind == "system" or rights.reads_all(caller.role):
        return true()
    return includes(models.Pool.audience, caller)


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Which holdings a caller may see: their own, shared ones, those in a pool that is open to them.

    A manager also sees their people's. Nobody sees those that rest.
    """
    return and_(models.Holding.resting.is_(False), _in_sight_of(caller))


def _in_sight_of(caller: Caller) -> ColumnElement[bool]:
    if rights.reads_all(caller.role):
        return true()
    if caller.kind != "user":
        return false()
    shared = select(models.Customer.id).where(models.Customer.readers.contains([caller.user_id]))
    return or_(answered_for_by(caller), in_open_pool(caller), models.Holding.customer_id.in_(shared))


def in_open_pool(caller: Caller) -> ColumnElement[bool]:
    """The condition on holdings that are in a pool which is open to a caller."""
    return models.Holding.pool_id.in_(select(models.Pool.id).where(open_to(caller)))


def answered_for_by(caller: Caller) -> ColumnElement[bool]:
    """The condition on holdings that a caller may end: their own, a manager also their people's."""
    if rights.edits_all(caller.role):
        return true()
    if caller.kind != "user":
        return false()
    mine = models.Holding.owner_id == caller.user_id
    if caller.role != Role.MANAGER:
        return mine
    people = select(models.User.id).where(models.User.department_id.in_(caller.departments))
    return or_(mine, models.Holding.owner_id.in_(people))
