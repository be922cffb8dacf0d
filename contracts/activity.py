"""What the activity service answers and announces: recorded touches, planned next touches, reminders."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from contracts.base import Event, Message, Request
from contracts.values import CustomerRef, Limit, Line, Moment, Owner, ShortText, Text, UserRef, Value


class ActivityKind(StrEnum):
    """What kind of touch it was."""

    CALL = "call"
    VISIT = "visit"
    MEETING = "meeting"
    EMAIL = "email"
    CHAT = "chat"
    NOTE = "note"


class FollowUpState(StrEnum):
    """Whether a planned touch still waits."""

    PLANNED = "planned"
    DONE = "done"


class FollowUp(Message):
    """A planned next touch of a customer, with reminders."""

    id: UUID
    customer: CustomerRef
    owner: UserRef
    due_at: datetime
    note: str
    state: FollowUpState
    remind_before_minutes: list[int]
    """How long before `due_at` each reminder comes, smallest first; those past when it was planned are left out."""
    done_at: datetime | None
    version: int
    created_at: datetime


Reminders = Annotated[list[Annotated[int, Field(ge=0, le=60 * 24 * 90)]], Field(max_length=10)]


class PlannedFollowUp(Message):
    """The next touch, planned together with an activity; it is the caller's own."""

    due_at: Moment
    note: ShortText = ""
    remind_before_minutes: Reminders = [0, 1440]
    """A moment that is past already is dropped, but the due moment itself (0) always stays."""


class Activity(Message):
    """A recorded touch."""

    id: UUID
    customer: CustomerRef
    contact_id: UUID | None
    opportunity_id: UUID | None
    owner: UserRef
    """Who did it."""
    kind: ActivityKind
    direction: Literal["in", "out"] | None
    occurred_at: datetime
    back_dated: bool
    """It happened more than an hour before it was recorded."""
    duration_minutes: int | None
    content: str
    outcome: str | None
    next_follow_up: FollowUp | None = None
    """Set in the answer to the request that planned it."""
    version: int
    created_at: datetime
    updated_at: datetime


class LogActivity(Request[Activity], to="activity"):
    """Record a touch on a customer the caller may edit, and plan the next one in the same request.

    NotFound: customer.not_found, customer.merged. NotPermitted: customer.read_only. InvalidInput: activity.in_future
    (by more than a minute), time.out_of_range (before 1900 or after 2199), owner.not_yours (named by a person),
    owner.required, owner.unknown, activity.unknown_contact, activity.unknown_opportunity (of this customer, as far as
    the caller sees).
    """

    customer_id: UUID
    owner_id: UUID | None = None
    """For API keys, which own nothing: who did it and does the next one; without it the customer's owner."""
    contact_id: UUID | None = None
    opportunity_id: UUID | None = None
    kind: ActivityKind
    direction: Literal["in", "out"] | None = None
    occurred_at: Moment | None = None
    """Now when absent."""
    duration_minutes: Annotated[int, Field(ge=0, le=60 * 24)] | None = None
    content: Text = ""
    outcome: Line | None = None
    next_follow_up: PlannedFollowUp | None = None


class GetActivity(Request[Activity], to="activity"):
    """One activity. NotFound: activity.not_found."""

    activity_id: UUID


class ActivityPage(Message):
    """A page of activities, latest first; `total` only when it was asked for."""

    items: list[Activity]
    next_cursor: str | None
    total: int | None = None


class ListActivities(Request[ActivityPage], to="activity"):
    """Activities the caller may see, latest first."""

    customer_id: UUID | None = None
    owner_id: Owner | None = None
    kind: ActivityKind | None = None
    occurred_since: Moment | None = None
    occurred_until: Moment | None = None
    """Those that happened before this moment."""
    updated_since: Moment | None = None
    limit: Limit = 50
    cursor: str | None = None
    count: bool = False


class ScheduleFollowUp(Request[FollowUp], PlannedFollowUp, to="activity"):
    """Plan a next touch of a customer the caller may edit; it is the caller's own.

    NotFound: customer.not_found, customer.merged. NotPermitted: customer.read_only. InvalidInput: time.out_of_range,
    owner.not_yours (named by a person), owner.required, owner.unknown.
    """

    customer_id: UUID
    owner_id: UUID | None = None
    """For API keys, which own nothing: whose it is; without it the customer's owner's."""


class GetFollowUp(Request[FollowUp], to="activity"):
    """One follow-up. NotFound: follow_up.not_found (also for one the caller may not see)."""

    follow_up_id: UUID


class CompleteFollowUp(Request[FollowUp], to="activity"):
    """Mark a planned touch as done (its owner, or who may edit the customer); reminders still to come are dropped.

    NotFound: follow_up.not_found. NotPermitted: follow_up.read_only. Conflict: follow_up.done.
    """

    follow_up_id: UUID


class FollowUpPage(Message):
    """A page of follow-ups, soonest first; `total` only when it was asked for."""

    items: list[FollowUp]
    next_cursor: str | None
    total: int | None = None


class ListFollowUps(Request[FollowUpPage], to="activity"):
    """Follow-ups the caller may see, soonest first."""

    customer_id: UUID | None = None
    owner_id: Owner | None = None
    state: FollowUpState | None = None
    due_since: Moment | None = None
    due_until: Moment | None = None
    """Those that are due before this moment."""
    limit: Limit = 50
    cursor: str | None = None
    count: bool = False


class CustomerActivity(Message):
    """The activities' part of the 360 view."""

    latest: list[Activity]
    next_follow_ups: list[FollowUp]
    last_touch_at: datetime | None
    count: int


class GetCustomerActivity(Request[CustomerActivity], to="activity"):
    """The 10 latest activities of a customer and its next 5 planned follow-ups.

    NotFound: customer.not_found, customer.merged.
    """

    customer_id: UUID


class LastTouches(Value):
    """When a customer was last touched, by kind of touch; kinds that it never was touched by are absent.

    A touch on its contact or on an opportunity with it is a touch of the customer.
    """

    customer_id: UUID
    last: dict[str, datetime]


class DescribedTouches(Message):
    """The asked customers that were ever touched."""

    items: list[LastTouches]


class DescribeTouches(Request[DescribedTouches], to="activity"):
    """When customers were last touched, as committed now. NotPermitted: auth.services_only."""

    customer_ids: Annotated[list[UUID], Field(max_length=500)]


class ActivityLogged(Event, type="activity.logged", subject="activity_id"):
    """A touch was recorded."""

    activity_id: UUID
    customer_id: UUID
    opportunity_id: UUID | None
    owner_id: UUID
    """Who did it."""
    kind: ActivityKind
    outcome: str | None = None
    """What came of it; absent also in events of older versions."""
    occurred_at: datetime
    back_dated: bool
    """It happened more than an hour before it was recorded."""


class FollowUpScheduled(Event, type="follow_up.scheduled", subject="follow_up_id"):
    """A next touch was planned."""

    follow_up_id: UUID
    customer_id: UUID
    owner_id: UUID
    """Who is to do it."""
    due_at: datetime


class FollowUpDone(Event, type="follow_up.done", subject="follow_up_id"):
    """A planned touch was done."""

    follow_up_id: UUID
    customer_id: UUID
    owner_id: UUID
    """Who was to do it."""
    done_at: datetime


class ReminderDue(Event, type="reminder.due", subject="reminder_id"):
    """The moment of a reminder has come."""

    reminder_id: UUID
    follow_up_id: UUID
    customer_id: UUID
    customer_name: str
    owner_id: UUID
    """Who is to be reminded."""
    due_at: datetime
    """When the follow-up is due, which may lie ahead."""
    note: str
