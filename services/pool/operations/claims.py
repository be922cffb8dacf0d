"""Taking customers out of pools."""

from sqlalchemy.orm import Session

from contracts.errors import Unavailable
from contracts.pool.claims import ClaimCustomers, ClaimResult, ClaimStatus, HoldingClaimed
from servicekit import context
from servicekit.outbox import publish
from services.pool.operations.known import hear_of
from services.pool.operations.limits import allowance_of, hold_claimers, spend
from services.pool.operations.moving import move_all
from services.pool.operations.pools import pool_ref
from services.pool.queries import locks
from services.pool.queries import pools as queries
from services.pool.rules import claims as rules
from services.pool.rules import rights
from services.pool.rules.moves import Move


def claim(db: Session, request: ClaimCustomers) -> ClaimResult:
    """Give the caller what is free of the customers they ask for (docs/decisions/0004-claim.md)."""
    rights.require_claimer(context.caller().role)
    claimer = context.caller().user_id
    pool = pool_ref(db, request.pool_id)
    limits = queries.limits_of(db, pool.id)
    otherwise = rules.UNKNOWN
    try:
        hear_of(db, request.customer_ids)
    except Unavailable:
        otherwise = rules.NOT_LOOKED_UP
    hold_claimers(db, [claimer])
    held = locks.lock_holdings(db, request.customer_ids)
    items = rules.answer_claims(
        request.customer_ids,
        held,
        pool_id=pool.id,
        claimer=claimer,
        allowance=allowance_of(db, claimer, pool.id, limits, held),
        otherwise=otherwise,
    )
    won = [held[item.customer_id] for item in items if item.status is ClaimStatus.CLAIMED]
    move_all(db, won, Move.CLAIMED, owner_id=claimer)
    spend(db, claimer, pool.id, len(won))
    for each in won:
        name = each.customer_name
        publish(db, HoldingClaimed(customer_id=each.customer_id, customer_name=name, owner_id=claimer, pool_id=pool.id))
    return ClaimResult(items=items)
