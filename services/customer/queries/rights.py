"""Who may see and edit which customers, as conditions on their rows."""

from sqlalchemy import ColumnElement, and_, false, not_, or_, select, true

from contracts.values import Role
from servicekit import clock
from servicekit.audiences import includes
from servicekit.context import Caller
from services.customer import models

_READ_ALL = frozenset({Role.ADMIN, Role.AUDITOR, Role.INTEGRATION})
_EDIT_ALL = frozenset({Role.ADMIN, Role.INTEGRATION})


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """The condition on customers for what a person may see. NotPermitted for services, which ask for facts by id."""
    return and_(is_there(), in_sight_of(caller))


def is_there() -> ColumnElement[bool]:
    """The condition on customers that were neither merged into others nor deleted."""
    return and_(models.Customer.merged_into_id.is_(None), models.Customer.deleted_at.is_(None))


def in_sight_of(caller: Caller) -> ColumnElement[bool]:
    """Whom the caller may see, were it there."""
    if caller.role in _READ_ALL:
        return true()
    return or_(_in_hands_of(caller), in_open_pool(caller), _shared_with(caller, "read", "edit"))


def editable_by(caller: Caller) -> ColumnElement[bool]:
    """The condition on customers for what a person may edit: what they answer for, and what is shared with them so."""
    if caller.role in _EDIT_ALL:
        return true()
    return or_(answered_for_by(caller), _shared_with(caller, "edit"))


def answered_for_by(caller: Caller) -> ColumnElement[bool]:
    """The condition on customers whose collaborators a person may name: their own; a manager's people's, and pools'.

    Of pools those that are open to them.
    """
    if caller.role in _EDIT_ALL:
        return true()
    if caller.role == Role.MANAGER:
        return or_(_in_hands_of(caller), in_open_pool(caller))
    return _in_hands_of(caller) if caller.role == Role.REP else false()


def in_open_pool(caller: Caller) -> ColumnElement[bool]:
    """The condition on customers in a pool that is not closed to a person; one that is not known yet is open."""
    closed = select(models.Pool.id).where(not_(is_open_to(caller)))
    return and_(models.Customer.pool_id.is_not(None), models.Customer.pool_id.not_in(closed))


def is_open_to(caller: Caller) -> ColumnElement[bool]:
    """The condition on pools for what a person sees and may put customers into."""
    return true() if caller.role in _READ_ALL else includes(models.Pool.audience, caller)


def _shared_with(caller: Caller, *access: str) -> ColumnElement[bool]:
    shared = models.Collaborator
    lasts = or_(shared.until.is_(None), shared.until > clock.now())
    mine = select(shared.customer_id).where(shared.user_id == caller.user_id, shared.access.in_(access), lasts)
    return models.Customer.id.in_(mine)


def _in_hands_of(caller: Caller) -> ColumnElement[bool]:
    """Held by the caller or, for a manager, by somebody in a department they answer for."""
    owner_id = models.Customer.owner_id
    if caller.role != Role.MANAGER:
        return owner_id == caller.user_id
    theirs = select(models.User.id).where(models.User.department_id.in_(caller.departments))
    return or_(owner_id == caller.user_id, owner_id.in_(theirs))
