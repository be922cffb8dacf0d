"""Reading holdings, and giving them back."""

from uuid import UUID

from sqlalchemy.orm import Session

from contracts.errors import NotFound
from contracts.pool.holdings import (
    GetHolding,
    Holding,
    HoldingHistory,
    HoldingPage,
    ListHoldingHistory,
    ListHoldings,
)
from servicekit import context
from servicekit.merging import ends
from services.pool import models
from services.pool.operations.known import hear_of
from services.pool.queries import holdings as queries


def get_holding(db: Session, request: GetHolding) -> Holding:
    """Who holds a customer now."""
    hear_of(db, [request.customer_id])
    return visible_holding(db, request.customer_id)


def list_holdings(db: Session, request: ListHoldings) -> HoldingPage:
    """What one person holds."""
    return queries.list_holdings(db, context.caller(), request)


def list_holding_history(db: Session, request: ListHoldingHistory) -> HoldingHistory:
    """Who held a customer, from its first day on."""
    hear_of(db, [request.customer_id])
    spans = queries.history(db, request.customer_id, context.caller())
    if not spans:
        raise no_holding(db, request.customer_id)
    return HoldingHistory(items=spans)


def visible_holding(db: Session, customer_id: UUID) -> Holding:
    holding = queries.holding(db, customer_id, context.caller())
    if holding is None:
        raise no_holding(db, customer_id)
    return holding


def no_holding(db: Session, customer_id: UUID) -> NotFound:
    end = ends(db, models.Customer, [customer_id]).get(customer_id)
    if end is not None and end != customer_id and queries.holding(db, end, context.caller()) is not None:
        message = "This customer was merged into another one: go on with that."
        return NotFound("customer.merged", message, data={"survivor_id": str(end)})
    return NotFound("holding.not_found", "There is no such customer, or you may not see it.")
