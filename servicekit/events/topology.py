"""Names and shapes on the broker: the exchange of events, a queue per handler, one for a service's dead letters."""

from typing import NamedTuple

import amqp

EXCHANGE = "crm.events"
_DEAD_EXCHANGE = "crm.dead"


class Queue(NamedTuple):
    """A handler's queue and the topics it asks for."""

    service: str
    method: str
    topics: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name on the broker."""
        return f"crm.{self.service}.{self.method}"

    @property
    def dead_letters(self) -> str:
        """Where what can't be read ends up."""
        return f"{_DEAD_EXCHANGE}.{self.service}"


def declare_exchanges(channel: amqp.Channel) -> None:
    """The exchange that all events go to, and the one for what handlers can't read."""
    channel.exchange_declare(EXCHANGE, "topic", durable=True, auto_delete=False)
    channel.exchange_declare(_DEAD_EXCHANGE, "direct", durable=True, auto_delete=False)


def declare_queue(channel: amqp.Channel, queue: Queue) -> None:
    """The queue, bound to its topics. Limits belong into a policy: arguments of a queue can't be changed later."""
    _declare(channel, queue.dead_letters, {})
    channel.queue_bind(queue.dead_letters, _DEAD_EXCHANGE, queue.service)
    to_dead_letters = {"x-dead-letter-exchange": _DEAD_EXCHANGE, "x-dead-letter-routing-key": queue.service}
    _declare(channel, queue.name, to_dead_letters)
    for topic in queue.topics:
        channel.queue_bind(queue.name, EXCHANGE, topic)


def _declare(channel: amqp.Channel, name: str, arguments: dict[str, str]) -> None:
    channel.queue_declare(name, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum", **arguments})
