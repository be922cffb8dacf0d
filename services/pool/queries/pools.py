"""Reading pools, and what waits in them."""

from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from contracts.audiences import Audience
from contracts.pool.pools import (
    DEFAULT_POOL_ID,
    ClaimOrder,
    FreeCustomer,
    FreeCustomerPage,
    ListFreeCustomers,
    Pool,
    PoolLimits,
)
from contracts.values import CustomerRef, PoolRef
from servicekit.context import Caller
from servicekit.paging import page, total
from services.pool import models
from services.pool.queries.holdings import BY_AGE
from services.pool.queries.visibility import open_to, visible_to
from services.pool.rules.rights import MOST_POOLS


def pools(db: Session, caller: Caller) -> list[Pool]:
    """The pools that a caller may see, by name, with how many customers wait in each."""
    seen = _pools().where(open_to(caller))
    found = db.execute(seen.order_by(func.lower(models.Pool.name)).limit(MOST_POOLS))
    return [_pool(*row) for row in found]


def pool(db: Session, caller: Caller, pool_id: UUID) -> Pool | None:
    """One pool that a caller may see, with how many customers wait in it."""
    row = db.execute(_pools().where(models.Pool.id == pool_id, open_to(caller))).one_or_none()
    return None if row is None else _pool(*row)


def pool_ref(db: Session, caller: Caller, pool_id: UUID) -> PoolRef | None:
    """A pool that a caller may see, as other records name it."""
    name = db.scalar(select(models.Pool.name).where(models.Pool.id == pool_id, open_to(caller)))
    return None if name is None else PoolRef(id=pool_id, name=name)


def administrators_of(db: Session, caller: Caller, pool_id: UUID) -> list[UUID] | None:
    """Who may change a pool; None where the caller sees no such pool."""
    return db.scalar(select(models.Pool.administrators).where(models.Pool.id == pool_id, open_to(caller)))


def limits_of(db: Session, pool_id: UUID) -> PoolLimits:
    """What a rep may have of a pool."""
    return PoolLimits.model_validate(db.get_one(models.Pool, pool_id).limits)


def claim_order_of(db: Session, pool_id: UUID) -> ClaimOrder:
    """How a pool's customers are claimed."""
    return ClaimOrder(db.get_one(models.Pool, pool_id).claim_order)


def pool_to_change(db: Session, pool_id: UUID) -> models.Pool | None:
    """A pool, locked until the transaction ends."""
    return db.get(models.Pool, pool_id, with_for_update=True)


def lock_pool_names(db: Session) -> None:
    """Let nobody else open a pool until the transaction ends; claims and releases go on."""
    db.execute(text("LOCK TABLE pools IN SHARE ROW EXCLUSIVE MODE"))


def count_pools(db: Session, name: str) -> tuple[int, int]:
    """How many pools there are, and how many have this name in any case."""
    named = func.count().filter(func.lower(models.Pool.name) == func.lower(name))
    pools, namesakes = db.execute(select(func.count(), named).select_from(models.Pool)).one()
    return pools, namesakes


def free_customers(db: Session, caller: Caller, asked: ListFreeCustomers) -> FreeCustomerPage:
    """A page of what waits in a pool, longest waiting first."""
    statement = (
        select(models.Holding, models.Customer.name)
        .join(models.Customer, models.Customer.id == models.Holding.customer_id)
        .where(models.Holding.pool_id == asked.pool_id, visible_to(caller))
    )
    rows, next_cursor = page(db, statement, *BY_AGE, limit=asked.limit, cursor=asked.cursor)
    items = [
        FreeCustomer(customer=CustomerRef(id=holding.customer_id, name=name), since=holding.since)
        for holding, name in rows
    ]
    return FreeCustomerPage(items=items, next_cursor=next_cursor, total=total(db, statement) if asked.count else None)


def _pools() -> Select[models.Pool, int]:
    """Pools, each with how many customers wait in it."""
    waiting = models.Holding.pool_id == models.Pool.id, models.Holding.resting.is_(False)
    free = select(func.count()).where(*waiting).scalar_subquery()
    return select(models.Pool, free)


def _pool(record: models.Pool, free: int) -> Pool:
    return Pool(
        id=record.id,
        name=record.name,
        default=record.id == DEFAULT_POOL_ID,
        free=free,
        limits=PoolLimits.model_validate(record.limits),
        claim_order=ClaimOrder(record.claim_order),
        open_to=Audience.model_validate(record.open_to),
        administrators=record.administrators,
        version=record.version,
    )
