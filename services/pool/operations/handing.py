"""Customers given from hand to hand: assigned, handed over, given back; one, or many that answer one by one."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import cast
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.pool.assignments import (
    AssignHolding,
    AssignHoldings,
    HoldingTransferred,
    MoveItem,
    MoveResult,
    MoveStatus,
    ReleaseHoldings,
    TransferHolding,
    TransferHoldings,
)
from contracts.pool.holdings import Holding, HoldingReleased, ReleaseHolding
from contracts.values import PoolRef
from servicekit import company, context
from servicekit.outbox import publish
from services.pool.operations.holdings import no_holding
from services.pool.operations.known import hear_of, person_named
from services.pool.operations.limits import Room, hold_claimers
from services.pool.operations.moving import assign_all, move_all
from services.pool.operations.pools import pool_ref
from services.pool.queries import holdings as queries
from services.pool.queries import locks
from services.pool.queries.limits import homes_of
from services.pool.queries.reclaim import pool_names
from services.pool.rules import handing, rights
from services.pool.rules.handing import Answer, Seen
from services.pool.rules.moves import Held, Move

Judge = Callable[[Seen], Answer]


def assign(db: Session, request: AssignHolding) -> Holding:
    """Give a customer to a colleague or to a pool."""
    given = request.model_dump(exclude={"customer_id"})
    return _one(db, assign_many(db, AssignHoldings(customer_ids=[request.customer_id], **given)))


def assign_many(db: Session, request: AssignHoldings) -> MoveResult:
    """The same with many."""
    caller, owner_id = context.caller(), request.owner_id
    handing.require_assigner(caller.role)
    handing.check_one_receiver(owner_id, request.pool_id)
    if request.pool_id is not None:
        pool_ref(db, request.pool_id)
    if owner_id is not None:
        _require_receiver(db, owner_id, among=caller.departments)

    def judge(seen: Seen) -> Answer:
        return handing.assignment(seen, owner_id=owner_id, pool_id=request.pool_id)

    result, moved = _judged(db, request.customer_ids, judge, receiver_id=owner_id)
    to, by = (owner_id, request.pool_id), caller.actor
    assign_all(db, moved, Move.ASSIGNED, to=to, by=by, reason=request.note, note=request.note)
    return result


def transfer(db: Session, request: TransferHolding) -> Holding:
    """Hand a held customer over to a colleague."""
    given = request.model_dump(exclude={"customer_id"})
    return _one(db, transfer_many(db, TransferHoldings(customer_ids=[request.customer_id], **given)))


def transfer_many(db: Session, request: TransferHoldings) -> MoveResult:
    """The same with many."""
    owner_id = request.owner_id
    rights.require_releaser(context.caller().role)
    handing.check_day("keep_until", request.keep_until, company.today())
    _require_receiver(db, owner_id, among=None)

    def judge(seen: Seen) -> Answer:
        return handing.transfer(seen, owner_id=owner_id)

    result, moved = _judged(db, request.customer_ids, judge, receiver_id=owner_id)
    move_all(db, moved, Move.TRANSFERRED, owner_id=owner_id, note=request.note)
    for each in moved:
        publish(db, _transferred(each, request))
    return result


def release(db: Session, request: ReleaseHolding) -> Holding:
    """Put a held customer back into a pool: the named one, or the one that it came from."""
    given = request.model_dump(exclude={"customer_id"})
    return _one(db, release_many(db, ReleaseHoldings(customer_ids=[request.customer_id], **given)))


def release_many(db: Session, request: ReleaseHoldings) -> MoveResult:
    """The same with many."""
    rights.require_releaser(context.caller().role)
    named = None if request.pool_id is None else pool_ref(db, request.pool_id)
    result, moved = _judged(db, request.customer_ids, handing.release)
    homes = homes_of(db, [each.customer_id for each in moved]) if named is None else {}
    together: dict[UUID, list[Held]] = defaultdict(list)
    for each in moved:
        together[homes[each.customer_id] if named is None else named.id].append(each)
    names = pool_names(db) if together else {}
    for pool_id, held in together.items():
        move_all(db, held, Move.RELEASED, pool_id=pool_id, reason=request.reason, note=request.note)
        publish(db, *(_released(each, PoolRef(id=pool_id, name=names[pool_id]), request.reason) for each in held))
    return result


def _judged(
    db: Session, customer_ids: Sequence[UUID], judge: Judge, *, receiver_id: UUID | None = None
) -> tuple[MoveResult, list[Held]]:
    """How each is answered, and those that are to move, locked; one that stands twice is answered twice."""
    hear_of(db, customer_ids)
    if receiver_id is not None:
        hold_claimers(db, [receiver_id])
    seen = locks.lock_visible_holdings(db, customer_ids, context.caller())
    room = Room(db, receiver_id, list(seen)) if receiver_id is not None else None
    items, moved = [], []
    for customer_id in customer_ids:
        status, detail = MoveStatus.NOT_VISIBLE, "There is no such customer, or you may not see it."
        if customer_id in seen:
            status, detail = judge(seen[customer_id])
            if status is MoveStatus.DONE and room is not None:
                status, detail = room.take(customer_id)
        if status is MoveStatus.DONE:
            moved.append(seen.pop(customer_id).held)
        items.append(MoveItem(customer_id=customer_id, status=status, detail=detail))
    return MoveResult(items=items), moved


def _one(db: Session, result: MoveResult) -> Holding:
    """The answer to a request for one customer, or the error that its status stands for."""
    (item,) = result.items
    if item.status is MoveStatus.NOT_VISIBLE:
        raise no_holding(db, item.customer_id)
    if item.status is not MoveStatus.DONE:
        raise handing.refused(item.status, item.detail)
    return queries.moved_holding(db, item.customer_id)


def _require_receiver(db: Session, owner_id: UUID, *, among: Sequence[UUID] | None) -> None:
    caller = context.caller()
    person = person_named(db, owner_id)
    user_id = caller.user_id if caller.kind == "user" else owner_id
    handing.require_receiver(person, role=caller.role, user_id=user_id, departments=among)


def _released(held: Held, pool: PoolRef, reason: str) -> HoldingReleased:
    return HoldingReleased(
        customer_id=held.customer_id,
        customer_name=held.customer_name,
        former_owner_id=_owner(held),
        pool_id=pool.id,
        pool_name=pool.name,
        reason=reason,
    )


def _transferred(held: Held, request: TransferHoldings) -> HoldingTransferred:
    return HoldingTransferred(
        customer_id=held.customer_id,
        customer_name=held.customer_name,
        owner_id=request.owner_id,
        former_owner_id=_owner(held),
        keep_until=request.keep_until,
        note=request.note,
    )


def _owner(held: Held) -> UUID:
    """Who holds it; those in a pool were answered `not_held`."""
    return cast(UUID, held.owner_id)
