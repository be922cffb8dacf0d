"""What this service knows of people, customers and their holders, by events, by rebuilding and by asking."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from contracts.audiences import marks_of
from contracts.base import Received
from contracts.customer.collaborators import Collaboration
from contracts.customer.customers import CustomerCreated, CustomerUpdated
from contracts.customer.facts import CustomerFacts
from contracts.identity.users import User, UserCreated, UserFacts, UserUpdated
from contracts.pool.facts import HoldingFacts, PoolFacts
from contracts.pool.moves import Moved, holder_after
from contracts.pool.pools import PoolCreated, PoolUpdated
from servicekit.context import caller
from servicekit.merging import follow_facts
from servicekit.projections import project
from services.activity import models, peers, queries
from services.activity.operations.standing import HANGING, silence_or_remind


def keep_user(db: Session, event: Received[UserCreated] | Received[UserUpdated]) -> None:
    """Know a person as the identity service tells of them."""
    _know_user(db, event.subject, event.data, sequence=event.sequence)


def keep_user_facts(db: Session, facts: UserFacts) -> bool:
    """Know a person as their record says; whether this was news."""
    return _know_user(db, facts.id, facts, sequence=facts.sequence)


def keep_customer(db: Session, event: Received[CustomerCreated] | Received[CustomerUpdated]) -> None:
    """Know a customer as the customer service tells of it, and who held it from the start."""
    told = event.data
    shared = told.collaborators if isinstance(told, CustomerUpdated) else None
    _know_customer(db, event.subject, told, shared=shared, sequence=event.sequence)
    if isinstance(told, CustomerCreated):
        _know_first_holder(db, event.subject, owner_id=told.owner_id, pool_id=told.pool_id)


def keep_customer_facts(db: Session, facts: CustomerFacts) -> bool:
    """Know a customer as its record says; whether this was news."""
    news = _know_customer(db, facts.id, facts, shared=facts.collaborators, sequence=facts.sequence)
    _know_first_holder(db, facts.id, owner_id=facts.owner_id, pool_id=facts.pool_id)
    into, deleted = facts.merged_into_id, facts.deleted
    moved = follow_facts(
        db, models.Customer, facts.id, into=into, deleted=deleted, sequence=facts.sequence, hanging=HANGING
    )
    if moved is not None:
        silence_or_remind(db, facts.id, deleted=deleted)
    return news or moved is not None


def keep_holder(db: Session, event: Moved) -> None:
    """Know who holds a customer as the pool service tells."""
    _know_holder(db, event.subject, holder_after(event.data)._asdict(), sequence=event.sequence)


def keep_holder_facts(db: Session, facts: HoldingFacts) -> bool:
    """Know who holds a customer as the pool service's record says; whether this was news."""
    holder = {"owner_id": facts.owner_id, "pool_id": facts.pool_id}
    return _know_holder(db, facts.customer_id, holder, sequence=facts.sequence)


def keep_pool(db: Session, event: Received[PoolCreated] | Received[PoolUpdated]) -> None:
    """Know whom a pool is open to."""
    _know_pool(db, event.subject, event.data, sequence=event.sequence)


def keep_pool_facts(db: Session, facts: PoolFacts) -> bool:
    """Know it as the pool's record says; whether this was news."""
    return _know_pool(db, facts.id, facts, sequence=facts.sequence)


def look_up(db: Session, customer_id: UUID) -> None:
    """Ask about a customer that no event has told of yet, as one has that was added a moment ago."""
    facts = peers.describe_customer(customer_id)
    if facts is not None:
        keep_customer_facts(db, facts)


def look_up_user(db: Session, user_id: UUID) -> None:
    """The same about a person."""
    user = peers.describe_user(user_id)
    if user is not None:
        _know_user(db, user_id, user, sequence=0)  # the first event about them is later than this


def _know_user(
    db: Session, user_id: UUID, told: User | UserCreated | UserUpdated | UserFacts, *, sequence: int
) -> bool:
    values = {"name": told.full_name, "department_id": told.department_id, "active": told.active}
    return project(db, models.User, user_id, sequence={"sequence": sequence}, values=values)


def _know_pool(db: Session, pool_id: UUID, told: PoolCreated | PoolUpdated | PoolFacts, *, sequence: int) -> bool:
    audience = marks_of(told.open_to, told.administrators)
    return project(db, models.Pool, pool_id, sequence={"sequence": sequence}, values={"audience": audience})


def _know_holder(db: Session, customer_id: UUID, holder: Mapping[str, UUID | None], *, sequence: int) -> bool:
    return project(db, models.Customer, customer_id, sequence={"holding_sequence": sequence}, values=holder)


def _know_customer(
    db: Session,
    customer_id: UUID,
    told: CustomerCreated | CustomerUpdated | CustomerFacts,
    *,
    shared: Sequence[Collaboration] | None,
    sequence: int,
) -> bool:
    values: dict[str, object] = {"name": told.name, "lifecycle": told.lifecycle}
    if shared is not None:
        values["readers"] = [each.user_id for each in shared]
        values["editors"] = [each.user_id for each in shared if each.access == "edit"]
    return project(db, models.Customer, customer_id, sequence={"sequence": sequence}, values=values)


def _know_first_holder(db: Session, customer_id: UUID, *, owner_id: UUID | None, pool_id: UUID | None) -> None:
    """Who holds a customer at first: it counts only while nothing else is known, for all that is known is later."""
    customer = models.Customer
    unheld = update(customer).where(customer.id == customer_id, customer.owner_id.is_(None), customer.pool_id.is_(None))
    db.execute(unheld.values(owner_id=owner_id, pool_id=pool_id))


def survivor_of(db: Session, customer_id: UUID | None) -> UUID | None:
    """The customer whose records a list is about."""
    if customer_id is None:
        return None
    return queries.survivor_of(db, caller(), customer_id) or customer_id
