"""Merges and deletions of customers: what becomes of who holds them."""

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from contracts.base import Received
from contracts.customer.deletion import CustomerDeleted, CustomerRestored
from contracts.customer.merges import CustomerMerged, CustomerUnmerged
from contracts.values import Actor
from servicekit.merging import follow
from services.pool import models
from services.pool.operations.known import hear_of, rest
from services.pool.operations.moving import assign_all
from services.pool.operations.reviews import review_soon
from services.pool.queries import known, locks
from services.pool.rules.moves import Move


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


def _give(db: Session, merge: CustomerMerged, *, by: Actor) -> None:
    receiver = merge.owner_id, merge.pool_id
    # It may be undone already, by an event that came before this one.
    if receiver == (None, None) or known.merged_into(db, merge.loser_id) != merge.survivor_id:
        return
    hear_of(db, [merge.survivor_id])
    held = locks.lock_holding(db, merge.survivor_id)
    if held is not None and (held.owner_id, held.pool_id) != receiver:
        assign_all(db, [held], Move.ASSIGNED, to=receiver, by=by, reason=merge.reason)
        given = update(models.Holding).where(models.Holding.customer_id == held.customer_id)
        db.execute(given.values(merge_id=merge.merge_id), execution_options={"synchronize_session": False})


def _give_back(db: Session, merge_id: UUID, *, by: Actor) -> None:
    """Unless it moved on meanwhile."""
    given = locks.lock_given(db, merge_id)
    if given is not None:
        held, former = given
        assign_all(db, [held], Move.UNMERGED, to=(former.owner_id, former.pool_id), by=by)


def _stand(db: Session, customer_id: UUID, *, sequence: int, into: UUID | None = None, deleted: bool = False) -> None:
    if follow(db, models.Customer, customer_id, into=into, deleted=deleted, sequence=sequence) is not None:
        rest(db, customer_id)
        # What hangs from the one hangs from the other now, or no longer.
        review_soon(db, {customer_id, into or customer_id})
