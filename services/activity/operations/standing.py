"""Merges and deletions of customers: what becomes of what hangs from them."""

from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from contracts.base import Received
from contracts.customer.deletion import CustomerDeleted, CustomerRestored
from contracts.customer.merges import CustomerMerged, CustomerUnmerged
from servicekit.database import new_id
from servicekit.merging import Hanging, follow
from services.activity import models, queries, rules

HANGING = tuple(Hanging(each.customer_id, each.merged_from_id) for each in (models.Activity, models.FollowUp))


def follow_merge(db: Session, event: Received[CustomerMerged] | Received[CustomerUnmerged]) -> None:
    """Let what was done and planned with the loser hang from the survivor, or from the loser again."""
    told = event.data
    into = told.survivor_id if isinstance(told, CustomerMerged) else None
    follow(db, models.Customer, event.subject, into=into, deleted=False, sequence=event.sequence, hanging=HANGING)


def follow_deletion(db: Session, event: Received[CustomerDeleted] | Received[CustomerRestored]) -> None:
    """Hide what was done and planned with a deleted customer, and remind nobody of it, until it is restored."""
    deleted = isinstance(event.data, CustomerDeleted)
    news = follow(
        db, models.Customer, event.subject, into=None, deleted=deleted, sequence=event.sequence, hanging=HANGING
    )
    if news is not None:
        silence_or_remind(db, event.subject, deleted=deleted)


def silence_or_remind(db: Session, customer_id: UUID, *, deleted: bool) -> None:
    """Reminders of a deleted customer's follow-ups go; those that were not sent come again when it is restored."""
    reminder = models.Reminder
    for planned in queries.planned_of(db, customer_id):
        if deleted:
            db.execute(delete(reminder).where(reminder.follow_up_id == planned.id, reminder.sent_at.is_(None)))
        else:
            wanted = {rules.remind_at(planned.due_at, minutes) for minutes in planned.remind_before_minutes}
            missing = wanted - {each.remind_at for each in planned.reminders}
            db.add_all(reminder(id=new_id(), follow_up_id=planned.id, remind_at=moment) for moment in missing)
