"""What a subscriber's user may do on the broker, and what becomes of a queue that nobody reads."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPConnectionError, ChannelClosedByBroker
from pika.exchange_type import ExchangeType

from contracts.errors import Conflict, InvalidInput, NotFound
from deploy.cli import subscribers
from deploy.cli.broker_api import BrokerApi
from deploy.cli.connection import NotRunning
from deploy.cli.subscribers import Bounds
from deploy.local.servers import Broker
from servicekit.database import new_id
from servicekit.events.topology import EXCHANGE

_SECONDS = 30
_REFUSED = 403
_HAPPENED = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def url(broker: Broker) -> Iterator[str]:
    """A virtual host of these tests' own, with the exchange of events."""
    name = f"subscribers-{new_id().hex}"
    broker.ctl("add_vhost", name)
    broker.ctl("set_permissions", "-p", name, urlsplit(broker.url).username or "", ".*", ".*", ".*")
    url = urlunsplit(urlsplit(broker.url)._replace(path=f"/{name}"))
    with opened(url) as channel:
        channel.exchange_declare(EXCHANGE, ExchangeType("topic"), durable=True)
    yield url
    broker.ctl("delete_vhost", name)


@pytest.fixture
def api(broker: Broker, url: str) -> Iterator[BrokerApi]:
    """The broker's administration; the subscribers that the test leaves are removed."""
    with BrokerApi(broker.api_url, amqp_url=url) as api:
        yield api
        for each in subscribers.all_of(api):
            subscribers.remove(api, each.name)


@contextmanager
def opened(url: str) -> Iterator[BlockingChannel]:
    """A channel to the broker for a block; the connection goes with it, however the block ends."""
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        yield connection.channel()
    finally:
        if connection.is_open:
            connection.close()


def added(api: BrokerApi, url: str, name: str, *, topics: str = "order.*", bounds: Bounds | None = None) -> str:
    """The URL of a new subscriber."""
    password = subscribers.add(api, name, topics=topics.split(","), bounds=bounds or Bounds())
    return login(url, name, password)


def login(url: str, name: str, password: str) -> str:
    """The subscriber's own URL."""
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{subscribers.queue_of(name)}:{password}@{address}"))


def publish(url: str, topic: str, *bodies: str) -> None:
    """What the suite would announce; the broker has it when this returns."""
    with opened(url) as channel:
        channel.confirm_delivery()
        for body in bodies:
            channel.basic_publish(EXCHANGE, topic, body.encode())


def read(url: str, name: str, count: int) -> list[str]:
    """The first messages of a queue, acknowledged."""
    with opened(url) as channel:
        bodies = []
        for method, _, body in channel.consume(subscribers.queue_of(name), inactivity_timeout=_SECONDS):
            assert method is not None, f"nothing came in {_SECONDS} s"
            assert method.delivery_tag
            assert body
            channel.basic_ack(method.delivery_tag)
            bodies.append(body.decode())
            if len(bodies) == count:
                return bodies
    return bodies


def eventually(condition: Callable[[], bool]) -> None:
    """Return as soon as the condition holds."""
    until = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < until, f"still not so after {_SECONDS} s"
        time.sleep(0.05)


def refused(url: str, deed: Callable[[BlockingChannel], object]) -> bool:
    """Whether the broker answers this with a refusal."""
    with opened(url) as channel, pytest.raises(ChannelClosedByBroker) as refusal:
        deed(channel)
    return bool(refusal.value.reply_code == _REFUSED)


class TestAdd:
    def test_a_subscriber_reads_the_events_it_asked_for_and_no_others(self, api: BrokerApi, url: str) -> None:
        own = added(api, url, "billing", topics="opportunity.won,order.*")

        publish(url, "opportunity.lost", "a loss")
        publish(url, "opportunity.won", "a win")
        publish(url, "order.placed", "an order")

        assert read(own, "billing", 2) == ["a win", "an order"]

    def test_it_can_not_publish(self, api: BrokerApi, url: str) -> None:
        own = added(api, url, "billing")

        def publish_by(exchange: str) -> Callable[[BlockingChannel], object]:
            def deed(channel: BlockingChannel) -> None:
                channel.confirm_delivery()
                channel.basic_publish(exchange, "subscriber.billing", b"forged")

            return deed

        assert refused(own, publish_by(EXCHANGE))
        assert refused(own, publish_by(""))

    def test_it_can_not_declare_bind_or_delete(self, api: BrokerApi, url: str) -> None:
        own = added(api, url, "billing")

        assert refused(own, lambda channel: channel.queue_declare("mine"))
        assert refused(own, lambda channel: channel.queue_declare("", exclusive=True))
        assert refused(own, lambda channel: channel.exchange_declare("mine"))
        assert refused(own, lambda channel: channel.queue_bind("subscriber.billing", EXCHANGE, "#"))
        assert refused(own, lambda channel: channel.queue_delete("subscriber.billing"))

    def test_it_can_not_read_the_queue_of_another(self, api: BrokerApi, url: str) -> None:
        own = added(api, url, "billing")
        added(api, url, "billing-2")

        assert refused(own, lambda channel: channel.basic_get("subscriber.billing-2"))
        assert refused(own, lambda channel: channel.basic_get("dropped.billing"))
        assert refused(own, lambda channel: channel.basic_consume("subscriber.billing-2", lambda *_: None))

    def test_a_name_that_is_taken_keeps_its_password(self, api: BrokerApi, url: str) -> None:
        own = added(api, url, "billing")

        with pytest.raises(Conflict, match="already"):
            added(api, url, "billing")

        with opened(own) as channel:
            assert channel.is_open

    @pytest.mark.parametrize("topics", ["", "customer created", "customer.*,", "../etc"])
    def test_patterns_are_checked(self, api: BrokerApi, url: str, topics: str) -> None:
        with pytest.raises(InvalidInput, match="patterns"):
            added(api, url, "billing", topics=topics)

    @pytest.mark.parametrize("name", ["", "Billing", "billing.2", ".*", "a" * 41])
    def test_names_are_checked(self, api: BrokerApi, url: str, name: str) -> None:
        with pytest.raises(InvalidInput, match="small letters"):
            added(api, url, name)


class TestRotate:
    def test_only_the_new_password_opens_the_queue(self, api: BrokerApi, url: str) -> None:
        old = added(api, url, "billing")
        publish(url, "order.placed", "waiting")
        connection = pika.BlockingConnection(pika.URLParameters(old))

        new = login(url, "billing", subscribers.rotate(api, "billing"))

        with pytest.raises(AMQPConnectionError):
            connection.process_data_events(time_limit=_SECONDS)
        assert read(new, "billing", 1) == ["waiting"]
        with pytest.raises(AMQPConnectionError):
            pika.BlockingConnection(pika.URLParameters(old))

    def test_an_unknown_name_is_told(self, api: BrokerApi) -> None:
        with pytest.raises(NotFound, match="no subscriber nobody"):
            subscribers.rotate(api, "nobody")


class TestRemove:
    def test_an_open_connection_is_ended_and_the_queue_gone(self, api: BrokerApi, url: str) -> None:
        own = added(api, url, "billing")
        connection = pika.BlockingConnection(pika.URLParameters(own))

        subscribers.remove(api, "billing")

        with pytest.raises(AMQPConnectionError):
            connection.process_data_events(time_limit=_SECONDS)
        assert subscribers.all_of(api) == []

    def test_the_name_is_free_again(self, api: BrokerApi, url: str) -> None:
        added(api, url, "billing", topics="customer.*")
        subscribers.remove(api, "billing")

        added(api, url, "billing", topics="order.*")

        assert subscribers.require(api, "billing").topics == ["order.*"]


class TestBounds:
    def test_a_full_queue_drops_its_oldest_and_the_list_tells_since_when(self, api: BrokerApi, url: str) -> None:
        own = added(api, url, "billing", bounds=Bounds(subscriber_queue_length=2))
        bodies = [json.dumps({"time": _HAPPENED.replace(minute=minute).isoformat()}) for minute in range(5)]

        publish(url, "order.placed", *bodies)

        eventually(lambda: subscribers.require(api, "billing").dropped == 3)
        eventually(lambda: subscribers.require(api, "billing").waiting == 2)
        assert subscribers.require(api, "billing").dropped_since == _HAPPENED
        assert read(own, "billing", 2) == bodies[3:]

    def test_what_waits_too_long_is_dropped(self, api: BrokerApi, url: str) -> None:
        added(api, url, "billing", bounds=Bounds(subscriber_queue_days=0.1 / 86_400))

        publish(url, "order.placed", "too old soon")

        eventually(lambda: subscribers.require(api, "billing").dropped == 1)
        assert subscribers.require(api, "billing").waiting == 0


class TestBrokerApi:
    def test_without_an_address_it_names_the_setting(self) -> None:
        with pytest.raises(NotRunning, match="CRM_RABBITMQ_API_URL"):
            BrokerApi("", amqp_url="amqp://localhost")

    def test_a_wrong_password_is_told_without_it(self, broker: Broker, url: str) -> None:
        parts = urlsplit(broker.api_url)
        wrong = urlunsplit(parts._replace(netloc=f"crm:wrong@{parts.netloc.rpartition('@')[2]}"))
        with BrokerApi(wrong, amqp_url=url) as api, pytest.raises(NotRunning, match="does not know this user"):
            subscribers.all_of(api)
