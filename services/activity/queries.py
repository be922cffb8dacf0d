"""Every SELECT of the activity service, and its rows in the shapes that the contract names."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, false, func, not_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from contracts.activity import (
    Activity,
    ActivityPage,
    CustomerActivity,
    FollowUp,
    FollowUpPage,
    FollowUpState,
    LastTouches,
    ListActivities,
    ListFollowUps,
    ReminderDue,
)
from contracts.values import CustomerRef, Role, UserRef
from servicekit.audiences import includes
from servicekit.context import Caller
from servicekit.merging import ends
from servicekit.paging import page, total
from services.activity import models, rules

_LATEST = 10
_NEXT = 5

# Empty until this service has heard of them.
_CUSTOMER_NAME = func.coalesce(models.Customer.name, "")
_USER_NAME = func.coalesce(models.User.name, "")


class Standing(NamedTuple):
    """A customer as a decision needs it: who holds it, and whether the caller may see it."""

    name: str
    owner_id: UUID | None
    owner_department: UUID | None
    pool_id: UUID | None
    """The pool that it is in, where that is open to the caller."""
    editors: list[UUID]
    visible: bool


def standing(db: Session, caller: Caller, customer_id: UUID) -> Standing | None:
    """How a customer stands; None while this service has not been told its name."""
    customer = models.Customer
    pool_id = case((_in_open_pool(caller), customer.pool_id))
    statement = (
        select(
            *(customer.name, customer.owner_id, models.User.department_id, pool_id, customer.editors),
            _sees_customer(caller),
        )
        .outerjoin(models.User, models.User.id == customer.owner_id)
        .where(customer.id == customer_id, customer.sequence > 0)
    )
    row = db.execute(statement).one_or_none()
    return None if row is None else Standing(*row)


def survivor_of(db: Session, caller: Caller, customer_id: UUID) -> UUID | None:
    """Where a customer that was merged leads, if the caller may see that; None for others."""
    end = ends(db, models.Customer, [customer_id]).get(customer_id)
    if end is None or end == customer_id:
        return None
    found = standing(db, caller, end)
    return end if found is not None and found.visible else None


def planned_of(db: Session, customer_id: UUID) -> Sequence[models.FollowUp]:
    """A customer's follow-ups that are not done, with all their reminders."""
    planned = models.FollowUp
    statement = select(planned).where(planned.customer_id == customer_id, planned.done_at.is_(None))
    return db.scalars(statement.options(selectinload(planned.reminders))).all()


def user_name(db: Session, user_id: UUID) -> str:
    """A person's name; empty until this service has heard of them."""
    return db.scalar(select(models.User.name).where(models.User.id == user_id)) or ""


def is_active(db: Session, user_id: UUID) -> bool:
    """Whether somebody is known here who works for the company."""
    return bool(db.scalar(select(models.User.active).where(models.User.id == user_id)))


def activity(db: Session, caller: Caller, activity_id: UUID) -> Activity | None:
    """An activity that the caller may see."""
    statement = _activities().where(models.Activity.id == activity_id, _sees(caller, models.Activity.owner_id))
    row = db.execute(statement).one_or_none()
    return None if row is None else as_activity(*row)


def list_activities(db: Session, caller: Caller, request: ListActivities) -> ActivityPage:
    """A page of the activities that the caller may see."""
    record = models.Activity
    statement = _activities().where(_sees(caller, record.owner_id))
    if request.customer_id is not None:
        statement = statement.where(record.customer_id == request.customer_id)
    if request.owner_id is not None:
        statement = statement.where(record.owner_id == _person(caller, request.owner_id))
    if request.kind is not None:
        statement = statement.where(record.kind == request.kind)
    if request.updated_since is not None:
        statement = statement.where(record.updated_at >= request.updated_since)
    statement = statement.where(*_within(record.occurred_at, request.occurred_since, request.occurred_until))
    rows, next_cursor = page(
        db, statement, record.occurred_at, record.id, limit=request.limit, cursor=request.cursor, descending=True
    )
    return ActivityPage(
        items=[as_activity(*row) for row in rows],
        next_cursor=next_cursor,
        total=total(db, statement) if request.count else None,
    )


def follow_up(db: Session, caller: Caller, follow_up_id: UUID) -> FollowUp | None:
    """A follow-up that the caller may see."""
    statement = _follow_ups().where(models.FollowUp.id == follow_up_id, _sees(caller, models.FollowUp.owner_id))
    row = db.execute(statement).one_or_none()
    return None if row is None else as_follow_up(*row)


def lock_follow_up(db: Session, caller: Caller, follow_up_id: UUID) -> Row[models.FollowUp, str, str] | None:
    """A follow-up that the caller may see, held against other changes, with its customer's and its owner's name."""
    statement = (
        _follow_ups()
        .where(models.FollowUp.id == follow_up_id, _sees(caller, models.FollowUp.owner_id))
        .with_for_update(of=models.FollowUp)
    )
    return db.execute(statement).one_or_none()


def list_follow_ups(db: Session, caller: Caller, request: ListFollowUps) -> FollowUpPage:
    """A page of the follow-ups that the caller may see."""
    record = models.FollowUp
    statement = _follow_ups().where(_sees(caller, record.owner_id))
    if request.customer_id is not None:
        statement = statement.where(record.customer_id == request.customer_id)
    if request.owner_id is not None:
        statement = statement.where(record.owner_id == _person(caller, request.owner_id))
    if request.state is not None:
        planned = request.state is FollowUpState.PLANNED
        statement = statement.where(record.done_at.is_(None) if planned else record.done_at.is_not(None))
    statement = statement.where(*_within(record.due_at, request.due_since, request.due_until))
    rows, next_cursor = page(db, statement, record.due_at, record.id, limit=request.limit, cursor=request.cursor)
    return FollowUpPage(
        items=[as_follow_up(*row) for row in rows],
        next_cursor=next_cursor,
        total=total(db, statement) if request.count else None,
    )


def customer_activity(db: Session, customer_id: UUID) -> CustomerActivity:
    """What happened with a customer and what is planned; whether the caller may see that is decided before."""
    touch, planned = models.Activity, models.FollowUp
    latest = db.execute(
        _activities()
        .where(touch.customer_id == customer_id)
        .order_by(touch.occurred_at.desc(), touch.id.desc())
        .limit(_LATEST)
    ).all()
    coming = db.execute(
        _follow_ups()
        .where(planned.customer_id == customer_id, planned.done_at.is_(None))
        .order_by(planned.due_at, planned.id)
        .limit(_NEXT)
    ).all()
    return CustomerActivity(
        latest=[as_activity(*row) for row in latest],
        next_follow_ups=[as_follow_up(*row) for row in coming],
        last_touch_at=latest[0][0].occurred_at if latest else None,
        count=len(latest) if len(latest) < _LATEST else _count(db, customer_id),
    )


def last_touches(db: Session, customer_ids: Collection[UUID]) -> list[LastTouches]:
    """When each of these customers was last touched, by kind."""
    touch = models.Activity
    latest = select(touch.customer_id, touch.kind, func.max(touch.occurred_at))
    last: dict[UUID, dict[str, datetime]] = defaultdict(dict)
    for customer_id, kind, moment in db.execute(
        latest.where(touch.customer_id.in_(set(customer_ids))).group_by(touch.customer_id, touch.kind)
    ):
        last[customer_id][kind] = moment
    return [LastTouches(customer_id=customer_id, last=kinds) for customer_id, kinds in last.items()]


def claim_due_reminders(db: Session, now: datetime, *, limit: int) -> list[ReminderDue]:
    """Unsent reminders whose moment has come, held until the transaction ends; those that others hold are passed by."""
    claimed = (
        select(models.Reminder.id, models.Reminder.follow_up_id)
        .where(models.Reminder.sent_at.is_(None), models.Reminder.remind_at <= now)
        .order_by(models.Reminder.remind_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        # Claimed before anything is joined, so that a batch costs the same however many are due.
        .cte("claimed")
    )
    planned = models.FollowUp
    statement = (
        select(claimed.c.id, planned, _CUSTOMER_NAME)
        .join(planned, planned.id == claimed.c.follow_up_id)
        .outerjoin(models.Customer, models.Customer.id == planned.customer_id)
    )
    return [_reminder_due(*row) for row in db.execute(statement)]


def as_activity(record: models.Activity, customer_name: str, owner_name: str) -> Activity:
    """An activity with the names of its customer and owner."""
    return Activity(
        id=record.id,
        customer=CustomerRef(id=record.customer_id, name=customer_name),
        contact_id=record.contact_id,
        opportunity_id=record.opportunity_id,
        owner=UserRef(id=record.owner_id, name=owner_name),
        kind=record.kind,
        direction=record.direction,
        occurred_at=record.occurred_at,
        back_dated=record.back_dated,
        duration_minutes=record.duration_minutes,
        content=record.content,
        outcome=record.outcome,
        version=record.version,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )


def as_follow_up(record: models.FollowUp, customer_name: str, owner_name: str) -> FollowUp:
    """A follow-up with the names of its customer and owner."""
    return FollowUp(
        id=record.id,
        customer=CustomerRef(id=record.customer_id, name=customer_name),
        owner=UserRef(id=record.owner_id, name=owner_name),
        due_at=record.due_at,
        note=record.note,
        state=FollowUpState.PLANNED if record.done_at is None else FollowUpState.DONE,
        remind_before_minutes=record.remind_before_minutes,
        done_at=record.done_at,
        version=record.version,
        created_at=record.created_at,
    )


def _reminder_due(reminder_id: UUID, planned: models.FollowUp, customer_name: str) -> ReminderDue:
    return ReminderDue(
        reminder_id=reminder_id,
        follow_up_id=planned.id,
        customer_id=planned.customer_id,
        customer_name=customer_name,
        owner_id=planned.owner_id,
        due_at=planned.due_at,
        note=planned.note,
    )


def _activities() -> Select[models.Activity, str, str]:
    """Activities, each with its customer's and its owner's name."""
    return (
        select(models.Activity, _CUSTOMER_NAME, _USER_NAME)
        .outerjoin(models.Customer, models.Customer.id == models.Activity.customer_id)
        .outerjoin(models.User, models.User.id == models.Activity.owner_id)
    )


def _follow_ups() -> Select[models.FollowUp, str, str]:
    """Follow-ups, each with its customer's and its owner's name."""
    return (
        select(models.FollowUp, _CUSTOMER_NAME, _USER_NAME)
        .outerjoin(models.Customer, models.Customer.id == models.FollowUp.customer_id)
        .outerjoin(models.User, models.User.id == models.FollowUp.owner_id)
    )


def _within(
    moment: InstrumentedAttribute[datetime], since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    """The conditions for what lies between two moments, the second one excluded."""
    begun = [] if since is None else [moment >= since]
    return begun if until is None else [*begun, moment < until]


def _count(db: Session, customer_id: UUID) -> int:
    statement = select(func.count()).where(models.Activity.customer_id == customer_id)
    return db.scalar(statement) or 0


def _sees_customer(caller: Caller) -> ColumnElement[bool]:
    """The condition on `customers` that are there for what a person may see; a service asks for none and is refused."""
    customer = models.Customer
    is_there = and_(customer.merged_into_id.is_(None), customer.deleted.is_(False))
    if rules.reads_all(caller.role):
        return is_there
    shared = customer.readers.contains([caller.user_id])
    ways = [customer.owner_id == caller.user_id, _in_open_pool(caller), shared]
    if caller.role == Role.MANAGER:
        led = select(models.User.id).where(models.User.department_id.in_(caller.departments))
        ways.append(customer.owner_id.in_(led))
    return func.coalesce(and_(is_there, or_(*ways)), false())


def _in_open_pool(caller: Caller) -> ColumnElement[bool]:
    """The condition on `customers` in a pool that is not closed to a person."""
    closed = select(models.Pool.id).where(not_(includes(models.Pool.audience, caller)))
    return and_(models.Customer.pool_id.is_not(None), models.Customer.pool_id.not_in(closed))


def _sees(caller: Caller, owner: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """The condition on a touch or a follow-up: the caller's own, or on a customer that the caller may see.

    With a deleted customer nobody sees them.
    """
    kept = models.Customer.deleted.is_not(true())
    if rules.reads_all(caller.role):
        return kept
    return and_(kept, or_(owner == caller.user_id, _sees_customer(caller)))


def _person(caller: Caller, owner_id: UUID | str) -> UUID:
    return caller.user_id if isinstance(owner_id, str) else owner_id
