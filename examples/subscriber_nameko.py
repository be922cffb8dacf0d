"""A subscriber as a stock nameko service: `@consume` on its own queue.

pip install nameko
python subscriber_nameko.py amqp://subscriber.billing:...@localhost:5672/%2f
"""

import eventlet

eventlet.monkey_patch()  # before anything else is imported

import json  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402
from urllib.parse import unquote, urlsplit  # noqa: E402

from kombu import Queue, serialization  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402
from nameko.messaging import consume  # noqa: E402

URL = sys.argv[1]
# A subscriber's queue is called like its user. It is there already, and a subscriber may not declare.
QUEUE = Queue(unquote(urlsplit(URL).username or ""), no_declare=True)

serialization.register("cloudevents", json.dumps, json.loads, "application/cloudevents+json", "utf-8")


class BillingService:
    """Prints each event; a second delivery of the same id does nothing."""

    name = "billing"
    # A real system keeps the ids that it has handled, in the transaction that handles them.
    seen: set[str] = set()  # noqa: RUF012  nameko makes an instance per event

    @consume(QUEUE, requeue_on_error=True)  # type: ignore[untyped-decorator]  # nameko ships no types
    def handle(self, event: dict[str, Any]) -> None:
        """What your system does with an event."""
        if event["id"] not in self.seen:
            print(event["id"], event["type"], event["subject"], event["data"], flush=True)
            self.seen.add(event["id"])


if __name__ == "__main__":
    # One worker: events are handled in their order.
    container = ServiceContainer(BillingService, {"AMQP_URI": URL, "ACCEPT": ["cloudevents"], "max_workers": 1})
    signal.signal(signal.SIGTERM, lambda *_: eventlet.spawn_n(container.stop))
    container.start()
    container.wait()
