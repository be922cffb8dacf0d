"""Counting what a person has of a pool; true until the transaction ends for who holds the person's row."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts.pool.pools import DEFAULT_POOL_ID
from services.pool import models


def lock_claimers(db: Session, user_ids: Collection[UUID]) -> None:
    """Let nobody else give these people customers until the transaction ends; always in the order of ids."""
    row = models.Claimer
    db.execute(select(row.user_id).where(row.user_id.in_(user_ids)).order_by(row.user_id).with_for_update())


def holdings_of(db: Session, owner_id: UUID, pool_id: UUID, *, without_bought: bool) -> int:
    """How many customers somebody holds that came from a pool."""
    held, customer = models.Holding, models.Customer
    statement = (
        select(func.count())
        .select_from(held)
        .where(held.owner_id == owner_id, held.home_pool_id == pool_id, held.resting.is_(False))
    )
    if without_bought:
        statement = statement.join(customer, customer.id == held.customer_id).where(customer.bought.is_(False))
    return db.scalar(statement) or 0


def claims_of(db: Session, owner_id: UUID, pool_id: UUID, day: date) -> int:
    """How many customers of a pool somebody claimed on a day."""
    record = models.DailyClaims
    statement = select(record.spent).where(record.owner_id == owner_id, record.pool_id == pool_id, record.day == day)
    return db.scalar(statement) or 0


def bought(db: Session, customer_ids: Collection[UUID]) -> set[UUID]:
    """Those of these customers with whom a deal was won."""
    record = models.Customer
    return set(db.scalars(select(record.id).where(record.id.in_(customer_ids), record.bought)))


def ends_of(db: Session, owner_id: UUID, customer_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When somebody's last stretch with each of these customers ended."""
    span = models.HoldingSpan
    statement = (
        select(span.customer_id, func.max(span.until).label("ended"))
        .where(span.customer_id.in_(customer_ids), span.owner_id == owner_id)
        .group_by(span.customer_id)
    )
    return {row.customer_id: row.ended for row in db.execute(statement)}


def homes_of(db: Session, customer_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The pool that each of these customers is in, or under whose rules it is held."""
    held = models.Holding
    home = func.coalesce(held.pool_id, held.home_pool_id, DEFAULT_POOL_ID).label("home")
    rows = db.execute(select(held.customer_id, home).where(held.customer_id.in_(customer_ids)))
    return {row.customer_id: row.home for row in rows}


def protected_of(db: Session, owner_id: UUID, pool_id: UUID, *, but: UUID) -> int:
    """How many customers of a pool somebody has under protection, leaving one out."""
    held = models.Holding
    statement = select(func.count()).where(
        held.owner_id == owner_id,
        held.home_pool_id == pool_id,
        held.protected_until.is_not(None),
        held.customer_id != but,
    )
    return db.scalar(statement) or 0


def protections_over(db: Session, today: date, *, limit: int) -> list[models.Holding]:
    """Holdings whose protection ended before today, locked; those that others hold are passed by."""
    held = models.Holding
    statement = select(held).where(held.protected_until < today).order_by(held.protected_until).limit(limit)
    return list(db.scalars(statement.with_for_update(skip_locked=True)))
