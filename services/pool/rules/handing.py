"""What becomes of each customer that is given from hand to hand, and to whom it may be given."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple
from uuid import UUID

from contracts.errors import Conflict, NotPermitted, fault
from contracts.pool.assignments import MoveStatus
from contracts.pool.pools import PoolLimits
from contracts.values import Role
from services.pool.rules.moves import Held
from services.pool.rules.rights import can_hold, edits_all, read_only

_ASSIGNERS = frozenset({Role.MANAGER, Role.ADMIN, Role.INTEGRATION})


class Person(NamedTuple):
    """A colleague, as far as giving them a customer depends on it; `role` is None while nobody has told it."""

    id: UUID
    department_id: UUID | None
    active: bool
    role: str | None


class Seen(NamedTuple):
    """A customer that the caller sees, with whether they answer for who holds it, or its pool is open to them."""

    held: Held
    answers_for: bool


Answer = tuple[MoveStatus, str]
DONE: Answer = (MoveStatus.DONE, "")


def require_assigner(role: str) -> None:
    """NotPermitted: holding.managers_only."""
    if role not in _ASSIGNERS:
        raise NotPermitted("holding.managers_only", "Only managers and administrators assign customers.")


def require_receiver(person: Person | None, *, role: str, user_id: UUID, departments: Collection[UUID] | None) -> None:
    """Whether somebody of this role may give a customer to a person; `departments` are those they answer for.

    None there means that everybody may be given it. InvalidInput: holding.unknown_user. NotPermitted:
    holding.read_only.
    """
    if person is None or not person.active or (person.role is not None and not can_hold(person.role)):
        raise fault("owner_id", "holding.unknown_user", "There is no such active colleague who can hold customers.")
    if departments is None or edits_all(role) or person.id == user_id or person.department_id in departments:
        return
    raise NotPermitted("holding.read_only", "You may give customers only to people that you answer for.")


def assignment(seen: Seen, *, owner_id: UUID | None, pool_id: UUID | None) -> Answer:
    """What becomes of a customer that somebody assigns: it must be in a pool, or with who they answer for."""
    held = seen.held
    if not seen.answers_for:
        return _READ_ONLY
    if (held.owner_id, held.pool_id) == (owner_id, pool_id):
        return MoveStatus.ALREADY_THERE, "It is there already."
    return DONE


def transfer(seen: Seen, *, owner_id: UUID) -> Answer:
    """What becomes of a customer that somebody hands over."""
    if (found := release(seen)) != DONE:
        return found
    if seen.held.owner_id == owner_id:
        return MoveStatus.ALREADY_THERE, "They hold it already."
    return DONE


def release(seen: Seen) -> Answer:
    """What becomes of a customer that somebody gives back."""
    if seen.held.owner_id is None:
        return MoveStatus.NOT_HELD, "Nobody holds this customer: it is in a pool already."
    return DONE if seen.answers_for else _READ_ONLY


def full(limits: PoolLimits) -> Answer:
    """The answer where the receiver holds as many as they may."""
    return MoveStatus.LIMIT_REACHED, f"They hold {limits.holdings} customers of its pool, which is the limit."


def refused(status: MoveStatus, detail: str) -> Exception:
    """The same answer as the error of a request for one customer, but for `not_visible`."""
    match status:
        case MoveStatus.NOT_HELD:
            return Conflict("holding.not_held", detail)
        case MoveStatus.ALREADY_THERE:
            return Conflict("holding.already_there", detail)
        case MoveStatus.LIMIT_REACHED:
            return Conflict("pool.limit_reached", detail)
        case _:
            return read_only()


def check_one_receiver(owner_id: UUID | None, pool_id: UUID | None) -> None:
    """InvalidInput: holding.one_receiver."""
    if (owner_id is None) == (pool_id is None):
        raise fault("owner_id", "holding.one_receiver", "Name just one of owner_id and pool_id.")


def check_day(field: str, day: date | None, today: date) -> None:
    """InvalidInput: holding.past_day."""
    if day is not None and day < today:
        raise fault(field, "holding.past_day", "This day is over.")


_READ_ONLY: Answer = (MoveStatus.NOT_PERMITTED, "You may look at this customer but not move it.")
