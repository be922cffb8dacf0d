"""Who may see a holding: a condition of every query, never a filter afterwards."""

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from contracts.values import Role
from servicekit.context import Caller
from services.pool import models
from services.pool.rules import rights


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Which holdings a caller may see: their own, shared ones, those in a pool, a manager also their people's.

    Nobody sees those that rest.
    """
    return and_(models.Holding.resting.is_(False), _in_sight_of(caller))


def _in_sight_of(caller: Caller) -> ColumnElement[bool]:
    if rights.reads_all(caller.role):
        return true()
    if caller.kind != "user":
        return false()
    shared = select(models.Customer.id).where(models.Customer.readers.contains([caller.user_id]))
    return or_(answered_for_by(caller), models.Holding.pool_id.is_not(None), models.Holding.customer_id.in_(shared))


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
