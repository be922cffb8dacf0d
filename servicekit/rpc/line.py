"""A process's one channel for requests and replies: transient messages, no confirms, matched by correlation id.

Replies come back over RabbitMQ's direct reply-to, so no reply queue is made. A request is published `mandatory`: where
no service listens, the broker returns it at once and the caller learns so without waiting. A service's queue lives as
long as somebody consumes from it, so a stopped service is known at once too.
"""

import itertools
import time
from collections.abc import Callable
from typing import Any

import amqp
import eventlet
from amqp import spec
from eventlet.event import Event

from contracts.errors import CallError, Unavailable
from servicekit.amqp import LOST, Link
from servicekit.rpc.wire import DIRECT_REPLY, EXCHANGE, queue_of
from servicekit.settings import Settings

_REPLY_SECONDS = 10.0
"""How long an answer is held back by an alarm of the broker at most; nobody waits longer for one."""
_PROPERTIES = {"content_type": "application/json", "content_encoding": "utf-8", "delivery_mode": 1}


class Line:
    """Sends requests, hands replies to those who wait, and, for a service, takes requests in."""

    def __init__(self, settings: Settings, name: str) -> None:
        self._link = Link(settings.amqp_url, name=f"{name} rpc", on_open=self._open, on_lost=self._lost)
        self._channel: amqp.Channel | None = None
        self._waiting: dict[str, Event] = {}
        self._numbers = itertools.count()
        self._serving = ""
        self._on_request: Callable[[amqp.Message], None] = lambda _message: None

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent now."""
        return self._link.is_open

    def serve(self, service: str, on_request: Callable[[amqp.Message], None]) -> None:
        """Take in the requests to this service; before start()."""
        self._serving, self._on_request = service, on_request

    def start(self) -> None:
        """Connect, and stay connected."""
        self._link.start()

    def wait_open(self, seconds: float) -> bool:
        """Wait for the first connection."""
        return self._link.wait_open(seconds)

    def send(
        self, service: str, method: str, body: bytes, headers: dict[str, Any], *, seconds: float
    ) -> tuple[str, Event]:
        """Publish a request that is worth an answer for so many seconds; its answer comes to the Event.

        Unavailable: broker.unavailable.
        """
        correlation_id = f"{next(self._numbers):x}"
        answered = self._waiting[correlation_id] = Event()
        message = amqp.Message(
            body,
            application_headers=headers,
            reply_to=DIRECT_REPLY,
            correlation_id=correlation_id,
            expiration=str(max(1, int(seconds * 1000))),
            **_PROPERTIES,
        )
        try:
            self._publish(message, EXCHANGE, f"{service}.{method}", mandatory=True, seconds=seconds)
        except BaseException:
            self.forget(correlation_id)
            raise
        return correlation_id, answered

    def forget(self, correlation_id: str) -> None:
        """Nobody waits for this answer any more."""
        self._waiting.pop(correlation_id, None)

    def reply(self, request: amqp.Message, body: bytes) -> None:
        """Answer a request, to a nameko client's reply queue or straight to the caller's channel."""
        properties = request.properties
        reply_to = properties.get("reply_to")
        if not reply_to:
            return
        message = amqp.Message(body, correlation_id=properties.get("correlation_id"), **_PROPERTIES)
        exchange = "" if reply_to.startswith(DIRECT_REPLY) else EXCHANGE
        self._publish(message, exchange, reply_to, mandatory=False, seconds=_REPLY_SECONDS)

    def stop_serving(self, seconds: float) -> None:
        """Take in no more requests; returns when the broker has agreed, or is gone."""
        channel, tag = self._channel, queue_of(self._serving)
        if channel is None or tag not in channel.callbacks:
            return
        # basic_cancel would wait for the broker's answer itself, which only the link's reader may do.
        channel.send_method(spec.Basic.Cancel, "sb", (tag, False))
        until = time.monotonic() + seconds
        while tag in channel.callbacks and channel.is_open and time.monotonic() < until:
            eventlet.sleep(0.005)

    def close(self) -> None:
        """Hang up."""
        self._link.close()

    def _publish(self, message: amqp.Message, exchange: str, key: str, *, mandatory: bool, seconds: float) -> None:
        # An alarm that ends in time is a pause, not a failure.
        self._link.wait_unblocked(seconds)
        channel = self._channel
        if channel is None or not self._link.is_open:
            raise _no_broker()
        try:
            channel.basic_publish(message, exchange, key, mandatory=mandatory)
        except (*LOST, OSError):
            raise _no_broker() from None

    def _open(self, connection: amqp.Connection) -> None:
        channel = connection.channel()
        channel.exchange_declare(EXCHANGE, "topic", durable=True, auto_delete=False)
        channel.events["basic_return"].add(self._returned)
        channel.basic_consume(DIRECT_REPLY, no_ack=True, callback=self._replied)
        if self._serving:
            queue = queue_of(self._serving)
            channel.queue_declare(queue, durable=True, auto_delete=True)  # RabbitMQ 4.3 refuses shared transient ones
            channel.queue_bind(queue, EXCHANGE, f"{self._serving}.*")
            channel.basic_consume(queue, consumer_tag=queue, no_ack=True, callback=self._on_request)
        self._channel = channel

    def _lost(self) -> None:
        self._channel = None
        waiting, self._waiting = self._waiting, {}
        for answered in waiting.values():
            answered.send(Unavailable("broker.lost", "The connection broke.", data={"outcome": "unknown"}))

    def _replied(self, message: amqp.Message) -> None:
        answered = self._waiting.pop(message.properties.get("correlation_id"), None)
        if answered is not None:
            answered.send(message.body)

    def _returned(self, _error: Any, _exchange: str, routing_key: str, message: amqp.Message) -> None:
        answered = self._waiting.pop(message.properties.get("correlation_id"), None)
        if answered is not None:
            answered.send(_no_service(routing_key.partition(".")[0]))


def _no_broker() -> CallError:
    return Unavailable(
        "broker.unavailable", "The message broker can't be reached.", data={"outcome": "not_done"}, retry_after=2
    )


def _no_service(service: str) -> CallError:
    return Unavailable(
        "service.unavailable",
        f"The {service} service is not running.",
        data={"outcome": "not_done", "service": service},
        retry_after=2,
    )
