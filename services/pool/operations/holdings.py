"""Reading holdings, and giving them back."""

from uuid import UUID

from sqlalchemy.orm import Session

from contracts.errors import NotFound
from contracts.pool.holdings import (
    GetHolding,
    Holding,
    HoldingHistory,
    HoldingPage,
    HoldingReleased,
    ListHoldingHistory,
    ListHoldings,
    ReleaseHolding,
)
from contracts.pool.pools import DEFAULT_POOL_ID
from servicekit import context
from servicekit.merging import ends
from servicekit.outbox import publish
from services.pool import models
from services.pool.operations.known import hear_of
from services.pool.operations.moving import move_all
from services.pool.operations.pools import pool_ref
from services.pool.queries import holdings as queries
from services.pool.queries import locks
from services.pool.rules import rights
from services.pool.rules.moves import Move, require_owner


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


def release(db: Session, request: ReleaseHolding) -> Holding:
    """Put a held customer back into a pool."""
    caller = context.caller()
    hear_of(db, [request.customer_id])
    found = locks.lock_visible_holding(db, request.customer_id, caller)
    if found is None:
        raise no_holding(db, request.customer_id)
    held, answers_for = found
    rights.require_releaser(caller.role)
    if held.owner_id is not None and not answers_for:
        raise rights.read_only()
    owner_id = require_owner(held)
    pool = pool_ref(db, request.pool_id or DEFAULT_POOL_ID)
    move_all(db, [held], Move.RELEASED, pool_id=pool.id, reason=request.reason, note=request.note)
    released = HoldingReleased(
        customer_id=held.customer_id,
        customer_name=held.customer_name,
        former_owner_id=owner_id,
        pool_id=pool.id,
        pool_name=pool.name,
        reason=request.reason,
    )
    publish(db, released)
    return visible_holding(db, held.customer_id)


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
