"""The verbs of the pool service: load, decide, change, publish."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from contracts.base import Received
from contracts.customer.collaborators import Collaboration
from contracts.customer.customers import CustomerCreated, CustomerUpdated
from contracts.customer.deletion import CustomerDeleted, CustomerRestored
from contracts.customer.facts import CustomerFacts
from contracts.customer.merges import CustomerMerged, CustomerUnmerged
from contracts.errors import Conflict, NotFound, Unavailable
from contracts.identity.users import UserCreated, UserFacts, UserUpdated
from contracts.pool import (
    DEFAULT_POOL_ID,
    ClaimCustomers,
    ClaimResult,
    ClaimStatus,
    CreatePool,
    FreeCustomerPage,
    GetHolding,
    GetPool,
    Holding,
    HoldingAssigned,
    HoldingClaimed,
    HoldingFactsPage,
    HoldingHistory,
    HoldingPage,
    HoldingReleased,
    ListFreeCustomers,
    ListHoldingFacts,
    ListHoldingHistory,
    ListHoldings,
    ListPoolFacts,
    Pool,
    PoolCreated,
    PoolFactsPage,
    PoolList,
    ReleaseHolding,
)
from contracts.values import Actor, PoolRef
from servicekit import clock, context
from servicekit.database import new_id
from servicekit.merging import ends, follow, follow_facts
from servicekit.operators import require_process
from servicekit.outbox import publish
from servicekit.projections import project
from services.pool import models, peers, queries, rules
from services.pool.rules import Held, Move


def list_pools(db: Session) -> PoolList:
    """All pools; they are open to everybody."""
    return PoolList(items=queries.pools(db))


def list_pool_facts(db: Session, request: ListPoolFacts) -> PoolFactsPage:
    """What the other services keep of pools, page by page."""
    require_process()
    return queries.pool_facts(db, request)


def list_holding_facts(db: Session, request: ListHoldingFacts) -> HoldingFactsPage:
    """What the other services keep of holdings, page by page."""
    require_process()
    return queries.holding_facts(db, request)


def get_pool(db: Session, request: GetPool) -> Pool:
    """One pool."""
    pool = queries.pool(db, request.pool_id)
    if pool is None:
        raise _no_pool()
    return pool


def create_pool(db: Session, request: CreatePool) -> Pool:
    """Open a pool and announce it."""
    rules.require_admin(context.caller().role)
    queries.lock_pool_names(db)
    pools, namesakes = queries.count_pools(db, request.name)
    rules.require_room(pools)
    if namesakes:
        raise Conflict("pool.name_taken", "There is a pool of this name already.")
    now = clock.now()
    pool = models.Pool(id=new_id(), name=request.name, created_at=now, updated_at=now)
    db.add(pool)
    db.flush()
    publish(db, PoolCreated(pool_id=pool.id, name=pool.name))
    return Pool(id=pool.id, name=pool.name, default=False, free=0, version=pool.version)


def list_free_customers(db: Session, request: ListFreeCustomers) -> FreeCustomerPage:
    """What waits in a pool."""
    _pool(db, request.pool_id)
    return queries.free_customers(db, context.caller(), request)


def get_holding(db: Session, request: GetHolding) -> Holding:
    """Who holds a customer now."""
    _hear_of(db, [request.customer_id])
    return _holding(db, request.customer_id)


def list_holdings(db: Session, request: ListHoldings) -> HoldingPage:
    """What one person holds."""
    return queries.list_holdings(db, context.caller(), request)


def list_holding_history(db: Session, request: ListHoldingHistory) -> HoldingHistory:
    """Who held a customer, from its first day on."""
    _hear_of(db, [request.customer_id])
    spans = queries.history(db, request.customer_id, context.caller())
    if not spans:
        raise _no_holding(db, request.customer_id)
    return HoldingHistory(items=spans)


def claim(db: Session, request: ClaimCustomers) -> ClaimResult:
    """Give the caller what is free of the customers they ask for (docs/decisions/0004-claim.md)."""
    rules.require_claimer(context.caller().role)
    claimer = context.caller().user_id
    pool = _pool(db, request.pool_id)
    otherwise = rules.UNKNOWN
    try:
        _hear_of(db, request.customer_ids)
    except Unavailable:
        otherwise = rules.NOT_LOOKED_UP
    held = queries.lock_holdings(db, request.customer_ids)
    items = rules.answer_claims(request.customer_ids, held, pool_id=pool.id, claimer=claimer, otherwise=otherwise)
    won = [held[item.customer_id] for item in items if item.status is ClaimStatus.CLAIMED]
    _move(db, won, Move.CLAIMED, owner_id=claimer)
    for each in won:
        name = each.customer_name
        publish(db, HoldingClaimed(customer_id=each.customer_id, customer_name=name, owner_id=claimer, pool_id=pool.id))
    return ClaimResult(items=items)


def release(db: Session, request: ReleaseHolding) -> Holding:
    """Put a held customer back into a pool."""
    caller = context.caller()
    _hear_of(db, [request.customer_id])
    found = queries.lock_visible_holding(db, request.customer_id, caller)
    if found is None:
        raise _no_holding(db, request.customer_id)
    held, answers_for = found
    rules.require_releaser(caller.role)
    if held.owner_id is not None and not answers_for:
        raise rules.read_only()
    owner_id = rules.require_owner(held)
    pool = _pool(db, request.pool_id or DEFAULT_POOL_ID)
    _move(db, [held], Move.RELEASED, pool_id=pool.id, reason=request.reason, note=request.note)
    released = HoldingReleased(
        customer_id=held.customer_id,
        customer_name=held.customer_name,
        former_owner_id=owner_id,
        pool_id=pool.id,
        pool_name=pool.name,
        reason=request.reason,
    )
    publish(db, released)
    return _holding(db, held.customer_id)


def hold_new_customer(db: Session, event: Received[CustomerCreated]) -> None:
    """Begin a customer's life in the hands it was created for."""
    _hold(db, event.subject, event.data, sequence=event.sequence, since=event.time)


def keep_customer_name(db: Session, event: Received[CustomerUpdated]) -> None:
    """Know a customer by its present name."""
    told = event.data
    _know_customer(db, event.subject, name=told.name, shared=told.collaborators, sequence=event.sequence)


def keep_customer_facts(db: Session, facts: CustomerFacts) -> bool:
    """Know a customer as its record says, and hold it when it is new here; whether this was news."""
    news = _hold(db, facts.id, facts, sequence=facts.sequence, since=clock.now())
    into, deleted = facts.merged_into_id, facts.deleted
    if follow_facts(db, models.Customer, facts.id, into=into, deleted=deleted, sequence=facts.sequence) is None:
        return news
    _rest(db, facts.id)
    return True


def follow_merge(db: Session, event: Received[CustomerMerged] | Received[CustomerUnmerged]) -> None:
    """Let the loser's holding rest, or go on again; the survivor's is given away where the merge says so, and back."""
    told = event.data
    into = told.survivor_id if isinstance(told, CustomerMerged) else None
    _stand(db, told.loser_id, into=into, sequence=event.sequence)
    if isinstance(told, CustomerMerged):
        _give(db, told, by=event.actor)
    else:
        _give_back(db, told.merge_id, by=event.actor)


def follow_deletion(db: Session, event: Received[CustomerDeleted] | Received[CustomerRestored]) -> None:
    """Let a deleted customer's holding rest until it is restored."""
    _stand(db, event.subject, deleted=isinstance(event.data, CustomerDeleted), sequence=event.sequence)


def keep_user(db: Session, event: Received[UserCreated] | Received[UserUpdated]) -> None:
    """Know a person by name and department."""
    _know_user(db, event.subject, event.data, sequence=event.sequence)


def keep_user_facts(db: Session, facts: UserFacts) -> bool:
    """Know a person as their record says; whether this was news."""
    return _know_user(db, facts.id, facts, sequence=facts.sequence)


def _pool(db: Session, pool_id: UUID) -> PoolRef:
    pool = queries.pool_ref(db, pool_id)
    if pool is None:
        raise _no_pool()
    return pool


def _holding(db: Session, customer_id: UUID) -> Holding:
    holding = queries.holding(db, customer_id, context.caller())
    if holding is None:
        raise _no_holding(db, customer_id)
    return holding


def _no_pool() -> NotFound:
    return NotFound("pool.not_found", "There is no such pool.")


def _no_holding(db: Session, customer_id: UUID) -> NotFound:
    end = ends(db, models.Customer, [customer_id]).get(customer_id)
    if end is not None and end != customer_id and queries.holding(db, end, context.caller()) is not None:
        message = "This customer was merged into another one: go on with that."
        return NotFound("customer.merged", message, data={"survivor_id": str(end)})
    return NotFound("holding.not_found", "There is no such customer, or you may not see it.")


def _hear_of(db: Session, customer_ids: Collection[UUID]) -> None:
    """Ask for those customers whose events are still on their way, and hold them as the events would."""
    missing = set(customer_ids) - queries.known_customers(db, customer_ids)
    if not missing:
        return
    described = peers.describe_customers(missing)
    for facts in sorted(described, key=lambda each: each.id):
        keep_customer_facts(db, facts)


def _hold(
    db: Session, customer_id: UUID, facts: CustomerCreated | CustomerFacts, *, sequence: int, since: datetime
) -> bool:
    shared = facts.collaborators if isinstance(facts, CustomerFacts) else None
    named = _know_customer(db, customer_id, name=facts.name, shared=shared, sequence=sequence)
    first = {
        "customer_id": customer_id,
        "number": 1,
        "owner_id": facts.owner_id,
        "pool_id": facts.pool_id,
        "since": since,
        "began": Move.CREATED,
        "resting": queries.rests(customer_id),
    }
    begun = postgresql.insert(models.Holding).values(first).on_conflict_do_nothing()
    held = db.execute(begun.returning(models.Holding.customer_id)).first() is not None
    return named or held


def _know_customer(
    db: Session, customer_id: UUID, *, name: str, shared: Sequence[Collaboration] | None, sequence: int
) -> bool:
    values: dict[str, object] = {"name": name}
    if shared is not None:
        values["readers"] = [each.user_id for each in shared]
    return project(db, models.Customer, customer_id, sequence={"sequence": sequence}, values=values)


def _know_user(db: Session, user_id: UUID, told: UserCreated | UserUpdated | UserFacts, *, sequence: int) -> bool:
    values = {"name": told.full_name, "department_id": told.department_id, "active": told.active}
    return project(db, models.User, user_id, sequence={"sequence": sequence}, values=values)


def _move(
    db: Session,
    held: Sequence[Held],
    move: Move,
    *,
    owner_id: UUID | None = None,
    pool_id: UUID | None = None,
    reason: str = "",
    note: str = "",
) -> None:
    """End the present stretches of locked holdings and begin the next ones at the same moment."""
    if not held:
        return
    now = clock.now()
    over = [
        {**_stretch(each), "until": rules.moved_at(now, each.since), "ended": move, "reason": reason, "note": note}
        for each in held
    ]
    # Written from what the lock showed, not copied by the database: a move without the lock hits the primary key.
    db.execute(insert(models.HoldingSpan), over)
    holding = models.Holding
    next_stretch = {
        "merge_id": None,
        "number": holding.number + 1,
        "owner_id": owner_id,
        "pool_id": pool_id,
        "since": func.greatest(holding.since, now),
        "began": move,
    }
    moved = holding.customer_id.in_([each.customer_id for each in held])
    db.execute(update(holding).where(moved).values(next_stretch).execution_options(synchronize_session=False))


def _stretch(held: Held) -> dict[str, object]:
    return {name: value for name, value in held._asdict().items() if name != "customer_name"}


def _give(db: Session, merge: CustomerMerged, *, by: Actor) -> None:
    receiver = merge.owner_id, merge.pool_id
    # It may be undone already, by an event that came before this one.
    if receiver == (None, None) or queries.merged_into(db, merge.loser_id) != merge.survivor_id:
        return
    _hear_of(db, [merge.survivor_id])
    held = queries.lock_holding(db, merge.survivor_id)
    if held is not None and (held.owner_id, held.pool_id) != receiver:
        _assign(db, held, Move.ASSIGNED, to=receiver, by=by, reason=merge.reason)
        given = update(models.Holding).where(models.Holding.customer_id == held.customer_id)
        db.execute(given.values(merge_id=merge.merge_id), execution_options={"synchronize_session": False})


def _give_back(db: Session, merge_id: UUID, *, by: Actor) -> None:
    """Unless it moved on meanwhile."""
    given = queries.lock_given(db, merge_id)
    if given is not None:
        held, former = given
        _assign(db, held, Move.UNMERGED, to=(former.owner_id, former.pool_id), by=by)


def _assign(
    db: Session, held: Held, move: Move, *, to: tuple[UUID | None, UUID | None], by: Actor, reason: str = ""
) -> None:
    owner_id, pool_id = to
    _move(db, [held], move, owner_id=owner_id, pool_id=pool_id, reason=reason)
    assigned = HoldingAssigned(
        customer_id=held.customer_id,
        customer_name=held.customer_name,
        owner_id=owner_id,
        pool_id=pool_id,
        former_owner_id=held.owner_id,
        assigned_by=by,
        reason=reason,
    )
    publish(db, assigned)


def _stand(db: Session, customer_id: UUID, *, sequence: int, into: UUID | None = None, deleted: bool = False) -> None:
    if follow(db, models.Customer, customer_id, into=into, deleted=deleted, sequence=sequence) is not None:
        _rest(db, customer_id)


def _rest(db: Session, customer_id: UUID) -> None:
    """Let a holding rest or go on, as its customer stands."""
    holding = models.Holding
    resting = update(holding).where(holding.customer_id == customer_id).values(resting=queries.rests(customer_id))
    db.execute(resting, execution_options={"synchronize_session": False})
