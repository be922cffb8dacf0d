"""Planned touches: planning, doing, reminding."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, delete, update
from sqlalchemy.orm import Session

from contracts.activity import (
    CompleteFollowUp,
    FollowUp,
    FollowUpDone,
    FollowUpPage,
    FollowUpScheduled,
    GetFollowUp,
    ListFollowUps,
    PlannedFollowUp,
    ScheduleFollowUp,
)
from contracts.errors import Conflict, NotFound, NotPermitted
from servicekit import clock
from servicekit.context import Caller, caller
from servicekit.database import new_id
from servicekit.outbox import publish
from services.activity import models, queries, rules
from services.activity.operations.known import survivor_of
from services.activity.operations.rights import customer_to_edit, may_edit, owner_of_new

REMINDER_BATCH = 200


def list_follow_ups(db: Session, request: ListFollowUps) -> FollowUpPage:
    """A page of the follow-ups that the caller may see."""
    survivor_id = survivor_of(db, request.customer_id)
    return queries.list_follow_ups(db, caller(), request.model_copy(update={"customer_id": survivor_id}))


def get_follow_up(db: Session, request: GetFollowUp) -> FollowUp:
    """One follow-up that the caller may see."""
    found = queries.follow_up(db, caller(), request.follow_up_id)
    if found is None:
        raise no_follow_up()
    return found


def schedule(db: Session, request: ScheduleFollowUp) -> FollowUp:
    """Plan a next touch."""
    person = caller()
    customer = customer_to_edit(db, person, request.customer_id)
    owner_id = owner_of_new(db, person, customer, request.owner_id)
    planned = plan(db, request.customer_id, request, owner_id=owner_id, now=clock.now(), field="due_at")
    db.flush()
    return queries.as_follow_up(planned, customer.name, queries.user_name(db, owner_id))


def complete(db: Session, request: CompleteFollowUp) -> FollowUp:
    """Mark a planned touch as done and silence the reminders that are still to come."""
    now, person = clock.now(), caller()
    planned, customer_name, owner_name = follow_up_to_complete(db, person, request.follow_up_id)
    planned.done_at = planned.updated_at = now
    unsent = models.Reminder.sent_at.is_(None)
    db.execute(delete(models.Reminder).where(models.Reminder.follow_up_id == planned.id, unsent))
    ids = {"follow_up_id": planned.id, "customer_id": planned.customer_id, "owner_id": planned.owner_id}
    publish(db, FollowUpDone(**ids, done_at=now))
    db.flush()
    return queries.as_follow_up(planned, customer_name, owner_name)


def send_due_reminders(db: Session) -> bool:
    """Announce a batch of the reminders whose moment has come; True when there may be more."""
    now = clock.now()
    due = queries.claim_due_reminders(db, now, limit=REMINDER_BATCH)
    if due:
        claimed = models.Reminder.id.in_([reminder.reminder_id for reminder in due])
        db.execute(update(models.Reminder).where(claimed).values(sent_at=now))
        publish(db, *due)
    return len(due) == REMINDER_BATCH


def plan(
    db: Session, customer_id: UUID, plan: PlannedFollowUp, *, owner_id: UUID, now: datetime, field: str
) -> models.FollowUp:
    due_at = rules.moment(plan.due_at, field)
    minutes = rules.coming_reminders(due_at, plan.remind_before_minutes, now)
    planned = models.FollowUp(
        id=new_id(),
        customer_id=customer_id,
        owner_id=owner_id,
        due_at=due_at,
        note=plan.note,
        remind_before_minutes=minutes,
        created_at=now,
        updated_at=now,
        reminders=[models.Reminder(id=new_id(), remind_at=rules.remind_at(due_at, each)) for each in minutes],
    )
    db.add(planned)
    ids = {"follow_up_id": planned.id, "customer_id": customer_id, "owner_id": owner_id}
    publish(db, FollowUpScheduled(**ids, due_at=due_at))
    return planned


def follow_up_to_complete(db: Session, person: Caller, follow_up_id: UUID) -> Row[models.FollowUp, str, str]:
    found = queries.lock_follow_up(db, person, follow_up_id)
    if found is None:
        raise no_follow_up()
    planned = found[0]
    customer = queries.standing(db, person, planned.customer_id)
    edits_customer = customer is not None and may_edit(person, customer)
    if not rules.may_complete(
        person.role, person_id=person.signed_by, owner_id=planned.owner_id, edits_customer=edits_customer
    ):
        raise NotPermitted("follow_up.read_only", "You may look at this follow-up but not mark it as done.")
    if planned.done_at is not None:
        raise Conflict("follow_up.done", "This is done already.", data={"done_at": planned.done_at.isoformat()})
    return found


def no_follow_up() -> NotFound:
    return NotFound("follow_up.not_found", "There is no such follow-up.")
