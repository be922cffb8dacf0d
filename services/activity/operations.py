"""What the activity service does: one function per order, fact heard and round of the clock."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, delete, update
from sqlalchemy.orm import Session

from contracts.activity import (
    Activity,
    ActivityLogged,
    ActivityPage,
    CompleteFollowUp,
    CustomerActivity,
    DescribedTouches,
    DescribeTouches,
    FollowUp,
    FollowUpDone,
    FollowUpPage,
    FollowUpScheduled,
    GetActivity,
    GetCustomerActivity,
    GetFollowUp,
    ListActivities,
    ListFollowUps,
    LogActivity,
    PlannedFollowUp,
    ScheduleFollowUp,
)
from contracts.base import Received
from contracts.customer.collaborators import Collaboration
from contracts.customer.customers import CustomerCreated, CustomerUpdated
from contracts.customer.deletion import CustomerDeleted, CustomerRestored
from contracts.customer.facts import CustomerFacts
from contracts.customer.merges import CustomerMerged, CustomerUnmerged
from contracts.errors import Conflict, NotFound, NotPermitted, fault
from contracts.identity.users import User, UserCreated, UserFacts, UserUpdated
from contracts.pool import HoldingAssigned, HoldingClaimed, HoldingFacts, HoldingReleased
from servicekit import clock
from servicekit.context import Caller, caller
from servicekit.database import new_id
from servicekit.merging import Hanging, follow, follow_facts, hold
from servicekit.operators import require_process
from servicekit.outbox import publish
from servicekit.projections import project
from services.activity import models, peers, queries, rules
from services.activity.queries import Standing

REMINDER_BATCH = 200
_HANGING = tuple(Hanging(each.customer_id, each.merged_from_id) for each in (models.Activity, models.FollowUp))


def log(db: Session, request: LogActivity) -> Activity:
    """Record a touch and, where asked for, plan the next one: both or neither."""
    now, person = clock.now(), caller()
    occurred_at = rules.occurrence(request.occurred_at, now)
    customer = _customer_to_edit(db, person, request.customer_id)
    owner_id = _owner_of_new(db, person, customer, request.owner_id)
    _check_links(request)
    touch = models.Activity(
        id=new_id(),
        **request.model_dump(exclude={"occurred_at", "next_follow_up", "owner_id"}),
        owner_id=owner_id,
        occurred_at=occurred_at,
        back_dated=rules.is_back_dated(occurred_at, now),
        created_at=now,
        updated_at=now,
    )
    db.add(touch)
    publish(db, _logged(touch))
    following = None
    if request.next_follow_up is not None:
        field = "next_follow_up.due_at"
        following = _plan(db, request.customer_id, request.next_follow_up, owner_id=owner_id, now=now, field=field)
    db.flush()
    owner = queries.user_name(db, owner_id)
    planned = following and queries.as_follow_up(following, customer.name, owner)
    return queries.as_activity(touch, customer.name, owner).model_copy(update={"next_follow_up": planned})


def get(db: Session, request: GetActivity) -> Activity:
    """One activity that the caller may see."""
    found = queries.activity(db, caller(), request.activity_id)
    if found is None:
        raise NotFound("activity.not_found", "There is no such activity.")
    return found


def list_activities(db: Session, request: ListActivities) -> ActivityPage:
    """A page of the activities that the caller may see."""
    survivor_id = _survivor_of(db, request.customer_id)
    return queries.list_activities(db, caller(), request.model_copy(update={"customer_id": survivor_id}))


def list_follow_ups(db: Session, request: ListFollowUps) -> FollowUpPage:
    """A page of the follow-ups that the caller may see."""
    survivor_id = _survivor_of(db, request.customer_id)
    return queries.list_follow_ups(db, caller(), request.model_copy(update={"customer_id": survivor_id}))


def get_follow_up(db: Session, request: GetFollowUp) -> FollowUp:
    """One follow-up that the caller may see."""
    found = queries.follow_up(db, caller(), request.follow_up_id)
    if found is None:
        raise _no_follow_up()
    return found


def schedule(db: Session, request: ScheduleFollowUp) -> FollowUp:
    """Plan a next touch."""
    person = caller()
    customer = _customer_to_edit(db, person, request.customer_id)
    owner_id = _owner_of_new(db, person, customer, request.owner_id)
    planned = _plan(db, request.customer_id, request, owner_id=owner_id, now=clock.now(), field="due_at")
    db.flush()
    return queries.as_follow_up(planned, customer.name, queries.user_name(db, owner_id))


def complete(db: Session, request: CompleteFollowUp) -> FollowUp:
    """Mark a planned touch as done and silence the reminders that are still to come."""
    now, person = clock.now(), caller()
    planned, customer_name, owner_name = _follow_up_to_complete(db, person, request.follow_up_id)
    planned.done_at = planned.updated_at = now
    unsent = models.Reminder.sent_at.is_(None)
    db.execute(delete(models.Reminder).where(models.Reminder.follow_up_id == planned.id, unsent))
    ids = {"follow_up_id": planned.id, "customer_id": planned.customer_id, "owner_id": planned.owner_id}
    publish(db, FollowUpDone(**ids, done_at=now))
    db.flush()
    return queries.as_follow_up(planned, customer_name, owner_name)


def customer_activity(db: Session, request: GetCustomerActivity) -> CustomerActivity:
    """The activities' part of the 360 view."""
    _visible_customer(db, caller(), request.customer_id)
    return queries.customer_activity(db, request.customer_id)


def describe_touches(db: Session, request: DescribeTouches) -> DescribedTouches:
    """When customers were last touched."""
    require_process()
    return DescribedTouches(items=queries.last_touches(db, request.customer_ids))


def send_due_reminders(db: Session) -> bool:
    """Announce a batch of the reminders whose moment has come; True when there may be more."""
    now = clock.now()
    due = queries.claim_due_reminders(db, now, limit=REMINDER_BATCH)
    if due:
        claimed = models.Reminder.id.in_([reminder.reminder_id for reminder in due])
        db.execute(update(models.Reminder).where(claimed).values(sent_at=now))
        publish(db, *due)
    return len(due) == REMINDER_BATCH


def keep_user(db: Session, event: Received[UserCreated] | Received[UserUpdated]) -> None:
    """Know a person as the identity service tells of them."""
    _know_user(db, event.subject, event.data, sequence=event.sequence)


def keep_user_facts(db: Session, facts: UserFacts) -> bool:
    """Know a person as their record says; whether this was news."""
    return _know_user(db, facts.id, facts, sequence=facts.sequence)


def keep_customer(db: Session, event: Received[CustomerCreated] | Received[CustomerUpdated]) -> None:
    """Know a customer as the customer service tells of it, and who held it from the start."""
    told = event.data
    shared = told.collaborators if isinstance(told, CustomerUpdated) else None
    _know_customer(db, event.subject, told, shared=shared, sequence=event.sequence)
    if isinstance(told, CustomerCreated):
        _know_first_holder(db, event.subject, owner_id=told.owner_id, pool_id=told.pool_id)


def keep_customer_facts(db: Session, facts: CustomerFacts) -> bool:
    """Know a customer as its record says; whether this was news."""
    news = _know_customer(db, facts.id, facts, shared=facts.collaborators, sequence=facts.sequence)
    _know_first_holder(db, facts.id, owner_id=facts.owner_id, pool_id=facts.pool_id)
    into, deleted = facts.merged_into_id, facts.deleted
    moved = follow_facts(
        db, models.Customer, facts.id, into=into, deleted=deleted, sequence=facts.sequence, hanging=_HANGING
    )
    if moved is not None:
        _silence_or_remind(db, facts.id, deleted=deleted)
    return news or moved is not None


def follow_merge(db: Session, event: Received[CustomerMerged] | Received[CustomerUnmerged]) -> None:
    """Let what was done and planned with the loser hang from the survivor, or from the loser again."""
    told = event.data
    into = told.survivor_id if isinstance(told, CustomerMerged) else None
    follow(db, models.Customer, event.subject, into=into, deleted=False, sequence=event.sequence, hanging=_HANGING)


def follow_deletion(db: Session, event: Received[CustomerDeleted] | Received[CustomerRestored]) -> None:
    """Hide what was done and planned with a deleted customer, and remind nobody of it, until it is restored."""
    deleted = isinstance(event.data, CustomerDeleted)
    news = follow(
        db, models.Customer, event.subject, into=None, deleted=deleted, sequence=event.sequence, hanging=_HANGING
    )
    if news is not None:
        _silence_or_remind(db, event.subject, deleted=deleted)


def keep_holder(
    db: Session, event: Received[HoldingClaimed] | Received[HoldingReleased] | Received[HoldingAssigned]
) -> None:
    """Know who holds a customer as the pool service tells."""
    told = event.data
    owner_id = None if isinstance(told, HoldingReleased) else told.owner_id
    pool_id = None if isinstance(told, HoldingClaimed) else told.pool_id
    _know_holder(db, event.subject, {"owner_id": owner_id, "pool_id": pool_id}, sequence=event.sequence)


def keep_holder_facts(db: Session, facts: HoldingFacts) -> bool:
    """Know who holds a customer as the pool service's record says; whether this was news."""
    holder = {"owner_id": facts.owner_id, "pool_id": facts.pool_id}
    return _know_holder(db, facts.customer_id, holder, sequence=facts.sequence)


def _plan(
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


def _follow_up_to_complete(db: Session, person: Caller, follow_up_id: UUID) -> Row[models.FollowUp, str, str]:
    found = queries.lock_follow_up(db, person, follow_up_id)
    if found is None:
        raise _no_follow_up()
    planned = found[0]
    customer = queries.standing(db, person, planned.customer_id)
    edits_customer = customer is not None and _may_edit(person, customer)
    if not rules.may_complete(
        person.role, person_id=person.signed_by, owner_id=planned.owner_id, edits_customer=edits_customer
    ):
        raise NotPermitted("follow_up.read_only", "You may look at this follow-up but not mark it as done.")
    if planned.done_at is not None:
        raise Conflict("follow_up.done", "This is done already.", data={"done_at": planned.done_at.isoformat()})
    return found


def _logged(touch: models.Activity) -> ActivityLogged:
    return ActivityLogged(
        activity_id=touch.id,
        customer_id=touch.customer_id,
        opportunity_id=touch.opportunity_id,
        owner_id=touch.owner_id,
        kind=touch.kind,
        outcome=touch.outcome,
        occurred_at=touch.occurred_at,
        back_dated=touch.back_dated,
    )


def _customer_to_edit(db: Session, person: Caller, customer_id: UUID) -> Standing:
    """Held, so that it can't be merged or deleted before this is written."""
    hold(db, models.Customer, customer_id)
    customer = _visible_customer(db, person, customer_id)
    if not _may_edit(person, customer):
        raise NotPermitted("customer.read_only", "You may look at this customer but not record anything on it.")
    return customer


def _owner_of_new(db: Session, person: Caller, customer: Standing, named: UUID | None) -> UUID:
    """Whose a touch or follow-up is. InvalidInput: owner.not_yours, owner.required, owner.unknown."""
    owner_id = rules.owner_of_new(
        person.role, person_id=person.signed_by, named=named, customer_owner=customer.owner_id
    )
    if not person.is_user(owner_id) and not queries.is_active(db, owner_id):
        _look_up_user(db, owner_id)
        if not queries.is_active(db, owner_id):
            raise rules.unknown_owner()
    return owner_id


def _check_links(request: LogActivity) -> None:
    """What a touch names must hang from its customer. InvalidInput: activity.unknown_contact, .unknown_opportunity."""
    if request.contact_id is not None and not peers.is_contact_of(request.customer_id, request.contact_id):
        raise fault("contact_id", "activity.unknown_contact", "This customer has no such contact.")
    if request.opportunity_id is not None and not peers.is_opportunity_of(request.customer_id, request.opportunity_id):
        message = "There is no such opportunity with this customer."
        raise fault("opportunity_id", "activity.unknown_opportunity", message)


def _visible_customer(db: Session, person: Caller, customer_id: UUID) -> Standing:
    customer = queries.standing(db, person, customer_id)
    if customer is None:
        _look_up(db, customer_id)
        hold(db, models.Customer, customer_id)
        customer = queries.standing(db, person, customer_id)
    if customer is None or not customer.visible:
        raise _no_customer(db, person, customer_id)
    return customer


def _may_edit(person: Caller, customer: Standing) -> bool:
    return rules.may_edit_customer(
        person.role,
        person_id=person.signed_by,
        departments=person.departments,
        owner_id=customer.owner_id,
        owner_department=customer.owner_department,
        pool_id=customer.pool_id,
        editors=customer.editors,
    )


def _look_up(db: Session, customer_id: UUID) -> None:
    """Ask about a customer that no event has told of yet, as one has that was added a moment ago."""
    facts = peers.describe_customer(customer_id)
    if facts is not None:
        keep_customer_facts(db, facts)


def _look_up_user(db: Session, user_id: UUID) -> None:
    """The same about a person."""
    user = peers.describe_user(user_id)
    if user is not None:
        _know_user(db, user_id, user, sequence=0)  # the first event about them is later than this


def _know_user(
    db: Session, user_id: UUID, told: User | UserCreated | UserUpdated | UserFacts, *, sequence: int
) -> bool:
    values = {"name": told.full_name, "department_id": told.department_id, "active": told.active}
    return project(db, models.User, user_id, sequence={"sequence": sequence}, values=values)


def _know_holder(db: Session, customer_id: UUID, holder: Mapping[str, UUID | None], *, sequence: int) -> bool:
    return project(db, models.Customer, customer_id, sequence={"holding_sequence": sequence}, values=holder)


def _know_customer(
    db: Session,
    customer_id: UUID,
    told: CustomerCreated | CustomerUpdated | CustomerFacts,
    *,
    shared: Sequence[Collaboration] | None,
    sequence: int,
) -> bool:
    values: dict[str, object] = {"name": told.name, "lifecycle": told.lifecycle}
    if shared is not None:
        values["readers"] = [each.user_id for each in shared]
        values["editors"] = [each.user_id for each in shared if each.access == "edit"]
    return project(db, models.Customer, customer_id, sequence={"sequence": sequence}, values=values)


def _know_first_holder(db: Session, customer_id: UUID, *, owner_id: UUID | None, pool_id: UUID | None) -> None:
    """Who holds a customer at first: it counts only while nothing else is known, for all that is known is later."""
    customer = models.Customer
    unheld = update(customer).where(customer.id == customer_id, customer.owner_id.is_(None), customer.pool_id.is_(None))
    db.execute(unheld.values(owner_id=owner_id, pool_id=pool_id))


def _silence_or_remind(db: Session, customer_id: UUID, *, deleted: bool) -> None:
    """Reminders of a deleted customer's follow-ups go; those that were not sent come again when it is restored."""
    reminder = models.Reminder
    for planned in queries.planned_of(db, customer_id):
        if deleted:
            db.execute(delete(reminder).where(reminder.follow_up_id == planned.id, reminder.sent_at.is_(None)))
        else:
            wanted = {rules.remind_at(planned.due_at, minutes) for minutes in planned.remind_before_minutes}
            missing = wanted - {each.remind_at for each in planned.reminders}
            db.add_all(reminder(id=new_id(), follow_up_id=planned.id, remind_at=moment) for moment in missing)


def _survivor_of(db: Session, customer_id: UUID | None) -> UUID | None:
    """The customer whose records a list is about."""
    if customer_id is None:
        return None
    return queries.survivor_of(db, caller(), customer_id) or customer_id


def _no_customer(db: Session, person: Caller, customer_id: UUID) -> NotFound:
    survivor_id = queries.survivor_of(db, person, customer_id)
    if survivor_id is None:
        return NotFound("customer.not_found", "There is no such customer.")
    message = "This customer was merged into another one: go on with that."
    return NotFound("customer.merged", message, data={"survivor_id": str(survivor_id)})


def _no_follow_up() -> NotFound:
    return NotFound("follow_up.not_found", "There is no such follow-up.")
