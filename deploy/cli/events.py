"""`./crm events …`: watch events as they are published, and put those of the past into a subscriber's queue again."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event
from typing import Annotated

import amqp
import typer
from pydantic import TypeAdapter, ValidationError

from contracts.log import TopicPattern
from deploy.cli import subscribers
from deploy.cli.clock import follow_clock, step_of
from deploy.cli.connection import NotRunning, adopt_environment, connected
from deploy.cli.replay import replay as put_again
from deploy.cli.subscriber_commands import administration
from deploy.cli.subscribers import Bounds
from servicekit import clock
from servicekit.amqp import abandon, connect
from servicekit.events.topology import EXCHANGE, declare_exchanges
from servicekit.settings import Settings, load

app = typer.Typer(no_args_is_help=True, help="What the suite announces.")

_PATTERNS = TypeAdapter(list[TopicPattern])
_MOST_WAITING = 10_000
_PREFETCH = 100
_LOOK_SECONDS = 0.5


@app.command()
def tail(
    types: Annotated[str, typer.Option("--types", help="Patterns with commas, e.g. customer.*,order.#")] = "#",
) -> None:
    """Print events as they are published, a line of JSON each, until Ctrl-C.

    Example: ./crm events tail --types 'customer.*'
    """
    topics = _patterns(types)
    adopt_environment()
    with _broker(load(Settings).amqp_url) as connection:
        channel = connection.channel()
        declare_exchanges(channel)
        # The queue goes with the command; a terminal that is too slow loses the oldest.
        queue = channel.queue_declare(exclusive=True, arguments={"x-max-length": _MOST_WAITING}).queue
        for topic in topics:
            channel.queue_bind(queue, EXCHANGE, topic)
        channel.basic_qos(0, _PREFETCH, False)
        channel.basic_consume(queue, callback=_print)
        stopping = Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        sys.stderr.write("Listening; Ctrl-C ends it.\n")
        while not stopping.is_set():
            _drain(connection)


@app.command()
def replay(
    subscriber: Annotated[str, typer.Option("--subscriber", help="Whose queue they go into, e.g. billing.")],
    since: Annotated[str, typer.Option("--since", help="How long ago (90m, 2d) or a time (2026-11-20T08:00:00Z).")],
) -> None:
    """Put what was published since then, and is bound to its queue, into a subscriber's queue once more.

    Example: ./crm events replay --subscriber billing --since 2d
    """
    with connected() as settings, administration(load(Bounds)) as api:
        follow_clock()
        begin = _moment(since)
        found = subscribers.require(api, subscriber)
        with _broker(settings.amqp_url) as connection:
            channel = connection.channel()
            count = put_again(channel, found, since=begin, most_waiting=subscribers.most_waiting(api))
            channel.close()  # answered when the broker has all that was sent before, acknowledgements too
    print(f"{count} events since {begin:%Y-%m-%d %H:%M:%S} UTC are in the queue of {subscriber}.")


@contextmanager
def _broker(url: str) -> Iterator[amqp.Connection]:
    """A connection of the command's own; what breaks it ends the command with one line."""
    connection = None
    try:
        connection = connect(url)
        yield connection
    except (amqp.AMQPError, OSError) as error:
        raise NotRunning(f"The suite's broker went away or refused: {error!r}") from None
    finally:
        abandon(connection)


def _drain(connection: amqp.Connection) -> None:
    """Take what comes within a while; keep the connection alive when nothing does."""
    try:
        connection.drain_events(timeout=_LOOK_SECONDS)
    except TimeoutError:
        connection.heartbeat_tick()


def _print(message: amqp.Message) -> None:
    print(message.body if isinstance(message.body, str) else message.body.decode(), flush=True)
    message.channel.basic_ack(message.delivery_tag)


def _patterns(types: str) -> list[str]:
    try:
        return _PATTERNS.validate_python([each.strip() for each in types.split(",")])
    except ValidationError:
        raise typer.BadParameter("write patterns with commas, e.g. customer.*,order.#") from None


def _moment(since: str) -> datetime:
    step: timedelta | None = step_of(since)
    if step is not None:
        return clock.now() - step
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        raise typer.BadParameter("write how long ago, e.g. 2d, or a time, e.g. 2026-11-20T08:00:00Z") from None
    if moment.tzinfo is None:
        raise typer.BadParameter("say which time zone: 2026-11-20T08:00:00Z is in UTC")
    return moment
