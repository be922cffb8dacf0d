"""What every service answers to those who look after the suite: parked events, projections, queues."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import Message, Request
from contracts.values import Limit, Value

SERVICES = ("identity", "customer", "pool", "opportunity", "activity", "notify")
"""The services of the suite, all of which answer these requests."""

Handler = Annotated[str, Field(max_length=100)]
"""The method that handles an event, e.g. `hold_new_customer`."""


class DeadLetter(Value):
    """An event that one handler gave up on; it is parked until somebody has it tried again or drops it."""

    event_id: UUID
    handler: Handler
    type: str
    source: str
    subject: UUID
    sequence: int
    attempts: int
    error: str
    """What the last attempt came to, in one line."""
    parked_at: datetime


class DeadLetterPage(Message):
    """A page of parked events, the oldest event first."""

    items: list[DeadLetter]
    next_cursor: str | None


class ListDeadLetters(Request[DeadLetterPage], to="*"):
    """The parked events of a service. NotPermitted: operations.operators_only. InvalidInput: cursor.invalid."""

    event_id: UUID | None = None
    handler: Handler | None = None
    limit: Limit = 50
    cursor: str | None = None


class DeadLetterDetails(DeadLetter):
    """A parked event whole."""

    traceback: str
    body: str
    """The CloudEvent as it came."""


class GetDeadLetter(Request[DeadLetterDetails], to="*"):
    """One parked event. NotPermitted: operations.operators_only. NotFound: event.not_parked."""

    event_id: UUID
    handler: Handler


class ReplayedDeadLetters(Message):
    """How many parked events are tried again, and where to go on when there may be more."""

    count: int
    next_cursor: str | None


class ReplayDeadLetters(Request[ReplayedDeadLetters], to="*"):
    """Have parked events tried again, from the first attempt on: one event, those of one handler, or all.

    At most 500 at once; `cursor` goes on behind them, so that what is parked anew meanwhile is not tried for ever.
    NotPermitted: operations.operators_only. NotFound: event.not_parked (when `event_id` is given).
    InvalidInput: cursor.invalid.
    """

    event_id: UUID | None = None
    handler: Handler | None = None
    cursor: str | None = None


class DroppedDeadLetters(Message):
    """How many parked events were forgotten."""

    count: int


class DropDeadLetter(Request[DroppedDeadLetters], to="*"):
    """Forget a parked event, of one handler or of all that parked it: they never see it.

    NotPermitted: operations.operators_only. NotFound: event.not_parked.
    """

    event_id: UUID
    handler: Handler | None = None


class ProjectionList(Message):
    """The copies of other services' records that a service keeps, by name."""

    names: list[str]


class ListProjections(Request[ProjectionList], to="*"):
    """Which projections a service keeps. NotPermitted: operations.operators_only."""


class RebuiltBatch(Message):
    """How many facts of the source were read, how many of them the copy lacked, and where to go on."""

    read: int
    changed: int
    next_cursor: str | None


class RebuildProjection(Request[RebuiltBatch], to="*"):
    """Compare one page of the source's facts with the copy and write what differs; safe while events flow.

    NotPermitted: operations.operators_only. NotFound: projection.not_found. Unavailable while the source is away.
    """

    name: Annotated[str, Field(max_length=100)]
    cursor: str | None = None


class QueueList(Message):
    """Queues by their names on the broker."""

    names: list[str]


class ListQueues(Request[QueueList], to="*"):
    """The queues that a service's handlers take events from. NotPermitted: operations.operators_only."""
