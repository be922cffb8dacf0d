"""`./crm subscribers …`: other company systems that read events from a queue of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from urllib.parse import quote, urlsplit, urlunsplit

import typer
from rich.table import Table
from rich.text import Text

from deploy.cli import subscribers
from deploy.cli.broker_api import BrokerApi
from deploy.cli.connection import adopt_environment
from deploy.cli.output import AsJson, moment, out, print_json
from deploy.cli.subscribers import Bounds, Subscriber
from servicekit.settings import Settings, load

app = typer.Typer(no_args_is_help=True, help="Other company systems that read events from a queue of their own.")

Name = Annotated[str, typer.Argument(help="The other system's name, e.g. billing.")]


@app.command()
def add(
    name: Name,
    events: Annotated[str, typer.Option("--events", help="Patterns with commas: * is a word, # any number of them.")],
) -> None:
    """Make a queue and a user that can only read it; prints its AMQP URL, this once.

    Example: ./crm subscribers add billing --events 'opportunity.won,order.*'
    """
    bounds = _bounds()
    with administration(bounds) as api:
        password = subscribers.add(api, name, topics=events.split(","), bounds=bounds)
    print(_url(name, password=password, bounds=bounds))


@app.command("list")
def list_all(as_json: AsJson = False) -> None:
    """List them: their patterns, what waits, and what their bounded queues had to drop.

    Example: ./crm subscribers list --json
    """
    with administration(_bounds()) as api:
        found = subscribers.all_of(api)
    if as_json:
        print_json({"items": [_as_json(each) for each in found]})
    else:
        out.print(_table(found) if found else "There are no subscribers.")
        for each in found:
            if each.dropped_since is not None:
                since = f"{each.dropped_since:%Y-%m-%dT%H:%M:%SZ}"
                out.print(f"Fill {each.name}'s hole with: crm events replay --subscriber {each.name} --since {since}")


@app.command()
def rotate(name: Name) -> None:
    """Make a new password and print the URL with it, this once. What is connected by the old one is ended.

    Example: ./crm subscribers rotate billing
    """
    bounds = _bounds()
    with administration(bounds) as api:
        password = subscribers.rotate(api, name)
    print(_url(name, password=password, bounds=bounds))


@app.command()
def remove(name: Name) -> None:
    """Remove the user and the queue with all that waits in it; an open connection is ended.

    Example: ./crm subscribers remove billing
    """
    with administration(_bounds()) as api:
        subscribers.remove(api, name)


@contextmanager
def administration(bounds: Bounds) -> Iterator[BrokerApi]:
    """The broker's administration works in the block."""
    with BrokerApi(bounds.rabbitmq_api_url, amqp_url=load(Settings).amqp_url) as api:
        yield api


def _bounds() -> Bounds:
    adopt_environment()
    return load(Bounds)


def _url(name: str, *, password: str, bounds: Bounds) -> str:
    own = urlsplit(load(Settings).amqp_url)
    address = bounds.amqp_public_address or own.netloc.rpartition("@")[2]
    path = own.path if own.path not in ("", "/", "//") else "/%2f"  # programs disagree on what a bare slash means
    user = quote(subscribers.queue_of(name), safe="")
    return urlunsplit(own._replace(netloc=f"{user}:{quote(password, safe='')}@{address}", path=path))


def _as_json(subscriber: Subscriber) -> dict[str, object]:
    since = subscriber.dropped_since
    return vars(subscriber) | {"dropped_since": since and since.isoformat()}


def _table(found: list[Subscriber]) -> Table:
    table = Table("subscriber", "events", "waiting", "dropped", "dropped since (UTC)")
    for each in found:
        since = moment(each.dropped_since) if each.dropped_since else ""
        cells = (each.name, ",".join(each.topics), str(each.waiting), str(each.dropped), since)
        table.add_row(*(Text(cell, overflow="fold") for cell in cells), style="red" if each.dropped else "")
    return table
