"""What this service keeps of users, pools and holdings: told by events, or asked for where no event has told yet."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.audiences import marks_of
from contracts.base import Received
from contracts.identity.users import User, UserCreated, UserFacts
from contracts.pool.facts import HoldingFacts, PoolFacts
from contracts.pool.moves import Moved, holder_after
from contracts.pool.pools import Pool, PoolCreated, PoolUpdated
from servicekit.context import caller
from servicekit.projections import amend, project
from services.customer import models, peers
from services.customer.operations import classification
from services.customer.queries import others
from services.customer.rules.rights import Person


def keep_user(db: Session, event: Received[UserCreated]) -> None:
    """Know a person as the identity service tells of them."""
    _know_user(db, event.subject, event.data, sequence=event.sequence)


def keep_user_facts(db: Session, facts: UserFacts) -> bool:
    """Know a person as their record says; whether this was news."""
    return _know_user(db, facts.id, facts, sequence=facts.sequence)


def keep_pool(db: Session, event: Received[PoolCreated] | Received[PoolUpdated]) -> None:
    """Know a pool as the pool service tells of it."""
    _know_pool(db, event.subject, event.data, sequence=event.sequence)


def keep_pool_facts(db: Session, facts: PoolFacts) -> bool:
    """Know a pool as its record says; whether this was news."""
    return _know_pool(db, facts.id, facts, sequence=facts.sequence)


def follow_move(db: Session, event: Moved) -> None:
    """Somebody else holds a customer now."""
    holder = holder_after(event.data)
    _hold(db, event.subject, event.sequence, owner_id=holder.owner_id, pool_id=holder.pool_id)


def keep_holder_facts(db: Session, facts: HoldingFacts) -> bool:
    """Know who holds a customer as the pool service's record says; whether this was news."""
    return _hold(db, facts.customer_id, facts.sequence, owner_id=facts.owner_id, pool_id=facts.pool_id)


def known_person(db: Session, user_id: UUID) -> Person | None:
    """A colleague as a decision needs them; None when there is no such user."""
    if others.user(db, user_id) is None:
        _learn_users(db, peers.users([user_id]))
    return _person(others.user(db, user_id))


def is_active(db: Session, user_id: UUID) -> bool:
    """Whether there is such a colleague and they still work here."""
    person = known_person(db, user_id)
    return person is not None and person.active


def person_name(db: Session, user_id: UUID) -> str:
    """A colleague's name; empty until this service has heard of them."""
    found = others.user(db, user_id)
    return "" if found is None else found.name


def known_people(db: Session, logins: Collection[str]) -> dict[str, Person]:
    """The same for many, by login name; those who don't exist are left out."""
    known = others.users_by_login(db, logins)
    missing = [login for login in logins if login not in known]
    if missing:
        _learn_users(db, peers.users_by_login(missing))
        known = others.users_by_login(db, logins)
    return {login: Person(user.id, user.department_id, user.active) for login, user in known.items()}


def open_pools(db: Session, pool_ids: Collection[UUID]) -> set[UUID]:
    """Those of these pools that exist and are open to the caller."""
    if len(others.pools(db, pool_ids)) < len(set(pool_ids)):
        _learn_pools(db)
    return others.open_pools(db, caller(), pool_ids)


def _person(user: models.User | None) -> Person | None:
    return None if user is None else Person(user.id, user.department_id, user.active)


def _know_user(db: Session, user_id: UUID, told: UserCreated | UserFacts, *, sequence: int) -> bool:
    return project(db, models.User, user_id, sequence={"sequence": sequence}, values=_user_columns(told))


def _know_pool(db: Session, pool_id: UUID, told: PoolCreated | PoolUpdated | PoolFacts, *, sequence: int) -> bool:
    return project(db, models.Pool, pool_id, sequence={"sequence": sequence}, values=_pool_columns(told))


def _user_columns(told: UserCreated | UserFacts | User) -> dict[str, object]:
    return {
        "login": told.name,
        "name": told.full_name,
        "department_id": told.department_id,
        "active": told.active,
    }


def _learn_users(db: Session, users: Collection[User]) -> None:
    """Keep what was asked for until the events about it arrive; what an event has told already stays."""
    rows = [{"id": user.id, **_user_columns(user), "sequence": 0} for user in users]
    if rows:
        db.execute(insert(models.User).on_conflict_do_nothing(), rows)


def _learn_pools(db: Session) -> None:
    rows = [{"id": pool.id, **_pool_columns(pool), "sequence": 0} for pool in peers.pools()]
    if rows:
        db.execute(insert(models.Pool).on_conflict_do_nothing(), rows)


def _pool_columns(told: PoolCreated | PoolUpdated | PoolFacts | Pool) -> dict[str, object]:
    return {"name": told.name, "audience": marks_of(told.open_to, told.administrators)}


def _hold(db: Session, customer_id: UUID, sequence: int, *, owner_id: UUID | None, pool_id: UUID | None) -> bool:
    """Follow the pool service, the one truth about who holds whom; `version` counts edits and stays."""
    holder = {"owner_id": owner_id, "pool_id": pool_id}
    news = amend(db, models.Customer, customer_id, sequence={"holding_sequence": sequence}, values=holder)
    if news:
        classification.classify(db, [customer_id], changed=["owner_id", "department_id", "pool_id"])
    return news
