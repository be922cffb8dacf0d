"""What every service answers about the events it has published: its log, for whoever was away."""

from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints

from contracts.base import Message, Request
from contracts.values import Limit, Value

TopicPattern = Annotated[str, StringConstraints(pattern=r"^([a-z_]+|\*|#)(\.([a-z_]+|\*|#))*$", max_length=100)]
"""A routing key pattern as RabbitMQ reads it: `*` is one word, `#` any number of words."""


class LoggedEvent(Value):
    """An event as it was published, and its place in the log of its source."""

    place: str
    event: dict[str, Any]
    """The whole CloudEvent."""


class EventLog(Message):
    """A stretch of the log. `place` is where the next one begins, also when no event in between was asked for."""

    items: list[LoggedEvent]
    place: str | None
    more: bool


class ListEvents(Request[EventLog], to="*", scope="events:read"):
    """Published events in the order in which this service published them (admin, auditor, integration, services).

    InvalidInput: place.invalid. The log goes back as far as CRM_OUTBOX_DAYS.
    """

    after: str | None = None
    topics: Annotated[list[TopicPattern], Field(max_length=50)] = ["#"]
    since: AwareDatetime | None = None
    """Only events published then or later."""
    limit: Limit = 50
