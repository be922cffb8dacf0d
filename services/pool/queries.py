"""Every SELECT of the pool service. Who may see a holding is a condition of the query, never a filter afterwards."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, false, func, or_, select, text, true
from sqlalchemy.orm import Session

from contracts.pool import (
    DEFAULT_POOL_ID,
    FreeCustomer,
    FreeCustomerPage,
    Holding,
    HoldingFacts,
    HoldingFactsPage,
    HoldingPage,
    HoldingSort,
    HoldingSpan,
    ListFreeCustomers,
    ListHoldingFacts,
    ListHoldings,
    ListPoolFacts,
    Pool,
    PoolFacts,
    PoolFactsPage,
)
from contracts.values import CustomerRef, PoolRef, Role, UserRef
from servicekit.context import Caller
from servicekit.paging import page, total
from servicekit.projections import latest_sequence
from services.pool import models, rules
from services.pool.rules import MOST_POOLS, Held

Columns = TypeVarTuple("Columns")

_MOST_SPANS = 1_000


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """Which holdings a caller may see: their own, shared ones, those in a pool, a manager also their people's.

    Nobody sees those that rest.
    """
    return and_(models.Holding.resting.is_(False), _in_sight_of(caller))


def _in_sight_of(caller: Caller) -> ColumnElement[bool]:
    if rules.reads_all(caller.role):
        return true()
    if caller.kind != "user":
        return false()
    shared = select(models.Customer.id).where(models.Customer.readers.contains([caller.user_id]))
    return or_(answered_for_by(caller), models.Holding.pool_id.is_not(None), models.Holding.customer_id.in_(shared))


def answered_for_by(caller: Caller) -> ColumnElement[bool]:
    """The condition on holdings that a caller may end: their own, a manager also their people's."""
    if rules.edits_all(caller.role):
        return true()
    if caller.kind != "user":
        return false()
    mine = models.Holding.owner_id == caller.user_id
    if caller.role != Role.MANAGER:
        return mine
    people = select(models.User.id).where(models.User.department_id.in_(caller.departments))
    return or_(mine, models.Holding.owner_id.in_(people))


def pools(db: Session) -> list[Pool]:
    """All pools by name, with how many customers wait in each."""
    found = db.execute(_pools().order_by(func.lower(models.Pool.name)).limit(MOST_POOLS))
    return [_pool(*row) for row in found]


def pool(db: Session, pool_id: UUID) -> Pool | None:
    """One pool, with how many customers wait in it."""
    row = db.execute(_pools().where(models.Pool.id == pool_id)).one_or_none()
    return None if row is None else _pool(*row)


def pool_ref(db: Session, pool_id: UUID) -> PoolRef | None:
    """A pool as other records name it."""
    found = db.get(models.Pool, pool_id)
    return None if found is None else PoolRef(id=found.id, name=found.name)


def lock_pool_names(db: Session) -> None:
    """Let nobody else open a pool until the transaction ends; claims and releases go on."""
    db.execute(text("LOCK TABLE pools IN SHARE ROW EXCLUSIVE MODE"))


def count_pools(db: Session, name: str) -> tuple[int, int]:
    """How many pools there are, and how many have this name in any case."""
    named = func.count().filter(func.lower(models.Pool.name) == func.lower(name))
    pools, namesakes = db.execute(select(func.count(), named).select_from(models.Pool)).one()
    return pools, namesakes


def known_customers(db: Session, customer_ids: Collection[UUID]) -> set[UUID]:
    """Those of these customers that somebody holds or a pool has."""
    return set(db.scalars(select(models.Holding.customer_id).where(models.Holding.customer_id.in_(set(customer_ids)))))


def lock_holdings(db: Session, customer_ids: Collection[UUID]) -> dict[UUID, Held]:
    """Who holds these customers, locked until the transaction ends; always in the order of ids, against deadlocks.

    Those that rest are left out.
    """
    statement = _held().where(models.Holding.customer_id.in_(set(customer_ids)), models.Holding.resting.is_(False))
    return {row.customer_id: Held(*row) for row in db.execute(_locked(statement))}


def lock_visible_holding(db: Session, customer_id: UUID, caller: Caller) -> tuple[Held, bool] | None:
    """Who holds a customer that the caller may see, locked until the transaction ends; and whether they may end it."""
    statement = _held().where(models.Holding.customer_id == customer_id, visible_to(caller))
    row = db.execute(_locked(statement.add_columns(func.coalesce(answered_for_by(caller), false())))).one_or_none()
    return None if row is None else (Held(*row[:-1]), row[-1])


def lock_holding(db: Session, customer_id: UUID) -> Held | None:
    """Who holds a customer, be it resting or not, locked until the transaction ends."""
    row = db.execute(_locked(_held().where(models.Holding.customer_id == customer_id))).one_or_none()
    return None if row is None else Held(*row)


def lock_given(db: Session, merge_id: UUID) -> tuple[Held, models.HoldingSpan] | None:
    """The holding that this merge gave away and that has not moved since, and the stretch before it."""
    span, given = models.HoldingSpan, models.Holding
    customer_id = db.scalar(select(given.customer_id).where(given.merge_id == merge_id))
    held = None if customer_id is None else lock_holding(db, customer_id)
    former = select(span).join(given, given.customer_id == span.customer_id)
    found = db.scalar(former.where(given.merge_id == merge_id, span.number == given.number - 1))
    return None if held is None or found is None else (held, found)


def rests(customer_id: UUID) -> ScalarSelect[bool]:
    """Whether a customer was merged into another one, or deleted; for a statement that writes it down."""
    record = models.Customer
    return (
        select(or_(record.merged_into_id.is_not(None), record.deleted))
        .where(record.id == customer_id)
        .scalar_subquery()
    )


def merged_into(db: Session, customer_id: UUID) -> UUID | None:
    """The customer that one was merged into."""
    return db.scalar(select(models.Customer.merged_into_id).where(models.Customer.id == customer_id))


def holding(db: Session, customer_id: UUID, caller: Caller) -> Holding | None:
    """Who holds a customer, where the caller may see it."""
    statement = _holdings().where(models.Holding.customer_id == customer_id, visible_to(caller))
    row = db.execute(statement).one_or_none()
    return None if row is None else _holding(*row)


def list_holdings(db: Session, caller: Caller, asked: ListHoldings) -> HoldingPage:
    """A page of what one person holds and the caller may see."""
    owner_id = caller.user_id if asked.owner_id == "me" else asked.owner_id
    statement = _holdings().where(models.Holding.owner_id == owner_id, visible_to(caller))
    newest_first = asked.sort is HoldingSort.NEWEST
    rows, next_cursor = page(db, statement, *_BY_AGE, limit=asked.limit, cursor=asked.cursor, descending=newest_first)
    return HoldingPage(
        items=[_holding(*row) for row in rows],
        next_cursor=next_cursor,
        total=total(db, statement) if asked.count else None,
    )


def free_customers(db: Session, caller: Caller, asked: ListFreeCustomers) -> FreeCustomerPage:
    """A page of what waits in a pool, longest waiting first."""
    statement = (
        select(models.Holding, models.Customer.name)
        .join(models.Customer, models.Customer.id == models.Holding.customer_id)
        .where(models.Holding.pool_id == asked.pool_id, visible_to(caller))
    )
    rows, next_cursor = page(db, statement, *_BY_AGE, limit=asked.limit, cursor=asked.cursor)
    items = [
        FreeCustomer(customer=CustomerRef(id=holding.customer_id, name=name), since=holding.since)
        for holding, name in rows
    ]
    return FreeCustomerPage(items=items, next_cursor=next_cursor, total=total(db, statement) if asked.count else None)


def history(db: Session, customer_id: UUID, caller: Caller) -> list[HoldingSpan]:
    """The stretches of a customer's life, latest first; none where the caller may not see who holds it."""
    present = db.execute(_holdings().where(models.Holding.customer_id == customer_id, visible_to(caller))).one_or_none()
    if present is None:
        return []
    holding, _, owner_name, pool_name = present
    over = (
        _with_holder(select(models.HoldingSpan), models.HoldingSpan)
        # A move between the two reads would otherwise show the present stretch twice.
        .where(models.HoldingSpan.customer_id == customer_id, models.HoldingSpan.number < holding.number)
        .order_by(models.HoldingSpan.number.desc())
        .limit(_MOST_SPANS - 1)
    )
    latest = HoldingSpan(
        **_holder(holding, owner_name, pool_name),
        since=holding.since,
        until=None,
        began=holding.began,
        ended=None,
        reason="",
    )
    return [latest, *(_span(*row) for row in db.execute(over))]


def pool_facts(db: Session, request: ListPoolFacts) -> PoolFactsPage:
    """What other services keep of pools, page by page."""
    statement = select(models.Pool, latest_sequence(models.Pool.id))
    rows, next_cursor = page(db, statement, models.Pool.id, limit=request.limit, cursor=request.cursor)
    items = [PoolFacts(id=pool.id, name=pool.name, sequence=sequence) for pool, sequence in rows]
    return PoolFactsPage(items=items, next_cursor=next_cursor)


def holding_facts(db: Session, request: ListHoldingFacts) -> HoldingFactsPage:
    """What other services keep of holdings, page by page."""
    held = models.Holding
    statement = select(held, latest_sequence(held.customer_id))
    rows, next_cursor = page(db, statement, held.customer_id, limit=request.limit, cursor=request.cursor)
    items = [
        HoldingFacts(customer_id=row.customer_id, owner_id=row.owner_id, pool_id=row.pool_id, sequence=sequence)
        for row, sequence in rows
    ]
    return HoldingFactsPage(items=items, next_cursor=next_cursor)


_BY_AGE = (models.Holding.since, models.Holding.customer_id)


def _pools() -> Select[models.Pool, int]:
    """Pools, each with how many customers wait in it."""
    waiting = models.Holding.pool_id == models.Pool.id, models.Holding.resting.is_(False)
    free = select(func.count()).where(*waiting).scalar_subquery()
    return select(models.Pool, free)


def _pool(record: models.Pool, free: int) -> Pool:
    default = record.id == DEFAULT_POOL_ID
    return Pool(id=record.id, name=record.name, default=default, free=free, version=record.version)


def _held() -> Select[UUID, str, int, UUID | None, UUID | None, datetime, str]:
    """The columns of Held, in its order."""
    held = models.Holding
    columns = (held.customer_id, models.Customer.name, held.number, held.owner_id, held.pool_id, held.since, held.began)
    return select(*columns).join(models.Customer, models.Customer.id == held.customer_id)


def _locked(statement: Select[*Columns]) -> Select[*Columns]:
    return statement.order_by(models.Holding.customer_id).with_for_update(of=models.Holding)


def _holdings() -> Select[models.Holding, str, str, str]:
    """Holdings with the names of customer, owner and pool."""
    statement = select(models.Holding, models.Customer.name)
    named = statement.join(models.Customer, models.Customer.id == models.Holding.customer_id)
    return _with_holder(named, models.Holding)


def _with_holder(
    statement: Select[*Columns], held: type[models.Holding] | type[models.HoldingSpan]
) -> Select[*Columns, str, str]:
    """The same with the names of owner and pool, of whom there is one."""
    return (
        statement.add_columns(models.User.name, models.Pool.name)
        .outerjoin(models.User, models.User.id == held.owner_id)
        .outerjoin(models.Pool, models.Pool.id == held.pool_id)
    )


def _holding(row: models.Holding, customer_name: str, owner_name: str | None, pool_name: str | None) -> Holding:
    customer = CustomerRef(id=row.customer_id, name=customer_name)
    return Holding(customer=customer, **_holder(row, owner_name, pool_name), since=row.since)


def _span(row: models.HoldingSpan, owner_name: str | None, pool_name: str | None) -> HoldingSpan:
    return HoldingSpan(
        **_holder(row, owner_name, pool_name),
        since=row.since,
        until=row.until,
        began=row.began,
        ended=row.ended,
        reason=row.reason,
        note=row.note,
    )


def _holder(row: models.Holding | models.HoldingSpan, owner_name: str | None, pool_name: str | None) -> dict[str, Any]:
    """Owner and pool, by name; a person this service has not heard of yet has none."""
    return {
        "owner": UserRef(id=row.owner_id, name=owner_name or "") if row.owner_id else None,
        "pool": PoolRef(id=row.pool_id, name=pool_name or "") if row.pool_id else None,
    }
