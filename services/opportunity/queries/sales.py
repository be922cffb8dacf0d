"""How the opportunities with a customer stand, whoever owns them."""

from collections.abc import Sequence
from datetime import UTC
from uuid import UUID

from sqlalchemy import Date, DateTime, Uuid, case, cast, column, func, or_, select, values
from sqlalchemy.orm import Session

from contracts.opportunity.pipelines import State
from contracts.opportunity.sales import CustomerSales, CustomerSince
from services.opportunity import models


def sales_of(db: Session, asked: Sequence[CustomerSince]) -> list[CustomerSales]:
    """Those of these customers that have opportunities; one that stands twice counts from its earliest moment."""
    since: dict[UUID, CustomerSince] = {}
    for each in sorted(asked, key=lambda one: one.since, reverse=True):
        since[each.customer_id] = each
    if not since:
        return []
    wanted = values(column("customer_id", Uuid), column("since", DateTime(timezone=True)), name="asked")
    rows = [(each.customer_id, each.since) for each in since.values()]
    asked_of = wanted.data(rows).cte("asked_of")
    record, began = models.Opportunity, asked_of.c.since
    first_day = cast(func.timezone(str(UTC), began), Date)
    # A closing day is all that is known of when it was closed: the benefit of the doubt is the owner's.
    still_open = or_(record.closed_on.is_(None), record.closed_on >= first_day)
    won = record.state == State.WON
    statement = (
        select(
            asked_of.c.customer_id,
            func.bool_or(record.state == State.OPEN).label("open"),
            func.min(case((still_open, func.greatest(record.created_at, began)))).label("opened_at"),
            func.bool_or(won).label("won"),
            func.min(case((won & (record.closed_on >= first_day), record.closed_on))).label("won_on"),
        )
        .join(record, record.customer_id == asked_of.c.customer_id)
        .group_by(asked_of.c.customer_id)
    )
    return [CustomerSales.model_validate(row._mapping) for row in db.execute(statement)]
