"""Taking customers out of pools."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.errors import Unavailable
from contracts.pool.claims import ClaimCustomers, ClaimFilter, ClaimItem, ClaimResult, ClaimStatus, HoldingClaimed
from contracts.values import PoolRef
from servicekit import company, context
from servicekit.outbox import publish
from services.pool import peers
from services.pool.operations.known import hear_of
from services.pool.operations.limits import allowance_of, hold_claimers, spend
from services.pool.operations.moving import move_all
from services.pool.operations.pools import pool_ref
from services.pool.queries import locks
from services.pool.queries import pools as queries
from services.pool.rules import claims as rules
from services.pool.rules import rights
from services.pool.rules.moves import Held, Move


def claim(db: Session, request: ClaimCustomers) -> ClaimResult:
    """Give the caller what is free of the customers they ask for, or so many that are free."""
    rights.require_claimer(context.caller().role)
    pool = pool_ref(db, request.pool_id)
    rules.check_request(request, queries.claim_order_of(db, pool.id))
    if request.count is None:
        return _claim_these(db, pool, request.customer_ids)
    return _claim_some(db, pool, request.count, request.filter)


def _claim_these(db: Session, pool: PoolRef, customer_ids: Sequence[UUID]) -> ClaimResult:
    """docs/decisions/0004-claim.md."""
    otherwise = rules.UNKNOWN
    try:
        hear_of(db, customer_ids)
    except Unavailable:
        otherwise = rules.NOT_LOOKED_UP
    hold_claimers(db, [context.caller().user_id])
    held = locks.lock_holdings(db, customer_ids)
    return ClaimResult(items=_claimed(db, pool, customer_ids, held, otherwise=otherwise))


def _claim_some(db: Session, pool: PoolRef, count: int, wanted: ClaimFilter | None) -> ClaimResult:
    """docs/decisions/0014-claim-by-count.md."""
    claimer, limits = context.caller().user_id, queries.limits_of(db, pool.id)
    among = None if wanted is None else peers.waiting(pool.id, wanted)
    hold_claimers(db, [claimer])
    cooling = None if limits.cool_down_days is None else company.today() - timedelta(days=limits.cool_down_days)
    ended_after = None if cooling is None else company.end_of(cooling)
    held = locks.lock_free(db, pool.id, claimer, ended_after=ended_after, among=among, limit=count)
    items = _claimed(db, pool, list(held), held, otherwise=rules.UNKNOWN)
    won = [item for item in items if item.status is ClaimStatus.CLAIMED]
    refused = next((item.detail for item in items if item.status is not ClaimStatus.CLAIMED), "")
    return ClaimResult(items=won, short=refused or rules.short_of(count, len(won)))


def _claimed(
    db: Session, pool: PoolRef, customer_ids: Sequence[UUID], held: Mapping[UUID, Held], *, otherwise: str
) -> list[ClaimItem]:
    """The answers for locked holdings, the claimer's row being held; who wins gets theirs."""
    claimer = context.caller().user_id
    allowance = allowance_of(db, claimer, pool.id, queries.limits_of(db, pool.id), held)
    items = rules.answer_claims(
        customer_ids, held, pool_id=pool.id, claimer=claimer, allowance=allowance, otherwise=otherwise
    )
    won = [held[item.customer_id] for item in items if item.status is ClaimStatus.CLAIMED]
    move_all(db, won, Move.CLAIMED, owner_id=claimer)
    spend(db, claimer, pool.id, len(won))
    for each in won:
        name = each.customer_name
        publish(db, HoldingClaimed(customer_id=each.customer_id, customer_name=name, owner_id=claimer, pool_id=pool.id))
    return items
