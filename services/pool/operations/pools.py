"""Pools: opening and reading them, and what waits in them."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.audiences import Audience, marks_of
from contracts.errors import Conflict, NotFound, fault
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
from services.pool.operations.known import person_named
from services.pool.queries import pools as queries
from services.pool.rules import rights


def list_pools(db: Session) -> PoolList:
    """The pools that are open to the caller."""
    return PoolList(items=queries.pools(db, context.caller()))


def get_pool(db: Session, request: GetPool) -> Pool:
    """One pool."""
    pool = queries.pool(db, context.caller(), request.pool_id)
    if pool is None:
        raise no_pool()
    return pool


def create_pool(db: Session, request: CreatePool) -> Pool:
    """Open a pool and announce it."""
    rights.require_admin(context.caller().role)
    _require_users(db, [*request.open_to.users, *request.administrators])
    queries.lock_pool_names(db)
    pools, namesakes = queries.count_pools(db, request.name)
    rights.require_room(pools)
    if namesakes:
        raise _name_taken()
    now = clock.now()
    pool = models.Pool(id=new_id(), name=request.name, created_at=now, updated_at=now)
    pool.open_to, pool.administrators = request.open_to.model_dump(mode="json"), request.administrators
    pool.audience = marks_of(request.open_to, request.administrators)
    db.add(pool)
    db.flush()
    who = {"open_to": request.open_to, "administrators": request.administrators}
    publish(db, PoolCreated(pool_id=pool.id, name=pool.name, **who))
    return Pool(id=pool.id, name=pool.name, default=False, free=0, version=pool.version, **who)


def update_pool(db: Session, request: UpdatePool) -> Pool:
    """Change a pool, and announce it."""
    given = request.changes.model_fields_set
    require_administrator(db, request.pool_id)
    if "administrators" in given:
        rights.require_admin(context.caller().role)
    _require_users(db, _named(request))
    queries.lock_pool_names(db)
    record = queries.pool_to_change(db, request.pool_id)
    if record is None:
        raise no_pool()
    check_version(record, request.version)
    named = request.changes.name
    if named is not None and named.lower() != record.name.lower() and queries.count_pools(db, named)[1]:
        raise _name_taken()
    changes = request.changes.model_dump(mode="json", include=given)
    if "administrators" in given:
        changes["administrators"] = request.changes.administrators
    changed = [name for name, value in changes.items() if getattr(record, name) != value]
    if changed:
        for name in changed:
            setattr(record, name, changes[name])
        open_to = Audience.model_validate(record.open_to)
        record.audience = marks_of(open_to, record.administrators)
        record.updated_at = clock.now()
        db.flush()
        publish(db, _updated(record, open_to, changed))
    return get_pool(db, GetPool(pool_id=record.id))


def list_free_customers(db: Session, request: ListFreeCustomers) -> FreeCustomerPage:
    """What waits in a pool."""
    pool_ref(db, request.pool_id)
    return queries.free_customers(db, context.caller(), request)


def _updated(record: models.Pool, open_to: Audience, changed: list[str]) -> PoolUpdated:
    return PoolUpdated(
        pool_id=record.id,
        name=record.name,
        limits=PoolLimits.model_validate(record.limits),
        open_to=open_to,
        administrators=record.administrators,
        changed=changed,
    )


def require_administrator(db: Session, pool_id: UUID) -> None:
    """NotFound: pool.not_found. NotPermitted: pool.admins_only."""
    caller = context.caller()
    administrators = queries.administrators_of(db, caller, pool_id)
    if administrators is None:
        raise no_pool()
    rights.require_administrator(caller.role, caller.user_id if caller.kind == "user" else None, administrators)


def _named(request: UpdatePool) -> list[UUID]:
    """The users whom a change names."""
    open_to, administrators = request.changes.open_to, request.changes.administrators
    return [*(open_to.users if open_to else ()), *(administrators or ())]


def _require_users(db: Session, user_ids: Iterable[UUID]) -> None:
    for user_id in sorted(set(user_ids)):
        if person_named(db, user_id) is None:
            raise fault("open_to", "pool.unknown_user", f"There is no user {user_id}.")


def _name_taken() -> Conflict:
    return Conflict("pool.name_taken", "There is a pool of this name already.")


def pool_ref(db: Session, pool_id: UUID) -> PoolRef:
    """A pool that the caller may see. NotFound: pool.not_found."""
    pool = queries.pool_ref(db, context.caller(), pool_id)
    if pool is None:
        raise no_pool()
    return pool


def no_pool() -> NotFound:
    return NotFound("pool.not_found", "There is no such pool.")
