"""What is read of webhooks and their deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from contracts.notify import DeliveryState, ListWebhookDeliveries
from servicekit import paging
from services.notify.models import Webhook, WebhookDelivery

_LEASE = timedelta(seconds=90)
"""How long claimed deliveries are left alone; longer than sending one claim's worth takes at most."""


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed delivery, with what it takes to send it."""

    id: UUID
    webhook_id: UUID
    event_id: UUID
    body: str
    url: str
    secret: str
    former_secret: str | None
    former_until: datetime | None

    def valid_secrets(self, now: datetime) -> list[str]:
        """The secrets to sign with: the present one, and the former one while both hold."""
        former = [self.former_secret] if self.former_secret and self.former_until and now < self.former_until else []
        return [self.secret, *former]


def webhooks(db: Session) -> Sequence[Webhook]:
    """All of them, oldest first."""
    return db.scalars(select(Webhook).order_by(Webhook.id)).all()


def active_webhooks(db: Session) -> Sequence[Webhook]:
    """Those that are switched on."""
    return db.scalars(select(Webhook).where(Webhook.active)).all()


def count_webhooks(db: Session) -> int:
    """How many there are."""
    return db.scalar(select(func.count()).select_from(Webhook)) or 0


def webhook(db: Session, webhook_id: UUID) -> Webhook | None:
    """One of them."""
    return db.get(Webhook, webhook_id)


def webhook_to_edit(db: Session, webhook_id: UUID) -> Webhook | None:
    """One of them, held against other changes."""
    return db.get(Webhook, webhook_id, with_for_update=True)


def delivery_to_edit(db: Session, webhook_id: UUID, delivery_id: UUID) -> WebhookDelivery | None:
    """One delivery of a webhook, held against other changes."""
    found = db.get(WebhookDelivery, delivery_id, with_for_update=True)
    return found if found is not None and found.webhook_id == webhook_id else None


def deliveries_page(db: Session, asked: ListWebhookDeliveries) -> tuple[list[WebhookDelivery], str | None]:
    """A page of a webhook's deliveries, latest first."""
    statement = select(WebhookDelivery).where(WebhookDelivery.webhook_id == asked.webhook_id)
    if asked.state is not None:
        statement = statement.where(WebhookDelivery.state == asked.state)
    rows, next_cursor = paging.page(
        db,
        statement,
        *(WebhookDelivery.created_at, WebhookDelivery.id),
        limit=asked.limit,
        cursor=asked.cursor,
        descending=True,
    )
    return [row[0] for row in rows], next_cursor


def old_deliveries(before: datetime, *, limit: int) -> Select[UUID]:
    """Deliveries that were queued before then."""
    return select(WebhookDelivery.id).where(WebhookDelivery.created_at < before).limit(limit)


def waited_for(db: Session, now: datetime) -> Sequence[UUID]:
    """The active webhooks that have deliveries whose time has come."""
    due = select(WebhookDelivery.id).where(WebhookDelivery.webhook_id == Webhook.id, *_due(now)).exists()
    return db.scalars(select(Webhook.id).where(Webhook.active, due)).all()


def claim_due(db: Session, webhook_id: UUID, now: datetime, *, limit: int) -> list[Due]:
    """Take a webhook's deliveries whose time has come; nobody else takes them while the lease lasts."""
    due = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.webhook_id == webhook_id, *_due(now))
        .order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = (
        update(WebhookDelivery)
        .where(WebhookDelivery.id.in_(due.scalar_subquery()), Webhook.id == WebhookDelivery.webhook_id, Webhook.active)
        .values(next_attempt_at=now + _LEASE)
        .returning(
            WebhookDelivery.id,
            WebhookDelivery.webhook_id,
            WebhookDelivery.event_id,
            WebhookDelivery.body,
            Webhook.url,
            Webhook.secret,
            Webhook.former_secret,
            Webhook.former_until,
        )
        .execution_options(synchronize_session=False)
    )
    return sorted((Due(**row._mapping) for row in db.execute(claimed)), key=lambda each: each.id)


def _due(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (WebhookDelivery.state == DeliveryState.WAITING, WebhookDelivery.next_attempt_at <= now)
