"""What is read of customers."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from contracts.customer.customers import Customer, CustomerPage, CustomerSort, ListCustomers
from contracts.customer.facts import CustomerFacts, CustomerFactsPage, ListCustomerFacts
from contracts.errors import NotFound, NotPermitted
from contracts.values import PoolRef, UserRef
from servicekit import clock
from servicekit.context import Caller
from servicekit.merging import ends
from servicekit.paging import page, total
from servicekit.projections import latest_sequence
from services.customer import models
from services.customer.queries.collaborators import collaborations
from services.customer.queries.conditions import holds
from services.customer.queries.custom_fields import hidden_from
from services.customer.queries.rights import answered_for_by, editable_by, in_sight_of, is_there, visible_to
from services.customer.queries.scores import as_score
from services.customer.rules.conditions import Condition
from services.customer.rules.search import Search

_IMPORT_LOCK = func.hashtext("customer imports")
_TREE_LOCK = func.hashtext("customer parents")

_SORTS: dict[CustomerSort, tuple[tuple[InstrumentedAttribute[Any], InstrumentedAttribute[UUID]], bool]] = {
    CustomerSort.NAME: ((models.Customer.folded_name, models.Customer.id), False),
    CustomerSort.NEWEST: ((models.Customer.created_at, models.Customer.id), True),
    CustomerSort.RECENTLY_UPDATED: ((models.Customer.updated_at, models.Customer.id), True),
    CustomerSort.HIGHEST_SCORE: ((models.Score.rank, models.Score.customer_id), True),
}
"""What each order goes by, and whether downwards."""

# Put together once, not for every request.
CUSTOMERS: Select[models.Customer, str, str, models.Score, int] = (
    select(models.Customer, models.User.name, models.Pool.name, models.Score, models.Scoring.half_life_days)
    .outerjoin(models.User, models.User.id == models.Customer.owner_id)
    .outerjoin(models.Pool, models.Pool.id == models.Customer.pool_id)
    .outerjoin(models.Score, models.Score.customer_id == models.Customer.id)
    .join(models.Scoring, true())
)
"""Customers, each with the name of its owner and of its pool, and with what it is worth."""


def customer(db: Session, caller: Caller, customer_id: UUID) -> Customer:
    """A customer that the caller may see. NotFound: customer.not_found."""
    row = db.execute(CUSTOMERS.where(models.Customer.id == customer_id, visible_to(caller))).one_or_none()
    if row is None:
        raise no_customer(db, caller, customer_id)
    (seen,) = as_customers(db, caller, [row])
    return seen


def customer_as_it_is(db: Session, caller: Caller, customer_id: UUID) -> Customer:
    """A customer of whom it is decided before that the caller may see it."""
    (seen,) = as_customers(db, caller, [db.execute(CUSTOMERS.where(models.Customer.id == customer_id)).one()])
    return seen


def customer_to_edit(db: Session, caller: Caller, customer_id: UUID) -> models.Customer:
    """A customer that the caller may edit, held against other changes until the transaction ends.

    NotFound: customer.not_found. NotPermitted: customer.read_only.
    """
    refusal = NotPermitted("customer.read_only", "You may look at this customer but not change it.")
    return held(db, caller, customer_id, allowed=editable_by(caller), otherwise=refusal)


def customer_to_share(db: Session, caller: Caller, customer_id: UUID) -> models.Customer:
    """The same for who may name its collaborators. NotPermitted: collaborator.owners_only."""
    refusal = NotPermitted("collaborator.owners_only", "Only who holds this customer, and their manager, may do this.")
    return held(db, caller, customer_id, allowed=answered_for_by(caller), otherwise=refusal)


def customer_to_leave(db: Session, caller: Caller, customer_id: UUID) -> models.Customer:
    """The same for who may see it."""
    refusal = NotPermitted("customer.read_only", "You may look at this customer but not change it.")
    return held(db, caller, customer_id, allowed=true(), otherwise=refusal)


def held(
    db: Session, caller: Caller, customer_id: UUID, *, allowed: ColumnElement[bool], otherwise: NotPermitted
) -> models.Customer:
    """A customer that the caller may see and meets a condition, held against other changes; else `otherwise` is raised.

    NotFound: customer.not_found, customer.merged.
    """
    statement = (
        select(models.Customer, func.coalesce(allowed, false()))
        .where(models.Customer.id == customer_id, visible_to(caller))
        .with_for_update(of=models.Customer, key_share=True)
    )
    row = db.execute(statement).one_or_none()
    if row is None:
        raise no_customer(db, caller, customer_id)
    if not row[1]:
        raise otherwise
    return row[0]


def may_edit_company(db: Session, caller: Caller, customer_id: UUID) -> bool | None:
    """Whether the caller may edit this company; None when they see no such company.

    It can't be merged or deleted until the transaction ends.
    """
    record = models.Customer
    statement = select(func.coalesce(editable_by(caller), false()))
    found = statement.where(record.id == customer_id, record.kind == "company", visible_to(caller))
    return db.scalar(found.with_for_update(read=True, key_share=True, of=record))


def is_company(db: Session, customer_id: UUID) -> bool:
    """Whether there is such a company."""
    record = models.Customer
    return db.scalar(select(true()).where(record.id == customer_id, record.kind == "company", is_there())) is True


def list_customers(
    db: Session, caller: Caller, request: ListCustomers, search: Search | None, custom: Sequence[Condition]
) -> CustomerPage:
    """A page of the customers that the caller may see."""
    now = clock.now()
    asked = (holds(condition, now) for condition in custom)
    there = _deleted(caller) if request.deleted else visible_to(caller)
    wanted = CUSTOMERS.where(there, *_filters(caller, request), *asked)
    if search is not None:
        wanted = wanted.where(_matches(search))
    keys, descending = _SORTS[request.sort]
    rows, next_cursor = page(
        db,
        wanted.where(keys[0].is_not(None)),  # which lets the scores be read in the order of their index
        *keys,
        limit=request.limit,
        cursor=request.cursor,
        descending=descending,
    )
    return CustomerPage(
        items=as_customers(db, caller, rows),
        next_cursor=next_cursor,
        total=total(db, wanted) if request.count else None,
    )


def visible_ids(db: Session, caller: Caller, customer_ids: Collection[UUID]) -> set[UUID]:
    """Those of these customers that the caller may see."""
    if not customer_ids:
        return set()
    return set(db.scalars(select(models.Customer.id).where(models.Customer.id.in_(customer_ids), visible_to(caller))))


def count_all(db: Session) -> int:
    """How many customers there are."""
    return db.scalar(select(func.count()).select_from(models.Customer)) or 0


def facts(db: Session, customer_ids: Sequence[UUID]) -> list[CustomerFacts]:
    """What other services keep of these customers."""
    return _as_facts(db, db.execute(_facts().where(models.Customer.id.in_(customer_ids))).all())


def facts_page(db: Session, request: ListCustomerFacts) -> CustomerFactsPage:
    """What other services keep of all customers, page by page."""
    rows, next_cursor = page(db, _facts(), models.Customer.id, limit=request.limit, cursor=request.cursor)
    return CustomerFactsPage(items=_as_facts(db, rows), next_cursor=next_cursor)


def parents_above(db: Session, customer_id: UUID) -> dict[UUID, UUID | None]:
    """A company and all that it belongs to, each with its own parent."""
    record = models.Customer
    above = select(record.id, record.parent_id).where(record.id == customer_id).cte("above", recursive=True)
    above = above.union(select(record.id, record.parent_id).join(above, record.id == above.c["parent_id"]))
    return {id_: parent_id for id_, parent_id in db.execute(select(above))}  # noqa: C416  rows are no pairs to mypy


def hold_tree(db: Session) -> None:
    """Let no other transaction give a company a parent until this one ends: two could close a circle together."""
    db.execute(select(func.pg_advisory_xact_lock(_TREE_LOCK)))


def hold_imports(db: Session) -> None:
    """Let no other import begin until this one has committed: both could add the same name."""
    db.execute(select(func.pg_advisory_xact_lock(_IMPORT_LOCK)))


def taken_names(db: Session, keys: Collection[str]) -> set[str]:
    """Those of these names (as rules.search.name_key gives them) that some customer has."""
    key = _name_key()
    return set(db.scalars(select(key).where(key.in_(keys), is_there()).distinct()))


def companies_to_edit(db: Session, caller: Caller, *, keys: Collection[str], ids: Collection[UUID]) -> dict[UUID, str]:
    """The companies of these names or ids that the caller may edit, each with its name's key."""
    record, key = models.Customer, _name_key()
    meant = or_(key.in_(keys), record.id.in_(ids))
    found = select(record.id, key).where(record.kind == "company", meant, is_there(), editable_by(caller))
    rows = db.execute(found.order_by(record.id).with_for_update(read=True, key_share=True, of=record))
    return {id_: name for id_, name in rows}  # noqa: C416  as above


def _facts() -> Select[models.Customer, int]:
    """Customers, each with the sequence that belongs to just this state."""
    return select(models.Customer, latest_sequence(models.Customer.id))


def _as_facts(db: Session, rows: Sequence[Row[models.Customer, int]]) -> list[CustomerFacts]:
    told = CustomerFacts.model_fields.keys() - {"sequence", "collaborators", "deleted"}
    shared = collaborations(db, [record.id for record, _ in rows])
    return [
        CustomerFacts(
            **{name: getattr(record, name) for name in told},
            deleted=record.deleted_at is not None,
            sequence=sequence,
            collaborators=shared[record.id],
        )
        for record, sequence in rows
    ]


def _deleted(caller: Caller) -> ColumnElement[bool]:
    return and_(models.Customer.deleted_at.is_not(None), in_sight_of(caller))


def _name_key() -> ColumnElement[str]:
    return func.replace(models.Customer.folded_name, " ", "")


def as_customers(
    db: Session, caller: Caller, rows: Sequence[Row[models.Customer, str, str, models.Score, int]]
) -> list[Customer]:
    """Customers as the caller may see them: without the custom fields that are hidden from their role."""
    hidden = hidden_from(db, caller.role) if any(row[0].custom for row in rows) else set()
    return [_as_customer(*row, hidden=hidden) for row in rows]


def _as_customer(
    record: models.Customer,
    owner_name: str | None,
    pool_name: str | None,
    score: models.Score | None,
    half_life_days: int,
    *,
    hidden: Collection[tuple[str, str]],
) -> Customer:
    read = Customer.model_fields.keys() - {"owner", "pool", "custom", "duplicates", "score"}
    return Customer(
        **{name: getattr(record, name) for name in read},
        custom={key: value for key, value in record.custom.items() if (record.kind, key) not in hidden},
        owner=UserRef(id=record.owner_id, name=owner_name or "") if record.owner_id else None,
        pool=PoolRef(id=record.pool_id, name=pool_name or "") if record.pool_id else None,
        score=None if score is None else as_score(score, half_life_days),
    )


def _filters(caller: Caller, request: ListCustomers) -> list[ColumnElement[bool]]:
    record = models.Customer
    owner_id = caller.user_id if request.owner_id == "me" else request.owner_id
    equal: Mapping[InstrumentedAttribute[Any], object] = {
        record.kind: request.kind,
        record.owner_id: owner_id,
        record.pool_id: request.pool_id,
        record.parent_id: request.parent_id,
        record.lifecycle: request.lifecycle,
        record.level: request.level,
    }
    filters: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value is not None]
    if request.tag is not None:
        filters.append(record.tags.contains([request.tag]))
    if request.updated_since is not None:
        filters.append(record.updated_at >= request.updated_since)
    return filters


def _matches(search: Search) -> ColumnElement[bool]:
    """One and two characters are found by the name's pieces, longer fragments by its trigrams."""
    record = models.Customer
    ways = [
        record.name_pieces.contains([search.name])
        if len(search.name) <= len("ab")
        else record.folded_name.contains(search.name, autoescape=True)
    ]
    if len(search.name) > len("ab"):
        ways.append(record.folded_custom.contains(search.name, autoescape=True))
    ways += [record.phone_digits.contains(digits) for digits in search.digits]
    if search.email is not None:
        ways.append(record.folded_emails.contains(search.email, autoescape=True))
    return or_(*ways)


def no_customer(db: Session, caller: Caller, customer_id: UUID) -> NotFound:
    """Why the caller gets no such customer: it was merged into one that they may see, or there is none to them."""
    end = ends(db, models.Customer, [customer_id]).get(customer_id)
    seen = select(models.Customer.id).where(models.Customer.id == end, visible_to(caller))
    if end is not None and end != customer_id and db.scalar(seen) is not None:
        message = "This customer was merged into another one: go on with that."
        return NotFound("customer.merged", message, data={"survivor_id": str(end)})
    return NotFound("customer.not_found", "There is no such customer.")
