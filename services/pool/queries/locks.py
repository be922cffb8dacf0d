"""Holdings locked for a move, always in the order of ids."""

from collections.abc import Collection
from datetime import datetime
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import Select, exists, false, func, or_, select
from sqlalchemy.orm import Session

from servicekit.context import Caller
from services.pool import models
from services.pool.queries.visibility import answered_for_by, in_open_pool, visible_to
from services.pool.rules.handing import Seen
from services.pool.rules.moves import Held

Columns = TypeVarTuple("Columns")


def lock_holdings(db: Session, customer_ids: Collection[UUID]) -> dict[UUID, Held]:
    """Who holds these customers, locked until the transaction ends; always in the order of ids, against deadlocks.

    Those that rest are left out.
    """
    statement = _held().where(models.Holding.customer_id.in_(set(customer_ids)), models.Holding.resting.is_(False))
    return {row.customer_id: Held(*row) for row in db.execute(_locked(statement))}


def lock_free(
    db: Session,
    pool_id: UUID,
    claimer: UUID,
    *,
    ended_after: datetime | None,
    among: Collection[UUID] | None,
    limit: int,
) -> dict[UUID, Held]:
    """Customers of a pool, the longest waiting first, locked; those that others hold are passed by.

    Those whose time with the claimer ended after a moment are left out; `among` names the only ones to look at.
    """
    holding, span = models.Holding, models.HoldingSpan
    statement = _held().where(holding.pool_id == pool_id, holding.resting.is_(False))
    if among is not None:
        statement = statement.where(holding.customer_id.in_(among))
    if ended_after is not None:
        late = (span.customer_id == holding.customer_id) & (span.owner_id == claimer) & (span.until >= ended_after)
        statement = statement.where(~exists().where(late))
    ordered = statement.order_by(holding.since, holding.customer_id).limit(limit)
    rows = db.execute(ordered.with_for_update(of=holding, skip_locked=True))
    return {row.customer_id: Held(*row) for row in rows}


def lock_visible_holdings(db: Session, customer_ids: Collection[UUID], caller: Caller) -> dict[UUID, Seen]:
    """Those of these customers that the caller may see, locked until the transaction ends; in the order of ids."""
    statement = _held().where(models.Holding.customer_id.in_(set(customer_ids)), visible_to(caller))
    answered = or_(answered_for_by(caller), in_open_pool(caller))
    rows = db.execute(_locked(statement.add_columns(func.coalesce(answered, false()))))
    return {row.customer_id: Seen(Held(*row[:-1]), row[-1]) for row in rows}


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


def _held() -> Select[UUID, str, int, UUID | None, UUID | None, datetime, str]:
    """The columns of Held, in its order."""
    held = models.Holding
    columns = (held.customer_id, models.Customer.name, held.number, held.owner_id, held.pool_id, held.since, held.began)
    return select(*columns).join(models.Customer, models.Customer.id == held.customer_id)


def _locked(statement: Select[*Columns]) -> Select[*Columns]:
    return statement.order_by(models.Holding.customer_id).with_for_update(of=models.Holding)
