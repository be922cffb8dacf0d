"""Pools: opening and reading them, and what waits in them."""

from uuid import UUID

from sqlalchemy.orm import Session

from contracts.errors import Conflict, NotFound
from contracts.pool.pools import (
    CreatePool,
    FreeCustomerPage,
    GetPool,
    ListFreeCustomers,
    Pool,
    PoolCreated,
    PoolLimits,
    PoolList,
    PoolUpdated,
    UpdatePool,
)
from contracts.values import PoolRef
from servicekit import clock, context
from servicekit.database import new_id
from servicekit.outbox import publish
from servicekit.records import check_version
from services.pool import models
from services.pool.queries import pools as queries
from services.pool.rules import rights


def list_pools(db: Session) -> PoolList:
    """All pools; they are open to everybody."""
    return PoolList(items=queries.pools(db))


def get_pool(db: Session, request: GetPool) -> Pool:
    """One pool."""
    pool = queries.pool(db, request.pool_id)
    if pool is None:
        raise no_pool()
    return pool


def create_pool(db: Session, request: CreatePool) -> Pool:
    """Open a pool and announce it."""
    rights.require_admin(context.caller().role)
    queries.lock_pool_names(db)
    pools, namesakes = queries.count_pools(db, request.name)
    rights.require_room(pools)
    if namesakes:
        raise _name_taken()
    now = clock.now()
    pool = models.Pool(id=new_id(), name=request.name, created_at=now, updated_at=now)
    db.add(pool)
    db.flush()
    publish(db, PoolCreated(pool_id=pool.id, name=pool.name))
    return Pool(id=pool.id, name=pool.name, default=False, free=0, version=pool.version)


def update_pool(db: Session, request: UpdatePool) -> Pool:
    """Rename a pool or change its limits, and announce it."""
    rights.require_admin(context.caller().role)
    queries.lock_pool_names(db)
    record = queries.pool_to_change(db, request.pool_id)
    if record is None:
        raise no_pool()
    check_version(record, request.version)
    named = request.changes.name
    if named is not None and named.lower() != record.name.lower() and queries.count_pools(db, named)[1]:
        raise _name_taken()
    changes = request.changes.model_dump(mode="json", include=request.changes.model_fields_set)
    changed = [name for name, value in changes.items() if getattr(record, name) != value]
    if changed:
        for name in changed:
            setattr(record, name, changes[name])
        record.updated_at = clock.now()
        db.flush()
        limits = PoolLimits.model_validate(record.limits)
        publish(db, PoolUpdated(pool_id=record.id, name=record.name, limits=limits, changed=changed))
    return get_pool(db, GetPool(pool_id=record.id))


def list_free_customers(db: Session, request: ListFreeCustomers) -> FreeCustomerPage:
    """What waits in a pool."""
    pool_ref(db, request.pool_id)
    return queries.free_customers(db, context.caller(), request)


def _name_taken() -> Conflict:
    return Conflict("pool.name_taken", "There is a pool of this name already.")


def pool_ref(db: Session, pool_id: UUID) -> PoolRef:
    pool = queries.pool_ref(db, pool_id)
    if pool is None:
        raise no_pool()
    return pool


def no_pool() -> NotFound:
    return NotFound("pool.not_found", "There is no such pool.")
