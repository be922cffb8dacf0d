"""What this service knows of customers and people, by events, by rebuilding and by asking."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.base import Received
from contracts.customer.collaborators import Collaboration
from contracts.customer.customers import CustomerCreated, CustomerUpdated
from contracts.customer.facts import CustomerFacts
from contracts.identity.users import User, UserCreated, UserFacts, UserUpdated
from contracts.opportunity.opportunities import OpportunityWon
from contracts.pool.pools import DEFAULT_POOL_ID
from servicekit import clock
from servicekit.merging import follow_facts
from servicekit.projections import project
from services.pool import models, peers
from services.pool.operations.reviews import review_soon
from services.pool.queries import known as queries
from services.pool.rules.handing import Person
from services.pool.rules.moves import Move


def hold_new_customer(db: Session, event: Received[CustomerCreated]) -> None:
    """Begin a customer's life in the hands it was created for."""
    _hold(db, event.subject, event.data, sequence=event.sequence, since=event.time)


def keep_customer_name(db: Session, event: Received[CustomerUpdated]) -> None:
    """Know a customer by its present name; its level may decide over its deadline."""
    told = event.data
    _know_customer(db, event.subject, name=told.name, shared=told.collaborators, sequence=event.sequence)
    if "level" in told.changed:
        review_soon(db, [event.subject])


def keep_customer_facts(db: Session, facts: CustomerFacts) -> bool:
    """Know a customer as its record says, and hold it when it is new here; whether this was news."""
    news = _hold(db, facts.id, facts, sequence=facts.sequence, since=clock.now())
    into, deleted = facts.merged_into_id, facts.deleted
    if follow_facts(db, models.Customer, facts.id, into=into, deleted=deleted, sequence=facts.sequence) is None:
        return news
    rest(db, facts.id)
    return True


def keep_purchase(db: Session, event: Received[OpportunityWon]) -> None:
    """Know that a customer has bought."""
    record = models.Customer
    bought = insert(record).values(id=event.data.customer_id, bought=True)
    db.execute(bought.on_conflict_do_update(index_elements=["id"], set_={"bought": True}))


def keep_user(db: Session, event: Received[UserCreated] | Received[UserUpdated]) -> None:
    """Know a person by name and department."""
    _know_user(db, event.subject, event.data, sequence=event.sequence)


def keep_user_facts(db: Session, facts: UserFacts) -> bool:
    """Know a person as their record says; whether this was news."""
    return _know_user(db, facts.id, facts, sequence=facts.sequence)


def hear_of(db: Session, customer_ids: Collection[UUID]) -> None:
    """Ask for those customers whose events are still on their way, and hold them as the events would."""
    missing = set(customer_ids) - queries.known_customers(db, customer_ids)
    if not missing:
        return
    described = peers.describe_customers(missing)
    for facts in sorted(described, key=lambda each: each.id):
        keep_customer_facts(db, facts)


def person_named(db: Session, user_id: UUID) -> Person | None:
    """A colleague, asked for when no event has told of them yet; None when there is none."""
    if queries.person(db, user_id) is None and (described := peers.describe_user(user_id)) is not None:
        _know_user(db, user_id, described, sequence=0)  # the first event about them is later than this
    return queries.person(db, user_id)


def _hold(
    db: Session, customer_id: UUID, facts: CustomerCreated | CustomerFacts, *, sequence: int, since: datetime
) -> bool:
    shared = facts.collaborators if isinstance(facts, CustomerFacts) else None
    named = _know_customer(db, customer_id, name=facts.name, shared=shared, sequence=sequence)
    first = {
        "customer_id": customer_id,
        "number": 1,
        "owner_id": facts.owner_id,
        "pool_id": facts.pool_id,
        "since": since,
        "began": Move.CREATED,
        "resting": queries.rests(customer_id),
        "home_pool_id": DEFAULT_POOL_ID if facts.owner_id else None,
        "review_at": clock.now() if facts.owner_id else None,
    }
    begun = insert(models.Holding).values(first).on_conflict_do_nothing()
    held = db.execute(begun.returning(models.Holding.customer_id)).first() is not None
    return named or held


def _know_customer(
    db: Session, customer_id: UUID, *, name: str, shared: Sequence[Collaboration] | None, sequence: int
) -> bool:
    values: dict[str, object] = {"name": name}
    if shared is not None:
        values["readers"] = [each.user_id for each in shared]
    return project(db, models.Customer, customer_id, sequence={"sequence": sequence}, values=values)


def _know_user(
    db: Session, user_id: UUID, told: UserCreated | UserUpdated | UserFacts | User, *, sequence: int
) -> bool:
    values = {"name": told.full_name, "department_id": told.department_id, "active": told.active, "role": told.role}
    return project(db, models.User, user_id, sequence={"sequence": sequence}, values=values)


def rest(db: Session, customer_id: UUID) -> None:
    """Let a holding rest or go on, as its customer stands."""
    holding = models.Holding
    resting = update(holding).where(holding.customer_id == customer_id).values(resting=queries.rests(customer_id))
    db.execute(resting, execution_options={"synchronize_session": False})
