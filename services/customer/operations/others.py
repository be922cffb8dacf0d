"""What this service keeps of users, pools and holdings: told by events, or asked for where no event has told yet."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts import identity
from contracts.base import Received
from contracts.identity import UserCreated
from contracts.pool import HoldingClaimed, HoldingReleased, PoolCreated
from servicekit.projections import project
from services.customer import models, peers
from services.customer.queries import others
from services.customer.rules.rights import Person


def keep_user(db: Session, event: Received[UserCreated]) -> None:
    """Know a person as the identity service tells of them."""
    project(db, models.User, event.subject, sequence={"sequence": event.sequence}, values=_user_columns(event.data))


def keep_pool(db: Session, event: Received[PoolCreated]) -> None:
    """Know a pool as the pool service tells of it."""
    project(db, models.Pool, event.subject, sequence={"sequence": event.sequence}, values={"name": event.data.name})


def follow_claim(db: Session, event: Received[HoldingClaimed]) -> None:
    """A customer has an owner now."""
    _hold(db, event.subject, event.sequence, owner_id=event.data.owner_id, pool_id=None)


def follow_release(db: Session, event: Received[HoldingReleased]) -> None:
    """A customer waits in a pool now."""
    _hold(db, event.subject, event.sequence, owner_id=None, pool_id=event.data.pool_id)


def known_person(db: Session, user_id: UUID) -> Person | None:
    """A colleague as a decision needs them; None when there is no such user."""
    if others.user(db, user_id) is None:
        _learn_users(db, peers.users([user_id]))
    return _person(others.user(db, user_id))


def known_people(db: Session, logins: Collection[str]) -> dict[str, Person]:
    """The same for many, by login name; those who don't exist are left out."""
    known = others.users_by_login(db, logins)
    missing = [login for login in logins if login not in known]
    if missing:
        _learn_users(db, peers.users_by_login(missing))
        known = others.users_by_login(db, logins)
    return {login: Person(user.id, user.department_id, user.active) for login, user in known.items()}


def known_pools(db: Session, pool_ids: Collection[UUID]) -> set[UUID]:
    """Those of these pools that exist."""
    known = others.known_pools(db, pool_ids)
    if len(known) == len(set(pool_ids)):
        return known
    _learn_pools(db)
    return others.known_pools(db, pool_ids)


def _person(user: models.User | None) -> Person | None:
    return None if user is None else Person(user.id, user.department_id, user.active)


def _user_columns(told: UserCreated | identity.User) -> dict[str, object]:
    return {
        "login": told.name,
        "name": told.full_name,
        "department_id": told.department_id,
        "active": told.active,
    }


def _learn_users(db: Session, users: Collection[identity.User]) -> None:
    """Keep what was asked for until the events about it arrive; what an event has told already stays."""
    rows = [{"id": user.id, **_user_columns(user), "sequence": 0} for user in users]
    if rows:
        db.execute(insert(models.User).on_conflict_do_nothing(), rows)


def _learn_pools(db: Session) -> None:
    rows = [{"id": pool.id, "name": pool.name, "sequence": 0} for pool in peers.pools()]
    if rows:
        db.execute(insert(models.Pool).on_conflict_do_nothing(), rows)


def _hold(db: Session, customer_id: UUID, sequence: int, *, owner_id: UUID | None, pool_id: UUID | None) -> None:
    """Follow the pool service, the one truth about who holds whom; `version` counts edits and stays."""
    older = (models.Customer.id == customer_id, models.Customer.holding_sequence < sequence)
    holder = {"owner_id": owner_id, "pool_id": pool_id, "holding_sequence": sequence}
    db.execute(update(models.Customer).where(*older).values(holder))
