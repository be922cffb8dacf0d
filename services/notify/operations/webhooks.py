"""What the notify service does with webhooks: keep them, queue what they want, send it, remember what came of it."""

import time
from datetime import timedelta
from uuid import UUID

import eventlet
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.base import Event, Received
from contracts.errors import Conflict, NotFound, NotPermitted, Unavailable
from contracts.notify import (
    CreateWebhook,
    DeliveryState,
    GetWebhook,
    ListWebhookDeliveries,
    ListWebhooks,
    PingWebhook,
    RedeliverWebhook,
    RemovedWebhook,
    RemoveWebhook,
    RotateWebhookSecret,
    SecretWebhook,
    UpdateWebhook,
    Webhook,
    WebhookDelivery,
    WebhookDeliveryPage,
    WebhookList,
    WebhookPinged,
)
from contracts.values import Role
from servicekit import clock
from servicekit.cloudevents import write
from servicekit.context import caller
from servicekit.database import Database, new_id
from servicekit.logging import get_logger
from servicekit.records import apply_changes, check_version
from services.notify import models, rules
from services.notify.channels import webhooks as channel
from services.notify.queries import webhooks as queries
from services.notify.settings import SETTINGS

log = get_logger(__name__)

_AT_MOST = 100
_OVERLAP = timedelta(hours=24)
_KEPT = timedelta(days=30)
_TRIM_ROWS = 1_000
_READERS = {Role.ADMIN, Role.AUDITOR}
_CLAIMED_AT_ONCE = 5
_couriers: set[UUID] = set()
"""The webhooks that this process is delivering to."""


def list_webhooks(db: Session, _request: ListWebhooks) -> WebhookList:
    """All webhooks."""
    _check_role(_READERS)
    return WebhookList(items=[_as_webhook(each) for each in queries.webhooks(db)])


def get(db: Session, request: GetWebhook) -> Webhook:
    """One webhook."""
    _check_role(_READERS)
    record = queries.webhook(db, request.webhook_id)
    if record is None:
        raise _no_webhook()
    return _as_webhook(record)


def create(db: Session, request: CreateWebhook) -> SecretWebhook:
    """A new webhook, with its secret."""
    _check_role({Role.ADMIN})
    if queries.count_webhooks(db) >= _AT_MOST:
        raise Conflict("webhook.too_many", f"There are {_AT_MOST} webhooks already.")
    now = clock.now()
    record = models.Webhook(
        id=new_id(),
        url=request.url,
        types=request.types,
        secret=channel.new_secret(),
        active=True,
        created_at=now,
        updated_at=now,
    )
    db.add(record)
    db.flush()
    return SecretWebhook.model_validate(record, from_attributes=True)


def update(db: Session, request: UpdateWebhook) -> Webhook:
    """Change where it posts, what it gets, or whether it is on."""
    record = _to_edit(db, request.webhook_id)
    check_version(record, request.version)
    changed = apply_changes(record, request.changes)
    if "active" in changed:
        record.disabled_reason = None if record.active else "by_hand"
    if changed:
        record.updated_at = clock.now()
    db.flush()
    return _as_webhook(record)


def remove(db: Session, request: RemoveWebhook) -> RemovedWebhook:
    """Remove it, with its deliveries."""
    record = _to_edit(db, request.webhook_id)
    check_version(record, request.version)
    db.delete(record)
    return RemovedWebhook(id=request.webhook_id)


def rotate(db: Session, request: RotateWebhookSecret) -> SecretWebhook:
    """A new secret; the former one signs beside it for a day."""
    record = _to_edit(db, request.webhook_id)
    now = clock.now()
    record.former_secret, record.former_until = record.secret, now + _OVERLAP
    record.secret = channel.new_secret()
    record.updated_at = now
    db.flush()
    return SecretWebhook.model_validate(record, from_attributes=True)


def list_deliveries(db: Session, request: ListWebhookDeliveries) -> WebhookDeliveryPage:
    """A page of what became of a webhook's events."""
    _check_role(_READERS)
    if queries.webhook(db, request.webhook_id) is None:
        raise _no_webhook()
    deliveries, next_cursor = queries.deliveries_page(db, request)
    return WebhookDeliveryPage(items=[_as_delivery(each) for each in deliveries], next_cursor=next_cursor)


def redeliver(db: Session, request: RedeliverWebhook) -> WebhookDelivery:
    """Send an event once more, beginning a new row of attempts."""
    _to_edit(db, request.webhook_id)
    record = queries.delivery_to_edit(db, request.webhook_id, request.delivery_id)
    if record is None:
        raise NotFound("delivery.not_found", "There is no such delivery.")
    record.state, record.attempts, record.next_attempt_at = DeliveryState.WAITING, 0, clock.now()
    db.flush()
    return _as_delivery(record)


def ping(db: Session, request: PingWebhook) -> WebhookDelivery:
    """Queue a test event."""
    record = _to_edit(db, request.webhook_id)
    if not record.active:
        raise Conflict("webhook.inactive", "This webhook is switched off.")
    event_id = new_id()
    pinged = WebhookPinged(webhook_id=record.id)
    body = write(pinged, id=event_id, time=clock.now(), actor=caller().actor, sequence=1)
    delivery = models.WebhookDelivery(**_waiting(record.id, event_id, pinged.wire_type(), body))
    db.add(delivery)
    db.flush()
    return _as_delivery(delivery)


def queue(db: Session, event: Received[Event]) -> None:
    """Note down who gets this event; with the inbox's row, so each webhook gets it once however often it comes."""
    wanting = [each.id for each in queries.active_webhooks(db) if rules.matches(event.data.topic, each.types)]
    if wanting:
        rows = [_waiting(webhook_id, event.id, event.type, event.body) for webhook_id in wanting]
        db.execute(insert(models.WebhookDelivery).values(rows).on_conflict_do_nothing())


def send_due(db: Session, database: Database) -> bool:
    """Give every webhook that is waited for its own courier, so that a slow receiver holds up nobody else's."""
    for webhook_id in queries.waited_for(db, clock.now()):
        if webhook_id not in _couriers:
            _couriers.add(webhook_id)
            eventlet.spawn_n(_deliver_all, database, webhook_id)
    return False


def _deliver_all(database: Database, webhook_id: UUID) -> None:
    """Send a webhook's deliveries one after the other until none is due; what a crash leaves is due again later."""
    try:
        while True:
            with database.transaction() as db:
                claimed = queries.claim_due(db, webhook_id, clock.now(), limit=_CLAIMED_AT_ONCE)
            if not claimed:
                return
            for due in claimed:
                send_one(database, due)
    except Unavailable as error:
        log.warning("webhook waits", webhook_id=str(webhook_id), reason=error.code)
    finally:
        _couriers.discard(webhook_id)


def allowed(address: str) -> bool:
    """Whether this suite may post to an IP address."""
    return SETTINGS.webhook_private_addresses or channel.is_public(address)


def send_one(database: Database, due: queries.Due, *, rule: channel.AddressRule = allowed) -> None:
    """Send a claimed delivery and note down what came of it; no transaction is open while the receiver thinks."""
    now = clock.now()
    answer = channel.send(
        due.url,
        body=due.body.encode(),
        webhook_id=str(due.event_id),
        timestamp=int(time.time()),  # the receiver judges it by its own clock, whatever the suite's clock was moved to
        signing_secrets=due.valid_secrets(now),
        allowed=rule,
    )
    with database.transaction() as db:
        _record(db, due, answer)


def trim(db: Session) -> bool:
    """Forget old deliveries; whether there may be more."""
    old = queries.old_deliveries(clock.now() - _KEPT, limit=_TRIM_ROWS)
    record = models.WebhookDelivery
    gone = db.scalars(delete(record).where(record.id.in_(old)).returning(record.id)).all()
    return len(gone) == _TRIM_ROWS


def _record(db: Session, due: queries.Due, answer: channel.Answer) -> None:
    record = queries.delivery_to_edit(db, due.webhook_id, due.id)
    if record is None:
        return  # removed meanwhile
    now = clock.now()
    record.attempts += 1
    record.last_status, record.last_answer = answer.status, answer.text
    if rules.is_accepted(answer.status):
        record.state, record.next_attempt_at, record.delivered_at = DeliveryState.DELIVERED, None, now
        return
    record.next_attempt_at = None if answer.status == rules.GONE else rules.next_attempt(record.attempts, now)
    if record.next_attempt_at is None:
        record.state = DeliveryState.FAILED
    if answer.status == rules.GONE:
        _switch_off(db, due.webhook_id)


def _switch_off(db: Session, webhook_id: UUID) -> None:
    record = queries.webhook_to_edit(db, webhook_id)
    if record is not None and record.active:
        record.active, record.disabled_reason, record.updated_at = False, "gone", clock.now()


def _check_role(roles: set[Role]) -> None:
    if caller().role not in roles:
        raise NotPermitted("webhook.admins_only", "Webhooks are for administrators.")


def _to_edit(db: Session, webhook_id: UUID) -> models.Webhook:
    _check_role({Role.ADMIN})
    record = queries.webhook_to_edit(db, webhook_id)
    if record is None:
        raise _no_webhook()
    return record


def _no_webhook() -> NotFound:
    return NotFound("webhook.not_found", "There is no such webhook.")


def _waiting(webhook_id: UUID, event_id: UUID, type_: str, body: str) -> dict[str, object]:
    now = clock.now()
    return {
        "id": new_id(),
        "webhook_id": webhook_id,
        "event_id": event_id,
        "type": type_,
        "body": body,
        "state": DeliveryState.WAITING,
        "attempts": 0,
        "next_attempt_at": now,
        "last_answer": "",
        "created_at": now,
    }


def _as_webhook(record: models.Webhook) -> Webhook:
    return Webhook.model_validate(record, from_attributes=True)


def _as_delivery(record: models.WebhookDelivery) -> WebhookDelivery:
    return WebhookDelivery.model_validate(record, from_attributes=True)
