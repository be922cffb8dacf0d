"""Protection: no rule takes a customer before a day is over."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from contracts.pool.assignments import (
    EndProtection,
    HoldingProtected,
    HoldingProtectionEnded,
    MoveStatus,
    ProtectHolding,
)
from contracts.pool.holdings import Holding
from servicekit import company, context
from servicekit.outbox import publish
from servicekit.records import stale
from services.pool import models
from services.pool.operations.holdings import no_holding, visible_holding
from services.pool.operations.known import hear_of
from services.pool.operations.limits import hold_claimers
from services.pool.operations.reviews import review_soon
from services.pool.queries import limits as queries
from services.pool.queries import locks
from services.pool.queries.pools import limits_of
from services.pool.rules import handing, rights
from services.pool.rules.protection import check_protection, require_protected

ENDED_AT_ONCE = 200


def protect(db: Session, request: ProtectHolding) -> Holding:
    """Keep a customer from being taken back until a day is over."""
    owner_id = _owner_to_act_for(db, request.customer_id)
    home = queries.homes_of(db, [request.customer_id])[request.customer_id]
    protected = queries.protected_of(db, owner_id, home, but=request.customer_id)
    check_protection(request.until, company.today(), limits=limits_of(db, home), protected=protected)
    _protect(db, request, owner_id)
    return visible_holding(db, request.customer_id)


def end(db: Session, request: EndProtection) -> Holding:
    """End a protection early."""
    owner_id = _owner_to_act_for(db, request.customer_id)
    record = db.get_one(models.Holding, request.customer_id, populate_existing=True)
    until = require_protected(record.protected_until)
    record.protected_until = None
    db.flush()
    publish(db, HoldingProtectionEnded(customer_id=record.customer_id, owner_id=owner_id, until=until))
    review_soon(db, [record.customer_id])
    return visible_holding(db, request.customer_id)


def end_what_is_over(db: Session) -> bool:
    """Announce protections whose last day is over; True when there may be more."""
    over = queries.protections_over(db, company.today(), limit=ENDED_AT_ONCE)
    for record in over:
        if record.owner_id is not None and record.protected_until is not None:
            told = {"customer_id": record.customer_id, "owner_id": record.owner_id, "until": record.protected_until}
            publish(db, HoldingProtectionEnded.model_validate(told))
        record.protected_until = None
    return len(over) == ENDED_AT_ONCE


def _owner_to_act_for(db: Session, customer_id: UUID) -> UUID:
    """The owner of a locked holding, for whom the caller may act; what is counted of them stays true."""
    caller = context.caller()
    rights.require_releaser(caller.role)
    hear_of(db, [customer_id])
    # The owner's row comes before the holding's, so the owner is looked up first and looked at again under the lock.
    owner = visible_holding(db, customer_id).owner
    if owner is not None:
        hold_claimers(db, [owner.id])
    seen = locks.lock_visible_holdings(db, [customer_id], caller).get(customer_id)
    if seen is None:
        raise no_holding(db, customer_id)
    status, detail = handing.release(seen)
    if status is not MoveStatus.DONE:
        raise handing.refused(status, detail)
    if owner is None or seen.held.owner_id != owner.id:
        raise stale()
    return owner.id


def _protect(db: Session, request: ProtectHolding, owner_id: UUID) -> None:
    held = models.Holding
    until = update(held).where(held.customer_id == request.customer_id).values(protected_until=request.until)
    db.execute(until, execution_options={"synchronize_session": False})
    customer_id, day = request.customer_id, request.until
    publish(db, HoldingProtected(customer_id=customer_id, owner_id=owner_id, until=day, reason=request.reason))
    review_soon(db, [customer_id])
