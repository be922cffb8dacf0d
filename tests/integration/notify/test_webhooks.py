"""Webhooks: who may make them, what they carry, and what becomes of a delivery."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from contracts.base import Received
from contracts.errors import Conflict, NotFound, NotPermitted
from contracts.notify import (
    CreateWebhook,
    GetWebhook,
    ListWebhookDeliveries,
    ListWebhooks,
    PingWebhook,
    RedeliverWebhook,
    RemoveWebhook,
    RotateWebhookSecret,
    SecretWebhook,
    UpdateWebhook,
    WebhookChanges,
    WebhookDelivery,
)
from contracts.pool.pools import PoolCreated
from contracts.values import Actor, Role
from servicekit import clock
from servicekit.cloudevents import read, write
from servicekit.database import Database, new_id
from servicekit.testing import calling, user_of
from services.notify import rules
from services.notify.channels.webhooks import is_public, send, signature
from services.notify.operations import webhooks
from services.notify.queries import webhooks as queries
from tests.integration.notify.receiver import Receiver, receiving

POOL = Actor(kind="system", id="pool", name="pool")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A system outside."""
    with receiving() as receiver:
        yield receiver


class Desk:
    """The operations on webhooks, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def ask(self, operation: Any, request: Any, *, role: Role = Role.ADMIN) -> Any:
        """What somebody of this role is answered."""
        with self.database.transaction() as db, calling(user_of(role)):
            return operation(db, request)

    def make(self, url: str, *types: str) -> SecretWebhook:
        """A webhook."""
        made: SecretWebhook = self.ask(webhooks.create, CreateWebhook(url=url, types=list(types) or ["#"]))
        return made

    def happen(self) -> Received[Any]:
        """A pool is opened, and the event comes in."""
        event = PoolCreated(pool_id=new_id(), name="North")
        body = write(event, id=new_id(), time=clock.now(), actor=POOL, sequence=1)
        received = read(body, {event.wire_type(): PoolCreated}).event
        assert received is not None
        self.hear(received)
        return received

    def hear(self, event: Received[Any]) -> None:
        """The event comes in (again)."""
        with self.database.transaction() as db:
            webhooks.queue(db, event)

    def claim(self, webhook_id: UUID, *, at: datetime | None = None) -> list[queries.Due]:
        """What a courier would take."""
        with self.database.transaction() as db:
            return queries.claim_due(db, webhook_id, at or clock.now(), limit=50)

    def deliver(self, webhook_id: UUID, *, at: datetime | None = None) -> None:
        """What is due at that moment is sent; the receiver is on this machine, so private addresses are let through."""
        for due in self.claim(webhook_id, at=at):
            webhooks.send_one(self.database, due, rule=lambda _address: True)

    def deliveries(self, webhook_id: UUID) -> list[WebhookDelivery]:
        """What became of them, latest first."""
        found: list[WebhookDelivery] = self.ask(
            webhooks.list_deliveries, ListWebhookDeliveries(webhook_id=webhook_id)
        ).items
        return found


@pytest.fixture
def desk(database: Database) -> Desk:
    """The operations."""
    return Desk(database)


class TestKeeping:
    def test_the_secret_is_shown_once(self, desk: Desk) -> None:
        made = desk.make("https://example.com/hooks")
        assert made.secret.startswith("whsec_")
        listed = next(each for each in desk.ask(webhooks.list_webhooks, ListWebhooks()).items if each.id == made.id)
        assert "secret" not in listed.model_dump()
        assert desk.ask(webhooks.get, GetWebhook(webhook_id=made.id), role=Role.AUDITOR) == listed

    @pytest.mark.parametrize("role", [Role.REP, Role.MANAGER, Role.INTEGRATION])
    def test_only_administrators_and_auditors_read_one(self, desk: Desk, role: Role) -> None:
        made = desk.make("https://example.com")
        with pytest.raises(NotPermitted):
            desk.ask(webhooks.get, GetWebhook(webhook_id=made.id), role=role)

    def test_one_that_never_was_is_not_found(self, desk: Desk) -> None:
        with pytest.raises(NotFound, match=r"webhook\.not_found"):
            desk.ask(webhooks.get, GetWebhook(webhook_id=new_id()))

    @pytest.mark.parametrize("role", [Role.REP, Role.MANAGER, Role.AUDITOR, Role.INTEGRATION])
    def test_only_administrators_make_them(self, desk: Desk, role: Role) -> None:
        with pytest.raises(NotPermitted):
            desk.ask(webhooks.create, CreateWebhook(url="https://example.com", types=["#"]), role=role)

    def test_a_change_needs_the_version_that_was_read(self, desk: Desk) -> None:
        made = desk.make("https://example.com")
        change = UpdateWebhook(webhook_id=made.id, version=made.version, changes=WebhookChanges(types=["order.*"]))
        assert desk.ask(webhooks.update, change).types == ["order.*"]
        with pytest.raises(Conflict, match=r"version\.stale"):
            desk.ask(webhooks.update, change)

    def test_a_removed_one_is_gone_with_its_deliveries(self, desk: Desk) -> None:
        made = desk.make("https://example.com")
        desk.happen()
        desk.ask(webhooks.remove, RemoveWebhook(webhook_id=made.id, version=made.version))
        with pytest.raises(NotFound):
            desk.deliveries(made.id)


class TestQueueing:
    def test_an_event_is_queued_once_for_each_webhook_that_wants_it(self, desk: Desk) -> None:
        wanting, other = desk.make("https://example.com", "pool.*"), desk.make("https://example.com", "order.#")
        event = desk.happen()
        desk.hear(event)
        assert [each.event_id for each in desk.deliveries(wanting.id)] == [event.id]
        assert desk.deliveries(other.id) == []

    def test_one_that_is_switched_off_gets_nothing(self, desk: Desk) -> None:
        made = desk.make("https://example.com")
        off = UpdateWebhook(webhook_id=made.id, version=made.version, changes=WebhookChanges(active=False))
        assert desk.ask(webhooks.update, off).disabled_reason == "by_hand"
        desk.happen()
        assert desk.deliveries(made.id) == []
        with pytest.raises(Conflict):
            desk.ask(webhooks.ping, PingWebhook(webhook_id=made.id))


class TestSending:
    def test_what_arrives_is_the_event_signed_as_the_standard_says(self, desk: Desk, receiver: Receiver) -> None:
        made = desk.make(receiver.url)
        event = desk.happen()
        desk.deliver(made.id)
        [(headers, body)] = receiver.got
        assert Verifier(made.secret).verify(body, headers) == json.loads(event.body)
        assert headers["webhook-id"] == str(event.id)
        [delivery] = desk.deliveries(made.id)
        assert (delivery.state, delivery.last_status, delivery.last_answer) == ("delivered", 200, "thank you")

    def test_a_changed_body_does_not_verify(self, desk: Desk, receiver: Receiver) -> None:
        made = desk.make(receiver.url)
        desk.happen()
        desk.deliver(made.id)
        [(headers, body)] = receiver.got
        with pytest.raises(WebhookVerificationError):
            Verifier(made.secret).verify(body + b" ", headers)

    def test_for_a_day_after_a_rotation_both_secrets_sign(self, desk: Desk, receiver: Receiver) -> None:
        made = desk.make(receiver.url)
        fresh = desk.ask(webhooks.rotate, RotateWebhookSecret(webhook_id=made.id))
        desk.happen()
        desk.deliver(made.id)
        [(headers, body)] = receiver.got
        for secret in (made.secret, fresh.secret):
            Verifier(secret).verify(body, headers)

    def test_a_day_later_only_the_new_one_does(self, desk: Desk) -> None:
        made = desk.make("https://example.com")
        fresh = desk.ask(webhooks.rotate, RotateWebhookSecret(webhook_id=made.id))
        desk.happen()
        [due] = desk.claim(made.id)
        assert due.valid_secrets(clock.now()) == [fresh.secret, made.secret]
        assert due.valid_secrets(clock.now() + timedelta(hours=24, seconds=1)) == [fresh.secret]

    def test_a_ping_arrives_and_verifies(self, desk: Desk, receiver: Receiver) -> None:
        made = desk.make(receiver.url)
        desk.ask(webhooks.ping, PingWebhook(webhook_id=made.id))
        desk.deliver(made.id)
        [(headers, body)] = receiver.got
        verified = Verifier(made.secret).verify(body, headers)
        assert verified["type"] == "crm.webhook.pinged.v1"


class TestFailing:
    def test_it_is_tried_again_on_the_standards_schedule_and_then_given_up(
        self, desk: Desk, receiver: Receiver
    ) -> None:
        receiver.status = 500
        made = desk.make(receiver.url)
        desk.happen()
        waits = []
        desk.deliver(made.id)
        while (at := desk.deliveries(made.id)[0].next_attempt_at) is not None:
            waits.append(round((at - clock.now()).total_seconds(), -1))
            desk.deliver(made.id, at=at)
        assert waits == [round(each.total_seconds(), -1) for each in rules.WEBHOOK_RETRIES]
        [delivery] = desk.deliveries(made.id)
        assert (delivery.state, delivery.attempts, delivery.last_status) == ("failed", 10, 500)
        assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1

    def test_one_that_says_gone_is_switched_off(self, desk: Desk, receiver: Receiver) -> None:
        receiver.status = 410
        made = desk.make(receiver.url)
        desk.happen()
        desk.deliver(made.id)
        [delivery] = desk.deliveries(made.id)
        assert delivery.state == "failed"
        listed = next(each for each in desk.ask(webhooks.list_webhooks, ListWebhooks()).items if each.id == made.id)
        assert (listed.active, listed.disabled_reason) == (False, "gone")

    def test_a_redirect_is_not_followed(self, desk: Desk, receiver: Receiver) -> None:
        with receiving() as elsewhere:
            receiver.status, receiver.headers = 307, {"Location": elsewhere.url}
            made = desk.make(receiver.url)
            desk.happen()
            desk.deliver(made.id)
            assert elsewhere.got == []
        assert desk.deliveries(made.id)[0].last_status == 307

    def test_what_a_crashed_courier_had_claimed_is_sent_later_under_the_same_id(
        self, desk: Desk, receiver: Receiver
    ) -> None:
        made = desk.make(receiver.url)
        event = desk.happen()
        assert [due.event_id for due in desk.claim(made.id)] == [event.id]
        assert desk.claim(made.id) == []
        desk.deliver(made.id, at=clock.now() + timedelta(minutes=5))
        assert [headers["webhook-id"] for headers, _ in receiver.got] == [str(event.id)]

    def test_a_given_up_one_can_be_sent_once_more(self, desk: Desk, receiver: Receiver) -> None:
        receiver.status = 410
        made = desk.make(receiver.url)
        desk.happen()
        desk.deliver(made.id)
        receiver.status = 200
        on = UpdateWebhook(webhook_id=made.id, version=2, changes=WebhookChanges(active=True))
        desk.ask(webhooks.update, on)
        again = RedeliverWebhook(webhook_id=made.id, delivery_id=desk.deliveries(made.id)[0].id)
        desk.ask(webhooks.redeliver, again)
        desk.deliver(made.id)
        assert desk.deliveries(made.id)[0].state == "delivered"


class TestAddresses:
    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1",
            "localhost",
            "[::1]",
            "2130706433",
            "0x7f.1",
            "0.0.0.0",  # noqa: S104  an address to refuse, not one to bind
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "[::ffff:127.0.0.1]",
            "[fe80::1]",
            "[fd00::1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "224.0.0.1",
        ],
    )
    def test_nothing_is_sent_into_a_private_network(self, host: str) -> None:
        answer = send(
            f"http://{host}:1/",
            body=b"{}",
            webhook_id="1",
            timestamp=1,
            signing_secrets=["whsec_AAAA"],
            allowed=is_public,
        )
        assert answer.status is None
        assert "ForbiddenAddress" in answer.text

    @pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
    def test_public_addresses_are_let_through(self, address: str) -> None:
        assert is_public(address)

    def test_signatures_stand_beside_each_other(self) -> None:
        both = signature(["whsec_AAAA", "whsec_BBBB"], "1", 1, b"{}")
        assert [each.partition(",")[0] for each in both.split(" ")] == ["v1", "v1"]
