"""Pools: opening and reading them, and what waits in them."""

from uuid import UUID

from sqlalchemy.orm import Session

from contracts.errors import Conflict, NotFound
from contracts.pool.pools import CreatePool, FreeCustomerPage, GetPool, ListFreeCustomers, Pool, PoolCreated, PoolList
from contracts.values import PoolRef
from servicekit import clock, context
from servicekit.database import new_id
from servicekit.outbox import publish
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
        raise Conflict("pool.name_taken", "There is a pool of this name already.")
    now = clock.now()
    pool = models.Pool(id=new_id(), name=request.name, created_at=now, updated_at=now)
    db.add(pool)
    db.flush()
    publish(db, PoolCreated(pool_id=pool.id, name=pool.name))
    return Pool(id=pool.id, name=pool.name, default=False, free=0, version=pool.version)


def list_free_customers(db: Session, request: ListFreeCustomers) -> FreeCustomerPage:
    """What waits in a pool."""
    pool_ref(db, request.pool_id)
    return queries.free_customers(db, context.caller(), request)


def pool_ref(db: Session, pool_id: UUID) -> PoolRef:
    pool = queries.pool_ref(db, pool_id)
    if pool is None:
        raise no_pool()
    return pool


def no_pool() -> NotFound:
    return NotFound("pool.not_found", "There is no such pool.")
