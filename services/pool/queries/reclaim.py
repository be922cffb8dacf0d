"""Reading what the sweep and the preview look at."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select, true
from sqlalchemy.orm import Session

from servicekit.context import Caller
from servicekit.paging import page
from services.pool import models
from services.pool.queries.visibility import answered_for_by
from services.pool.rules import rights
from services.pool.rules.moves import Held
from services.pool.rules.reclaim import State


class Reviewed(NamedTuple):
    """A holding as a review reads it."""

    held: Held
    owner_id: UUID
    owner_name: str
    department_id: UUID | None
    home_pool_id: UUID
    state: State
    protected_until: date | None


def due(db: Session, now: datetime, *, limit: int) -> list[Reviewed]:
    """Holdings whose review is due, locked until the transaction ends; those that others hold are passed by."""
    held = models.Holding
    claimed = (
        select(held.customer_id)
        .where(held.review_at <= now, held.owner_id.is_not(None), held.resting.is_(False))
        .order_by(held.review_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        # Claimed before anything is joined, so that a batch costs the same however many are due.
        .cte("claimed")
    )
    statement = _reviewed().join(claimed, claimed.c.customer_id == held.customer_id).order_by(held.customer_id)
    return [_as_reviewed(row) for row in db.execute(statement)]


def under_rules_of(
    db: Session, caller: Caller, pool_id: UUID, *, limit: int, cursor: str | None
) -> tuple[list[Reviewed], str | None]:
    """A page of what is held under a pool's rules and the caller answers for, by customer."""
    held = models.Holding
    statement = _reviewed().where(
        held.home_pool_id == pool_id, held.owner_id.is_not(None), held.resting.is_(False), _answers_for(caller)
    )
    rows, next_cursor = page(db, statement, held.customer_id, limit=limit, cursor=cursor)
    return [_as_reviewed(row) for row in rows], next_cursor


def to_recount(db: Session) -> models.Recount | None:
    """A change of rules whose holdings are yet to be looked at, held until the transaction ends."""
    return db.scalar(select(models.Recount).limit(1).with_for_update(skip_locked=True))


def held_under(db: Session, pool_id: UUID, *, after: UUID | None, limit: int) -> Sequence[UUID]:
    """Customers held under a pool's rules, by id."""
    held = models.Holding
    beyond = true() if after is None else held.customer_id > after
    statement = select(held.customer_id).where(held.home_pool_id == pool_id, held.owner_id.is_not(None), beyond)
    return db.scalars(statement.order_by(held.customer_id).limit(limit)).all()


def pool_names(db: Session) -> dict[UUID, str]:
    """All pools by id; there are at most 200."""
    return {each.id: each.name for each in db.execute(select(models.Pool.id, models.Pool.name))}


def _answers_for(caller: Caller) -> ColumnElement[bool]:
    reads_all = caller.kind == "system" or rights.reads_all(caller.role)
    return true() if reads_all else answered_for_by(caller)


def _reviewed() -> Select[models.Holding, str, str, UUID | None]:
    held, owner = models.Holding, models.User
    return (
        select(held, models.Customer.name, owner.name, owner.department_id)
        .join(models.Customer, models.Customer.id == held.customer_id)
        .outerjoin(owner, owner.id == held.owner_id)
    )


def _as_reviewed(row: Row[models.Holding, str, str, UUID | None]) -> Reviewed:
    record, customer_name, owner_name, department_id = row
    return Reviewed(
        held=Held(record.customer_id, customer_name, record.number, record.owner_id, None, record.since, record.began),
        owner_id=cast(UUID, record.owner_id),  # both statements ask for an owner
        owner_name=owner_name or "",
        department_id=department_id,
        home_pool_id=cast(UUID, record.home_pool_id),  # and who has one has this
        state=State(record.reclaim_on, record.terms, record.not_before, record.warned_days),
        protected_until=record.protected_until,
    )
