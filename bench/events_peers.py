"""The processes that bench/events.py measures: `python -m bench.events_peers relay|handle|batch|publish|consume`.

`relay`, `handle` and `batch` are Tideline's and run until they are killed. `publish` and `consume` are the floor:
py-amqp with confirms and acks on the standard library as it comes, which print one JSON line per line read.
"""

import sys

if sys.argv[1:2] in (["relay"], ["handle"], ["batch"]):
    import servicekit.patched  # noqa: F401  before anything else is imported

import json
import os
import time
from collections.abc import Callable
from uuid import UUID

import amqp
from eventlet.event import Event as GreenEvent
from kombu import Connection
from nameko.containers import ServiceContainer

from contracts.base import Event, Received
from servicekit import logging
from servicekit.events import on, on_batch
from servicekit.relay import Relay
from servicekit.rpc.line import Line
from servicekit.runtime import Runtime
from servicekit.service import Service
from servicekit.settings import Settings, load

BATCH = 500
EXCHANGE = "crm.events"
FLOOR_QUEUE = "bench.floor"
PREFETCH = 20
_ANSWER_SECONDS = 60


class Measured(Event, type="bench.measured", subject="thing_id"):
    """About as much as an event of the suite says."""

    thing_id: UUID
    text: str


class BenchService(Service):
    """One handler with one small effect, in one transaction with its inbox row."""

    name = "bench"

    @on(Measured, prefetch=PREFETCH)
    def keep(self, event: Received[Measured]) -> None:
        """Leave a row, and tell the benchmark when it is committed."""
        self.db.connection().exec_driver_sql(
            "WITH kept AS (INSERT INTO effect (event_id) VALUES (%s)) SELECT pg_notify('effect', %s)",
            (str(event.id), str(event.id)),
        )


class BatchService(Service):
    """The same effect for many events in one transaction."""

    name = "batch"

    @on_batch(Measured, size=PREFETCH * 5)
    def keep(self, events: list[Received[Measured]]) -> None:
        """Leave a row for each."""
        ids = [str(event.id) for event in events]
        self.db.connection().exec_driver_sql("INSERT INTO effect (event_id) SELECT unnest(%s::uuid[])", (ids,))


SERVICES = {"relay": BenchService, "handle": BenchService, "batch": BatchService}


def relay(runtime: Runtime) -> None:
    """Tideline's relay alone."""
    Relay(runtime).start()
    _stay()


def handle(runtime: Runtime, service: type[Service]) -> None:
    """Tideline's handlers alone."""
    ServiceContainer(service, runtime.nameko_config()).start()
    _stay()


def publish(settings: Settings) -> None:
    """The floor of a relay: persistent messages, confirms counted per batch."""
    with Connection(settings.amqp_url) as connection:
        channel = connection.default_channel
        channel.confirm_select()
        confirms = _Confirms(channel)
        _serve(lambda count, body: _publish_all(channel, confirms, count=count, body=body))


def consume(settings: Settings) -> None:
    """The floor of a handler: take and ack, no effect."""
    with Connection(settings.amqp_url) as connection:
        _serve(lambda count, _body: _consume_all(connection.channel(), count))


class _Confirms:
    """Which messages the broker has not confirmed yet."""

    def __init__(self, channel: amqp.Channel) -> None:
        self.waiting: set[int] = set()
        self._tag = 0
        channel.events["basic_ack"].add(self._ack)

    def sent(self) -> None:
        """One more was published."""
        self._tag += 1
        self.waiting.add(self._tag)

    def _ack(self, tag: int, multiple: bool) -> None:
        self.waiting = {each for each in self.waiting if each > tag} if multiple else self.waiting - {tag}


def _publish_all(channel: amqp.Channel, confirms: _Confirms, *, count: int, body: str) -> int:
    for number in range(1, count + 1):
        message = amqp.Message(body, delivery_mode=2, content_type="application/json")
        channel.basic_publish(message, EXCHANGE, FLOOR_QUEUE)
        confirms.sent()
        if number % BATCH == 0 or number == count:
            while confirms.waiting:
                channel.connection.drain_events(timeout=_ANSWER_SECONDS)
    return count


def _consume_all(channel: amqp.Channel, count: int) -> int:
    taken = 0

    def take(message: amqp.Message) -> None:
        nonlocal taken
        taken += 1
        channel.basic_ack(message.delivery_tag)

    channel.basic_qos(0, PREFETCH, False)
    channel.basic_consume(FLOOR_QUEUE, callback=take)
    while taken < count:
        channel.connection.drain_events(timeout=_ANSWER_SECONDS)
    channel.close()
    return taken


def _serve(work: Callable[[int, str], int]) -> None:
    """Do a round for each line `count body`, and say what it took."""
    _say("ready")
    for line in sys.stdin:
        count, _, body = line.rstrip("\n").partition(" ")
        began, cpu = time.perf_counter(), time.process_time()
        done = work(int(count), body)
        _say(json.dumps({"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu, "done": done}))


def _stay() -> None:
    # Reading standard input would hold up every green thread.
    _say("ready")
    GreenEvent().wait()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(role: str) -> None:
    """Be one of the processes."""
    settings = load(Settings)
    logging.configure(role, os.environ.get("CRM_LOG_LEVEL", "WARNING"))
    if role in {"publish", "consume"}:
        {"publish": publish, "consume": consume}[role](settings)
    else:
        service = SERVICES[role]
        runtime = Runtime(service.name, settings, Line(settings, service.name))
        if role == "relay":
            relay(runtime)
        handle(runtime, service)


if __name__ == "__main__":
    main(sys.argv[1])
