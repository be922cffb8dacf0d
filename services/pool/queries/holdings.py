"""Reading who holds what, now and before."""

from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from contracts.pool.holdings import Holding, HoldingPage, HoldingSort, HoldingSpan, ListHoldings
from contracts.values import CustomerRef, PoolRef, UserRef
from servicekit import company
from servicekit.context import Caller
from servicekit.paging import Key, page, total
from services.pool import models
from services.pool.queries.visibility import visible_to

Columns = TypeVarTuple("Columns")


_MOST_SPANS = 1_000


def holding(db: Session, customer_id: UUID, caller: Caller) -> Holding | None:
    """Who holds a customer, where the caller may see it."""
    statement = _holdings().where(models.Holding.customer_id == customer_id, visible_to(caller))
    row = db.execute(statement).one_or_none()
    return None if row is None else _holding(*row)


def moved_holding(db: Session, customer_id: UUID) -> Holding:
    """Who holds a customer now, for who moved it there, whether they may still see it or not."""
    return _holding(*db.execute(_holdings().where(models.Holding.customer_id == customer_id)).one())


def list_holdings(db: Session, caller: Caller, asked: ListHoldings) -> HoldingPage:
    """A page of what one person holds and the caller may see."""
    owner_id = caller.user_id if asked.owner_id == "me" else asked.owner_id
    statement = _holdings().where(models.Holding.owner_id == owner_id, visible_to(caller))
    keys: tuple[Key, Key] = BY_AGE
    if asked.sort is HoldingSort.DEADLINE:
        statement, keys = statement.where(models.Holding.reclaim_on.is_not(None)), _BY_DEADLINE
    newest_first = asked.sort is HoldingSort.NEWEST
    rows, next_cursor = page(db, statement, *keys, limit=asked.limit, cursor=asked.cursor, descending=newest_first)
    return HoldingPage(
        items=[_holding(*row) for row in rows],
        next_cursor=next_cursor,
        total=total(db, statement) if asked.count else None,
    )


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


BY_AGE = (models.Holding.since, models.Holding.customer_id)
_BY_DEADLINE = (models.Holding.reclaim_on, models.Holding.customer_id)


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
    return Holding(
        customer=customer,
        **_holder(row, owner_name, pool_name),
        since=row.since,
        reclaim_at=None if row.reclaim_on is None else company.end_of(row.reclaim_on),
        reclaim_rule=row.reclaim_rule,
        protected_until=None if row.protected_until is None else company.end_of(row.protected_until),
    )


def _span(row: models.HoldingSpan, owner_name: str | None, pool_name: str | None) -> HoldingSpan:
    return HoldingSpan(
        **_holder(row, owner_name, pool_name),
        since=row.since,
        until=row.until,
        began=row.began,
        ended=row.ended,
        reason=row.reason,
        note=row.note,
        reasoning=row.reasoning,
    )


def _holder(row: models.Holding | models.HoldingSpan, owner_name: str | None, pool_name: str | None) -> dict[str, Any]:
    """Owner and pool, by name; a person this service has not heard of yet has none."""
    return {
        "owner": UserRef(id=row.owner_id, name=owner_name or "") if row.owner_id else None,
        "pool": PoolRef(id=row.pool_id, name=pool_name or "") if row.pool_id else None,
    }
