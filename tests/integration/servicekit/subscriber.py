"""A system outside the suite that listens on the broker with plain AMQP, and what tests send there themselves."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import amqp

from servicekit.amqp import abandon, connect

EXCHANGE = "crm.events"


@contextmanager
def connected(url: str) -> Iterator[amqp.Channel]:
    """A channel of a connection of its own."""
    connection = connect(url, confirm_publish=True)
    try:
        yield connection.channel()
    finally:
        abandon(connection)


class Subscriber:
    """A durable queue bound to some topics, and the messages taken from it."""

    def __init__(self, url: str, *, queue: str, topics: tuple[str, ...] = ("thing.*",)) -> None:
        self._url = url
        self._queue = queue
        self.messages: list[amqp.Message] = []
        self._first: dict[str, dict[str, Any]] = {}
        with connected(url) as channel:
            channel.exchange_declare(EXCHANGE, "topic", durable=True, auto_delete=False)
            channel.queue_declare(queue, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
            for topic in topics:
                channel.queue_bind(queue, EXCHANGE, topic)

    def receive(self, count: int, *, seconds: float = 20) -> list[dict[str, Any]]:
        """Take messages until there are `count` different events in all; their bodies in the order of first arrival."""
        until = time.monotonic() + seconds
        with connected(self._url) as channel:
            channel.basic_qos(0, 500, False)
            channel.basic_consume(self._queue, callback=self._take)
            while len(self._first) < count:
                left = until - time.monotonic()
                assert left > 0, f"{len(self._first)} of {count} events came"
                channel.connection.drain_events(timeout=left)
        return self.events()

    def events(self) -> list[dict[str, Any]]:
        """The bodies of what came, each event once."""
        return list(self._first.values())

    def sequences(self, subject: UUID) -> list[int]:
        """The sequences of one subject in the order of their first arrival."""
        return [event["sequence"] for event in self.events() if event["subject"] == str(subject)]

    def close(self) -> None:
        """Leave nothing on the broker."""
        with connected(self._url) as channel:
            channel.queue_delete(self._queue)

    def _take(self, message: amqp.Message) -> None:
        self.messages.append(message)
        self._first.setdefault(message.properties["message_id"], json.loads(message.body))
        message.channel.basic_ack(message.delivery_tag)
