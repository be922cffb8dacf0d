"""Events posted to systems outside."""

from contracts.notify import (
    CreateWebhook,
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
)
from gateway.routing import Api
from servicekit.rpc import call

api = Api("webhooks")


@api.get("/v1/webhooks")
def list_webhooks(request: ListWebhooks) -> WebhookList:
    """All webhooks."""
    return call(request)


@api.post("/v1/webhooks", status=201)
def create_webhook(request: CreateWebhook) -> SecretWebhook:
    """Add a webhook; its secret is shown this once."""
    return call(request)


@api.get("/v1/webhooks/{webhook_id}")
def get_webhook(request: GetWebhook) -> Webhook:
    """One webhook, without its secret."""
    return call(request)


@api.patch("/v1/webhooks/{webhook_id}")
def update_webhook(request: UpdateWebhook) -> Webhook:
    """Change a webhook, or switch it off or on."""
    return call(request)


@api.delete("/v1/webhooks/{webhook_id}")
def remove_webhook(request: RemoveWebhook) -> RemovedWebhook:
    """Remove a webhook with its deliveries."""
    return call(request)


@api.post("/v1/webhooks/{webhook_id}/secrets")
def rotate_webhook_secret(request: RotateWebhookSecret) -> SecretWebhook:
    """Make a new secret; the former one signs beside it for a day."""
    return call(request)


@api.post("/v1/webhooks/{webhook_id}/pings")
def ping_webhook(request: PingWebhook) -> WebhookDelivery:
    """Send a test event."""
    return call(request)


@api.get("/v1/webhooks/{webhook_id}/deliveries")
def list_webhook_deliveries(request: ListWebhookDeliveries) -> WebhookDeliveryPage:
    """What became of a webhook's events."""
    return call(request)


@api.post("/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliveries")
def redeliver_webhook(request: RedeliverWebhook) -> WebhookDelivery:
    """Deliver an event once more."""
    return call(request)
