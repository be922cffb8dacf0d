"""Another company system: a durable queue of its own for all events, read with plain kombu."""

import json
import socket
from collections import Counter
from typing import Any

from kombu import Connection, Exchange, Message, Queue
from kombu.mixins import ConsumerMixin

_QUEUE = Queue(
    "ledger",
    Exchange("crm.events", "topic", durable=True),
    routing_key="#",
    durable=True,
    queue_arguments={"x-queue-type": "quorum"},
)
_QUIET_SECONDS = 2.0


class Listener(ConsumerMixin):
    """Its queue is declared when it is made; what waits there is read when it is asked for."""

    def __init__(self, url: str) -> None:
        self.connection = Connection(url)
        self.received: Counter[str] = Counter()
        """How often each event came, by its id."""
        self.last: dict[tuple[str, str], int] = {}
        """The latest first arrival of each source and subject."""
        self.overtaken: list[dict[str, Any]] = []
        """Events whose first arrival came after that of a later one."""
        with Connection(url) as connection:
            _QUEUE(connection.default_channel).declare()

    def get_consumers(self, consumer: Any, channel: Any) -> list[Any]:  # noqa: ARG002  kombu's shape
        """What is read."""
        return [consumer(_QUEUE, on_message=self._take, prefetch_count=500)]

    def read_all(self) -> None:
        """Take all there is; returns when nothing more comes."""
        try:
            for _ in self.consume(limit=None, timeout=_QUIET_SECONDS):  # type: ignore[no-untyped-call]  # kombu's
                pass
        except socket.timeout:  # noqa: UP041  kombu's way to say that nothing came
            pass

    def _take(self, message: Message) -> None:
        event = json.loads(message.body)
        self.received[event["id"]] += 1
        if self.received[event["id"]] == 1:
            key = (event["source"], event["subject"])
            if event["sequence"] < self.last.get(key, 0):
                self.overtaken.append(event)
            self.last[key] = max(event["sequence"], self.last.get(key, 0))
        message.ack()
