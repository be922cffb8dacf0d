"""The three ways to echo that bench/rpc.py compares: `python -m bench.rpc_peers serve|call raw|stock|ours …`.

A caller prints one JSON line per round: seconds, its own CPU seconds, and how many calls it made.
"""

import sys

if "raw" not in sys.argv:  # the floor is py-amqp on the standard library as it comes
    import servicekit.patched  # noqa: F401  before anything else is imported

import itertools
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import amqp
from kombu import Connection
from nameko.containers import ServiceContainer
from nameko.rpc import rpc as stock_rpc
from nameko.standalone.rpc import ClusterRpcProxy

from contracts.base import Message, Request
from servicekit import context, logging, rpc
from servicekit.rpc.line import Line
from servicekit.runtime import Runtime
from servicekit.service import Service
from servicekit.settings import Settings, load
from servicekit.tokens import Signer

TEXT = "A customer of ours"
_QUEUE = "bench.raw"
_DIRECT_REPLY = "amq.rabbitmq.reply-to"


class Echoed(Message):
    """The same back."""

    text: str
    number: int


class Echo(Request[Echoed], to="bench"):
    """Say it again."""

    text: str
    number: int


class BenchService(Service):
    """Tideline's way: typed, under a deadline, the caller's token checked, a database session at hand."""

    name = "bench"

    @rpc.answers(Echo)
    def echo(self, request: Echo) -> Echoed:
        """Say it again."""
        return Echoed(text=request.text, number=request.number)


class StockService:
    """nameko as it comes."""

    name = "stock"

    @stock_rpc  # type: ignore[untyped-decorator]  # nameko ships no types
    def echo(self, text: str, number: int) -> dict[str, object]:
        """Say it again."""
        return {"text": text, "number": number}


def say_ready() -> None:
    """Tell the benchmark that calls can come."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def serve_ours(settings: Settings) -> None:
    """Host BenchService as servicekit.run does, without a relay."""
    runtime = Runtime("bench", settings, Line(settings, "bench"))
    container = ServiceContainer(BenchService, runtime.nameko_config())
    container.start()
    runtime.line.start()
    runtime.line.wait_open(10)
    say_ready()
    container.wait()


def serve_stock(settings: Settings) -> None:
    """Host StockService as nameko does."""
    container = ServiceContainer(StockService, {"AMQP_URI": settings.amqp_url})
    container.start()
    say_ready()
    container.wait()


def serve_raw(settings: Settings) -> None:
    """py-amqp alone: no typing, no deadline, no caller, no concurrency. The floor."""
    connection = Connection(settings.amqp_url).connect()
    channel = connection.channel()
    channel.queue_declare(_QUEUE, durable=False, auto_delete=True)

    def echo(message: amqp.Message) -> None:
        body = json.loads(message.body)
        reply = amqp.Message(json.dumps(body), correlation_id=message.properties["correlation_id"])
        channel.basic_publish(reply, "", message.properties["reply_to"])

    channel.basic_consume(_QUEUE, no_ack=True, callback=echo)
    say_ready()
    while True:
        connection.drain_events()


@contextmanager
def calls_of_ours(settings: Settings) -> Iterator[Callable[[int], int]]:
    """Typed calls over the process's line."""
    line = Line(settings, "bench caller")
    line.start()
    line.wait_open(10)
    signer = Signer(settings.signing_key_file or Path())
    rpc.use(line, signer.system_token)
    with context.working(context.Work(token=signer.system_token(), request_id="bench")):
        yield lambda number: rpc.call(Echo(text=TEXT, number=number)).number
    line.close()


@contextmanager
def calls_of_stock(settings: Settings) -> Iterator[Callable[[int], int]]:
    """nameko's stand-alone proxy, opened once."""
    with ClusterRpcProxy({"AMQP_URI": settings.amqp_url}) as proxy:
        yield lambda number: int(proxy.stock.echo(text=TEXT, number=number)["number"])


@contextmanager
def calls_of_raw(settings: Settings) -> Iterator[Callable[[int], int]]:
    """py-amqp alone, over direct reply-to."""
    connection = Connection(settings.amqp_url).connect()
    channel = connection.channel()
    answers: list[amqp.Message] = []
    channel.basic_consume(_DIRECT_REPLY, no_ack=True, callback=answers.append)
    ids = itertools.count()

    def call(number: int) -> int:
        body = json.dumps({"text": TEXT, "number": number})
        channel.basic_publish(amqp.Message(body, reply_to=_DIRECT_REPLY, correlation_id=str(next(ids))), "", _QUEUE)
        while not answers:
            connection.drain_events()
        return int(json.loads(answers.pop().body)["number"])

    yield call
    connection.close()


SERVERS = {"ours": serve_ours, "stock": serve_stock, "raw": serve_raw}
CALLERS = {"ours": calls_of_ours, "stock": calls_of_stock, "raw": calls_of_raw}


def call_rounds(kind: str, settings: Settings) -> None:
    """Make a round of calls for each number of calls that comes in on standard input."""
    with CALLERS[kind](settings) as call:
        for line in sys.stdin:
            count = int(line)
            began, cpu = time.monotonic(), time.process_time()
            wrong = sum(call(number) != number for number in range(count))
            spent = {"seconds": time.monotonic() - began, "cpu": time.process_time() - cpu, "wrong": wrong}
            sys.stdout.write(json.dumps(spent) + "\n")
            sys.stdout.flush()


def main(what: str, kind: str) -> None:
    """Serve, or call."""
    settings = load(Settings)
    logging.configure(f"bench {kind}", "WARNING")
    if what == "serve":
        SERVERS[kind](settings)
    else:
        call_rounds(kind, settings)
        os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
