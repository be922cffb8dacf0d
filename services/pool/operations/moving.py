"""The one way that a customer goes from hand to hand."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, insert, update
from sqlalchemy.orm import Session

from contracts.pool.holdings import HoldingAssigned
from contracts.values import Actor
from servicekit import clock
from servicekit.outbox import publish
from services.pool import models
from services.pool.rules.moves import Held, Move, moved_at


def move_all(
    db: Session,
    held: Sequence[Held],
    move: Move,
    *,
    owner_id: UUID | None = None,
    pool_id: UUID | None = None,
    reason: str = "",
    note: str = "",
    reasoning: Mapping[UUID, dict[str, str]] | None = None,
) -> None:
    """End the present stretches of locked holdings and begin the next ones at the same moment.

    `reasoning` says in words, by customer and language, why a rule ended theirs.
    """
    if not held:
        return
    now = clock.now()
    ended = {"ended": move, "reason": reason, "note": note}
    why = reasoning or {}
    over = [
        {**_stretch(each), **ended, "until": moved_at(now, each.since), "reasoning": why.get(each.customer_id)}
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
        # Whoever holds it now does so by the rules of the pool that it came from last, and by them from the start.
        "home_pool_id": None if owner_id is None else func.coalesce(holding.pool_id, holding.home_pool_id),
        "review_at": None if owner_id is None else now,
        "reclaim_on": None,
        "reclaim_rule": None,
        "warned_days": None,
        "terms": None,
        "not_before": None,
        "protected_until": None,
    }
    moved = holding.customer_id.in_([each.customer_id for each in held])
    db.execute(update(holding).where(moved).values(next_stretch).execution_options(synchronize_session=False))


def _stretch(held: Held) -> dict[str, object]:
    return {name: value for name, value in held._asdict().items() if name != "customer_name"}


def assign_all(
    db: Session,
    held: Sequence[Held],
    move: Move,
    *,
    to: tuple[UUID | None, UUID | None],
    by: Actor,
    reason: str = "",
    note: str = "",
) -> None:
    """Give locked holdings to an owner or to a pool, and announce each."""
    owner_id, pool_id = to
    move_all(db, held, move, owner_id=owner_id, pool_id=pool_id, reason="" if note else reason, note=note)
    for each in held:
        assigned = HoldingAssigned(
            customer_id=each.customer_id,
            customer_name=each.customer_name,
            owner_id=owner_id,
            pool_id=pool_id,
            former_owner_id=each.owner_id,
            assigned_by=by,
            reason=reason,
        )
        publish(db, assigned)
