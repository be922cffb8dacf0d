"""A subscriber in plain Python: reads its queue with pika, understands events with the public `cloudevents` package.

pip install pika cloudevents
python subscriber_pika.py amqp://subscriber.billing:...@localhost:5672/%2f
"""

import signal
import sys
from urllib.parse import unquote, urlsplit

import pika
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.amqp import AMQPMessage, from_structured_event
from pika.adapters.blocking_connection import BlockingChannel

_ONE_AT_A_TIME = 1


def handle(event: BaseCloudEvent) -> None:
    """What your system does with an event; here it is printed."""
    print(event.get_id(), event.get_type(), event.get_subject(), event.get_data(), flush=True)


class Subscriber:
    """Takes events from one queue until it is stopped."""

    def __init__(self, url: str) -> None:
        self._queue = unquote(urlsplit(url).username or "")  # a subscriber's queue is called like its user
        self._channel = pika.BlockingConnection(pika.URLParameters(url)).channel()
        # A real system keeps the ids that it has handled, in the transaction that handles them.
        self._seen: set[str] = set()

    def run(self) -> None:
        """Read until a signal comes."""
        self._channel.basic_qos(prefetch_count=_ONE_AT_A_TIME)
        self._channel.basic_consume(self._queue, self._take)
        self._channel.start_consuming()

    def _take(
        self, channel: BlockingChannel, method: pika.spec.Basic.Deliver, properties: pika.BasicProperties, body: bytes
    ) -> None:
        event = from_structured_event(AMQPMessage({"content-type": properties.content_type}, {}, body))
        if event.get_id() not in self._seen:  # each event comes at least once
            handle(event)
            self._seen.add(event.get_id())
        channel.basic_ack(method.delivery_tag or 0)  # only now may the broker forget it


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        Subscriber(sys.argv[1]).run()
    except KeyboardInterrupt:
        sys.exit(0)
