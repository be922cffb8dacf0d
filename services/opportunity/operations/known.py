"""What others tell of people and customers, and what is asked of them when nobody has told yet."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from contracts.audiences import marks_of
from contracts.base import Received
from contracts.customer.collaborators import Collaboration
from contracts.customer.customers import CustomerCreated, CustomerUpdated
from contracts.customer.deletion import CustomerDeleted, CustomerRestored
from contracts.customer.facts import CustomerFacts
from contracts.customer.merges import CustomerMerged, CustomerUnmerged
from contracts.errors import NotFound
from contracts.identity.users import User, UserCreated, UserFacts, UserUpdated
from contracts.pool.facts import HoldingFacts, PoolFacts
from contracts.pool.moves import Moved, holder_after
from contracts.pool.pools import PoolCreated, PoolUpdated
from servicekit.context import Caller
from servicekit.merging import Hanging, follow, follow_facts, hold
from servicekit.outbox import publish
from servicekit.projections import project
from services.opportunity import models, peers
from services.opportunity.operations import told
from services.opportunity.queries import known as queries
from services.opportunity.queries.known import Standing
from services.opportunity.rules import rights
from services.opportunity.rules.names import fold

_MOST_QUESTIONS = 100
"""Names that one import asks others about; who names more strangers than that waits for the events."""

_HANGING = (Hanging(models.Opportunity.customer_id, models.Opportunity.merged_from_id),)


def keep_user(db: Session, event: Received[UserCreated] | Received[UserUpdated]) -> None:
    """Know a person as the identity service tells of them."""
    _know_user(db, event.subject, event.data, sequence=event.sequence)


def keep_customer(db: Session, event: Received[CustomerCreated] | Received[CustomerUpdated]) -> None:
    """Know a customer as the customer service tells of it, and who held it from the start."""
    facts = event.data
    shared = facts.collaborators if isinstance(facts, CustomerUpdated) else None
    _know_customer(db, event.subject, name=facts.name, shared=shared, sequence=event.sequence)
    if isinstance(facts, CustomerCreated):
        _know_first_holder(db, event.subject, facts)


def keep_holder(db: Session, event: Moved) -> None:
    """Know who holds a customer as the pool service tells."""
    _know_holder(db, event.subject, holder_after(event.data)._asdict(), sequence=event.sequence)


def follow_merge(db: Session, event: Received[CustomerMerged] | Received[CustomerUnmerged]) -> None:
    """Let the loser's opportunities hang from the survivor, or from the loser again."""
    into = event.data.survivor_id if isinstance(event.data, CustomerMerged) else None
    moved = follow(
        db, models.Customer, event.subject, into=into, deleted=False, sequence=event.sequence, hanging=_HANGING
    )
    _announce_moved(db, moved or ())


def follow_deletion(db: Session, event: Received[CustomerDeleted] | Received[CustomerRestored]) -> None:
    """Hide a deleted customer's opportunities until it is restored."""
    deleted = isinstance(event.data, CustomerDeleted)
    follow(db, models.Customer, event.subject, into=None, deleted=deleted, sequence=event.sequence, hanging=_HANGING)


def keep_user_facts(db: Session, facts: UserFacts) -> bool:
    """Know a person as their record says; whether this was news."""
    return _know_user(db, facts.id, facts, sequence=facts.sequence)


def keep_customer_facts(db: Session, facts: CustomerFacts) -> bool:
    """Know a customer as its record says; whether this was news."""
    news = _know_customer(db, facts.id, name=facts.name, shared=facts.collaborators, sequence=facts.sequence)
    _know_first_holder(db, facts.id, facts)
    into, deleted = facts.merged_into_id, facts.deleted
    moved = follow_facts(
        db, models.Customer, facts.id, into=into, deleted=deleted, sequence=facts.sequence, hanging=_HANGING
    )
    _announce_moved(db, moved or ())
    return news or moved is not None


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


def customer_to_edit(db: Session, person: Caller, customer_id: UUID) -> Standing:
    """A customer that this person may put opportunities on, held so that it can't be merged or deleted meanwhile.

    NotFound: customer.not_found, customer.merged.
    """
    hold(db, models.Customer, customer_id)
    customer = queries.standing(db, person, customer_id)
    if customer is None:
        _learn_customers(db, {customer_id})
        hold(db, models.Customer, customer_id)
        customer = queries.standing(db, person, customer_id)
    if customer is not None and not customer.visible and customer.unknown_owner_id is not None:
        _learn_users(db, peers.describe_users({customer.unknown_owner_id}))
        customer = queries.standing(db, person, customer_id)
    if customer is None or not customer.visible:
        refuse_merged(db, person, customer_id)
        raise NotFound("customer.not_found", "There is no such customer.")
    if not customer.editable:
        raise rights.customer_read_only()
    return customer


def refuse_merged(db: Session, person: Caller, customer_id: UUID) -> None:
    """NotFound: customer.merged, when it was merged into one that this person may see."""
    survivor_id = queries.survivor_of(db, person, customer_id)
    if survivor_id is not None:
        message = "This customer was merged into another one: go on with that."
        raise NotFound("customer.merged", message, data={"survivor_id": str(survivor_id)})


def owner_of_new(db: Session, person: Caller, customer: Standing, named: UUID | None) -> UUID:
    """Whose a new opportunity on this customer is. InvalidInput: owner.not_yours, owner.required, owner.unknown."""
    owner_id = rights.owner_of_new(
        person.role, person_id=person.signed_by, named=named, customer_owner=customer.owner_id
    )
    if not person.is_user(owner_id):
        if not queries.is_active(db, owner_id):
            _learn_users(db, peers.describe_users({owner_id}))
        if not queries.is_active(db, owner_id):
            raise rights.unknown_owner()
    return owner_id


def ask_about_people(db: Session, names: Collection[str]) -> None:
    """Learn of people by name whom no event has told of yet."""
    if names:
        _learn_users(db, peers.users_like(sorted(names)[:_MOST_QUESTIONS]))


def ask_about_customers(db: Session, names: Collection[str]) -> None:
    """Learn of customers by name that no event has told of yet."""
    found = peers.customers_like(sorted(names)[:_MOST_QUESTIONS])
    if found:
        _learn_customers(db, found)


def _announce_moved(db: Session, opportunity_ids: Collection[UUID]) -> None:
    """That they hang from another customer now; nobody edited them, so their versions stay."""
    publish(db, *(told.updated(record, ["customer_id"]) for record in queries.opportunities(db, opportunity_ids)))


def _learn_users(db: Session, users: Collection[User]) -> None:
    for user in sorted(users, key=lambda each: each.id):
        _know_user(db, user.id, user, sequence=0)


def _learn_customers(db: Session, customer_ids: Collection[UUID]) -> None:
    for facts in sorted(peers.describe_customers(customer_ids), key=lambda each: each.id):
        keep_customer_facts(db, facts)


def _know_user(
    db: Session, user_id: UUID, told: User | UserCreated | UserUpdated | UserFacts, *, sequence: int
) -> bool:
    values = {
        "name": told.full_name,
        "folded_name": fold(told.full_name),
        "login_name": told.name,
        "folded_login_name": fold(told.name),
        "department_id": told.department_id,
        "active": told.active,
    }
    return project(db, models.User, user_id, sequence={"sequence": sequence}, values=values)


def _know_customer(
    db: Session, customer_id: UUID, *, name: str, shared: Sequence[Collaboration] | None, sequence: int
) -> bool:
    values: dict[str, object] = {"name": name, "folded_name": fold(name)}
    if shared is not None:
        values["readers"] = [each.user_id for each in shared]
        values["editors"] = [each.user_id for each in shared if each.access == "edit"]
    return project(db, models.Customer, customer_id, sequence={"sequence": sequence}, values=values)


def _know_pool(db: Session, pool_id: UUID, told: PoolCreated | PoolUpdated | PoolFacts, *, sequence: int) -> bool:
    audience = marks_of(told.open_to, told.administrators)
    return project(db, models.Pool, pool_id, sequence={"sequence": sequence}, values={"audience": audience})


def _know_holder(db: Session, customer_id: UUID, holder: Mapping[str, UUID | None], *, sequence: int) -> bool:
    return project(db, models.Customer, customer_id, sequence={"holding_sequence": sequence}, values=holder)


def _know_first_holder(db: Session, customer_id: UUID, told: CustomerCreated | CustomerFacts) -> None:
    """Who holds a customer while no holding.* event has told; later tellings of the same kind are no newer."""
    customer = models.Customer
    unheld = (customer.owner_id.is_(None), customer.pool_id.is_(None))
    untold = update(customer).where(customer.id == customer_id, *unheld)
    db.execute(untold.values(owner_id=told.owner_id, pool_id=told.pool_id))
