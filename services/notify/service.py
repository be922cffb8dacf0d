"""The door of the notify service: what people are told, and what is posted to systems outside."""

from contracts.activity import ReminderDue
from contracts.base import Event, Received
from contracts.catalogue import every_event
from contracts.customer.facts import ListCustomerFacts
from contracts.customer.merges import CustomerMerged, CustomerUnmerged
from contracts.identity.users import ListUserFacts, UserCreated, UserUpdated
from contracts.notify import (
    CreateWebhook,
    GetWebhook,
    ListNotices,
    ListWebhookDeliveries,
    ListWebhooks,
    MarkNoticesRead,
    NoticePage,
    PingWebhook,
    ReadNotices,
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
)
from contracts.opportunity.opportunities import OpportunityLost, OpportunityWon
from contracts.pool.assignments import HoldingTransferred
from contracts.pool.holdings import HoldingAssigned, HoldingReleased
from contracts.pool.rules import HoldingReclaimed, HoldingReclaimWarned
from servicekit.events import on
from servicekit.projections import Projection
from servicekit.rpc import answers
from servicekit.service import Service
from servicekit.timers import every
from services.notify.operations import notices, webhooks


class NotifyService(Service):
    """What people are told, in their language."""

    name = "notify"
    projections = {  # noqa: RUF012  named once, changed by nobody
        "users": Projection(ListUserFacts, notices.keep_user_facts),
        "customers": Projection(ListCustomerFacts, notices.keep_customer_facts),
    }

    @answers(ListNotices)
    def list_notices(self, request: ListNotices) -> NoticePage:
        return notices.list_notices(self.db, request)

    @answers(MarkNoticesRead)
    def mark_notices_read(self, request: MarkNoticesRead) -> ReadNotices:
        return notices.mark_read(self.db, request)

    @on(UserCreated, UserUpdated)
    def keep_user(self, event: Received[UserCreated] | Received[UserUpdated]) -> None:
        notices.keep_user(self.db, event)

    @on(ReminderDue)
    def remind(self, event: Received[ReminderDue]) -> None:
        notices.remind(self.db, event)

    @on(HoldingReleased)
    def tell_former_owner(self, event: Received[HoldingReleased]) -> None:
        notices.tell_former_owner(self.db, event)

    @on(HoldingReclaimWarned)
    def warn_of_reclaim(self, event: Received[HoldingReclaimWarned]) -> None:
        notices.warn_of_reclaim(self.db, event)

    @on(HoldingReclaimed)
    def tell_of_reclaim(self, event: Received[HoldingReclaimed]) -> None:
        notices.tell_of_reclaim(self.db, event)

    @on(HoldingAssigned)
    def tell_of_assignment(self, event: Received[HoldingAssigned]) -> None:
        notices.tell_of_assignment(self.db, event)

    @on(HoldingTransferred)
    def tell_of_transfer(self, event: Received[HoldingTransferred]) -> None:
        notices.tell_of_transfer(self.db, event)

    @on(CustomerMerged)
    def tell_of_merge(self, event: Received[CustomerMerged]) -> None:
        notices.tell_of_merge(self.db, event)

    @on(CustomerMerged, CustomerUnmerged)
    def follow_merge(self, event: Received[CustomerMerged] | Received[CustomerUnmerged]) -> None:
        notices.follow_merge(self.db, event)

    @on(OpportunityWon)
    def tell_of_win(self, event: Received[OpportunityWon]) -> None:
        notices.tell_of_win(self.db, event)

    @on(OpportunityLost)
    def tell_of_loss(self, event: Received[OpportunityLost]) -> None:
        notices.tell_of_loss(self.db, event)

    @on(*every_event())
    def queue_webhooks(self, event: Received[Event]) -> None:
        webhooks.queue(self.db, event)

    @every(seconds=0.5)
    def send_webhooks(self) -> bool:
        return webhooks.send_due(self.db, self.runtime.database)

    @every(seconds=60)
    def trim_webhook_deliveries(self) -> bool:
        return webhooks.trim(self.db)

    @answers(ListWebhooks)
    def list_webhooks(self, request: ListWebhooks) -> WebhookList:
        return webhooks.list_webhooks(self.db, request)

    @answers(GetWebhook)
    def get_webhook(self, request: GetWebhook) -> Webhook:
        return webhooks.get(self.db, request)

    @answers(CreateWebhook)
    def create_webhook(self, request: CreateWebhook) -> SecretWebhook:
        return webhooks.create(self.db, request)

    @answers(UpdateWebhook)
    def update_webhook(self, request: UpdateWebhook) -> Webhook:
        return webhooks.update(self.db, request)

    @answers(RemoveWebhook)
    def remove_webhook(self, request: RemoveWebhook) -> RemovedWebhook:
        return webhooks.remove(self.db, request)

    @answers(RotateWebhookSecret)
    def rotate_webhook_secret(self, request: RotateWebhookSecret) -> SecretWebhook:
        return webhooks.rotate(self.db, request)

    @answers(ListWebhookDeliveries)
    def list_webhook_deliveries(self, request: ListWebhookDeliveries) -> WebhookDeliveryPage:
        return webhooks.list_deliveries(self.db, request)

    @answers(RedeliverWebhook)
    def redeliver_webhook(self, request: RedeliverWebhook) -> WebhookDelivery:
        return webhooks.redeliver(self.db, request)

    @answers(PingWebhook)
    def ping_webhook(self, request: PingWebhook) -> WebhookDelivery:
        return webhooks.ping(self.db, request)
