"""What the notify service answers and announces: notices in people's inboxes."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.base import ABSENT, Event, Message, Request
from contracts.log import TopicPattern
from contracts.values import Limit, Line


class Notice(Message):
    """Something a person is told, in their language; `link` is a path in the console."""

    id: UUID
    kind: str
    """The event's type, e.g. `reminder.due`."""
    title: str
    text: str
    link: str
    customer_id: UUID | None
    created_at: datetime
    read_at: datetime | None


class NoticePage(Message):
    """A page of the caller's notices, latest first, and how many of all are unread; `total` only when asked for."""

    items: list[Notice]
    next_cursor: str | None
    unread: int
    total: int | None = None


class ListNotices(Request[NoticePage], to="notify"):
    """The caller's own notices."""

    unread: bool | None = None
    kind: Line | None = None
    """An event's type, e.g. `reminder.due`."""
    limit: Limit = 50
    cursor: str | None = None
    count: bool = False


class ReadNotices(Message):
    """How many of the named notices are newly read."""

    read: int


class MarkNoticesRead(Request[ReadNotices], to="notify"):
    """Mark some of the caller's own notices as read; unknown ids are passed over."""

    notice_ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]


WebhookUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s@]+$", max_length=2_000)]
"""Where events are posted: http or https, without a user or password in it."""
Patterns = Annotated[list[TopicPattern], Field(min_length=1, max_length=50)]


class WebhookFields(Message):
    """What a webhook is; `types` are patterns such as `opportunity.won` or `order.*`."""

    url: WebhookUrl
    types: Patterns


class Webhook(WebhookFields):
    """Events that are posted to a system outside, signed as Standard Webhooks has it."""

    id: UUID
    active: bool
    disabled_reason: str | None
    """`gone` when the receiver answered 410, `by_hand` when somebody switched it off."""
    version: int
    created_at: datetime
    updated_at: datetime


class SecretWebhook(Webhook):
    """A webhook with its signing secret (`whsec_…`), which is shown this once."""

    secret: str


class WebhookList(Message):
    """All webhooks (at most 100), oldest first."""

    items: list[Webhook]


class ListWebhooks(Request[WebhookList], to="notify"):
    """All webhooks (admin, auditor). NotPermitted: webhook.admins_only."""


class GetWebhook(Request[Webhook], to="notify"):
    """One webhook, without its secret (admin, auditor).

    NotFound: webhook.not_found. NotPermitted: webhook.admins_only.
    """

    webhook_id: UUID


class CreateWebhook(Request[SecretWebhook], WebhookFields, to="notify", shown_once=True):
    """Post events to a system outside (admin). Conflict: webhook.too_many. NotPermitted: webhook.admins_only."""


class WebhookChanges(Message):
    """Fields to change, as a merge patch; switching on again forgets why it was off."""

    url: WebhookUrl = ABSENT
    types: Patterns = ABSENT
    active: bool = ABSENT


class UpdateWebhook(Request[Webhook], to="notify"):
    """Change a webhook (admin).

    Conflict: version.stale. NotFound: webhook.not_found. NotPermitted: webhook.admins_only.
    """

    webhook_id: UUID
    version: int
    changes: WebhookChanges


class RemovedWebhook(Message):
    """The id of the webhook that is gone, with all its deliveries."""

    id: UUID


class RemoveWebhook(Request[RemovedWebhook], to="notify"):
    """Post no more (admin).

    Conflict: version.stale. NotFound: webhook.not_found. NotPermitted: webhook.admins_only.
    """

    webhook_id: UUID
    version: int


class RotateWebhookSecret(Request[SecretWebhook], to="notify", shown_once=True):
    """Make a new secret (admin); for 24 hours the former one signs beside it.

    NotFound: webhook.not_found. NotPermitted: webhook.admins_only.
    """

    webhook_id: UUID


class DeliveryState(StrEnum):
    """How a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookDelivery(Message):
    """One event on its way to one webhook, with what the receiver last answered."""

    id: UUID
    webhook_id: UUID
    event_id: UUID
    """Travels as `webhook-id`; the receiver knows by it what it has had already."""
    type: str
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime | None
    last_status: int | None
    last_answer: str
    """At most 4,096 characters of it, or why there was none."""
    created_at: datetime
    delivered_at: datetime | None


class WebhookDeliveryPage(Message):
    """A page of deliveries, latest first."""

    items: list[WebhookDelivery]
    next_cursor: str | None


class ListWebhookDeliveries(Request[WebhookDeliveryPage], to="notify"):
    """What became of a webhook's events, of the last 30 days (admin, auditor).

    NotFound: webhook.not_found. NotPermitted: webhook.admins_only.
    """

    webhook_id: UUID
    state: DeliveryState | None = None
    limit: Limit = 50
    cursor: str | None = None


class RedeliverWebhook(Request[WebhookDelivery], to="notify"):
    """Deliver once more, whatever became of it, now (admin).

    NotFound: webhook.not_found, delivery.not_found. NotPermitted: webhook.admins_only.
    """

    webhook_id: UUID
    delivery_id: UUID


class PingWebhook(Request[WebhookDelivery], to="notify"):
    """Send a test event (admin).

    Conflict: webhook.inactive. NotFound: webhook.not_found. NotPermitted: webhook.admins_only.
    """

    webhook_id: UUID


class NoticeDelivered(Event, type="notice.delivered", subject="notice_id"):
    """A notice reached a person's inbox."""

    notice_id: UUID
    user_id: UUID
    kind: str
    """The topic of the event it tells of, e.g. `reminder.due`."""
    channel: str
    """The way it went: `inbox`."""


class WebhookPinged(Event, type="webhook.pinged", subject="webhook_id"):
    """A test of one webhook; it goes to that webhook alone and to nobody else."""

    webhook_id: UUID
