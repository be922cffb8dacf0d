"""The activity service as its tests use it: its operations on a real database, under one caller after another."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from contracts.activity import (
    Activity,
    CompleteFollowUp,
    FollowUp,
    ListActivities,
    ListFollowUps,
    LogActivity,
    ScheduleFollowUp,
)
from contracts.base import Event, Received
from contracts.customer.customers import CustomerCreated, CustomerUpdated
from contracts.identity.users import UserCreated
from contracts.pool.claims import HoldingClaimed
from contracts.values import Actor, Lifecycle, Role
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import Database, new_id
from servicekit.messaging_tables import outbox
from servicekit.testing import calling, process_named, user_of
from services.activity import models
from services.activity.operations import activities, follow_ups, known

T = TypeVar("T")
Asked = TypeVar("Asked")
OURSELVES = process_named("activity")


class Desk:
    """Asks the service, tells it events, and reads what it announced."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def ask(self, caller: Caller, operation: Callable[[Session, Asked], T], request: Asked) -> T:
        """One RPC: one transaction on behalf of the caller."""
        with calling(caller), self.database.transaction() as db:
            return operation(db, request)

    def hear(self, handle: Callable[[Session, Any], None], event: Event, *, sequence: int = 1) -> None:
        """One event, handled in one transaction."""
        self.ask(OURSELVES, handle, received(event, sequence=sequence))

    def sweep(self) -> bool:
        """One round of the reminders' timer."""
        with calling(OURSELVES), self.database.transaction() as db:
            return follow_ups.send_due_reminders(db)

    def someone(self, role: Role, *, name: str = "Ada", department: UUID | None = None, **facts: Any) -> Caller:
        """A person of this role, of whom the service has heard, or a program."""
        who = user_of(role, name=name, department=department, **facts)
        if who.kind == "user":
            self.hear(known.keep_user, user_created(who.user_id, name=name, department=department))
        return who

    def customer(self, *, owner: Caller | None = None, pool_id: UUID | None = None, name: str = "Acme") -> UUID:
        """A customer that somebody holds, or a pool."""
        customer_id = new_id()
        owner_id = None if owner is None else owner.user_id
        created = customer_created(customer_id, name=name, owner_id=owner_id, pool_id=pool_id)
        self.hear(known.keep_customer, created)
        return customer_id

    def share(self, customer_id: UUID, *, sequence: int = 2, **access: Caller) -> None:
        """From now on these see it besides its owner: `read=`, or `edit=` who may also edit it."""
        shared = [{"user_id": who.user_id, "access": how} for how, who in access.items()]
        facts = customer_updated(customer_id, collaborators=shared)
        self.hear(known.keep_customer, facts, sequence=sequence)

    def hand_over(self, customer_id: UUID, *, to: Caller) -> None:
        """Another one holds the customer from now on."""
        taken = HoldingClaimed(customer_id=customer_id, customer_name="", owner_id=to.user_id, pool_id=new_id())
        self.hear(known.keep_holder, taken)

    def log(self, caller: Caller, customer_id: UUID, **fields: Any) -> Activity:
        """A touch, a call unless said otherwise."""
        request = LogActivity(customer_id=customer_id, **{"kind": "call", **fields})
        return self.ask(caller, activities.log, request)

    def plan(self, caller: Caller, customer_id: UUID, **fields: Any) -> FollowUp:
        """A follow-up, due now unless said otherwise."""
        request = ScheduleFollowUp(customer_id=customer_id, **{"due_at": clock.now(), **fields})
        return self.ask(caller, follow_ups.schedule, request)

    def complete(self, caller: Caller, planned: FollowUp) -> FollowUp:
        """Mark a follow-up as done."""
        return self.ask(caller, follow_ups.complete, CompleteFollowUp(follow_up_id=planned.id))

    def activities(self, caller: Caller, **fields: Any) -> list[Activity]:
        """The first page of the caller's list."""
        return self.ask(caller, activities.list_activities, ListActivities(**fields)).items

    def follow_ups(self, caller: Caller, **fields: Any) -> list[FollowUp]:
        """The first page of the caller's list."""
        return self.ask(caller, follow_ups.list_follow_ups, ListFollowUps(**fields)).items

    def announced(self, topic: str) -> list[UUID]:
        """The subjects of the events of this type that committed, in order."""
        with self.database.transaction() as db:
            found = db.execute(outbox.select().where(outbox.c.topic == topic).order_by(outbox.c.position))
            return [row.subject for row in found]

    def announcement(self, topic: str, subject: UUID) -> dict[str, Any]:
        """The only event of this type about this record, as it is sent."""
        with self.database.transaction() as db:
            statement = text("SELECT body::jsonb FROM outbox WHERE topic = :topic AND subject = :subject")
            event: dict[str, Any] = db.scalars(statement, {"topic": topic, "subject": subject}).one()
            return event

    def clear(self) -> None:
        """Forget everything, so that each test counts its own."""
        with self.database.transaction() as db:
            for model in (models.Reminder, models.FollowUp, models.Activity, models.Customer, models.User):
                db.execute(delete(model))
            db.execute(outbox.delete())


def received(event: Event, *, sequence: int) -> Received[Any]:
    """An event as a handler gets it."""
    return Received[Any](
        id=new_id(),
        source=f"/crm/{event.source}",
        type=event.wire_type(),
        subject=event.subject,
        time=clock.now(),
        sequence=sequence,
        actor=Actor(kind="system", id=event.source, name=event.source),
        data=event,
    )


def user_created(user_id: UUID, *, name: str, department: UUID | None = None) -> UserCreated:
    """A person was added."""
    return UserCreated(
        user_id=user_id,
        name=name.lower(),
        full_name=name,
        role=Role.REP,
        department_id=department,
        language="en",
        time_zone="UTC",
        active=True,
    )


def customer_created(
    customer_id: UUID, *, name: str, owner_id: UUID | None = None, pool_id: UUID | None = None
) -> CustomerCreated:
    """A customer was added."""
    return CustomerCreated(
        customer_id=customer_id,
        kind="company",
        name=name,
        lifecycle=Lifecycle.LEAD,
        level=None,
        tags=[],
        owner_id=owner_id,
        pool_id=pool_id,
    )


def customer_updated(customer_id: UUID, **fields: Any) -> CustomerUpdated:
    """A customer was changed."""
    return CustomerUpdated(
        customer_id=customer_id,
        kind="company",
        name="Acme",
        lifecycle=Lifecycle.LEAD,
        level=None,
        tags=[],
        changed=list(fields),
        **fields,
    )
