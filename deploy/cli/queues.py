"""`./crm queues`: which of the suite's queues on the broker no handler reads any more.

The broker alone knows which queues there are, so it is asked, over its management API; a record of our own would miss
what it was not told of. Which queues handlers read is asked of the running services, not of the code at hand.
"""

import os
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

import httpx
import typer
from rich.table import Table

from contracts.operations import ListQueues
from deploy.cli.connection import NotRunning, connected
from deploy.cli.output import AsJson, out, print_json
from deploy.cli.survey import ask, survey_of

_SECONDS = 10.0
_NO_API = (
    "CRM_RABBITMQ_API_URL: name the broker's management API, e.g. http://user:password@localhost:15672. "
    "RabbitMQ serves it after: rabbitmq-plugins enable rabbitmq_management"
)


class Queue(NamedTuple):
    """A queue on the broker, and how many messages it holds."""

    name: str
    state: str
    """`read`, `orphaned`, `unreadable` (for what no handler could read), `unknown` (its service is away)."""
    messages: int


def queues(as_json: AsJson = False) -> None:
    """List the suite's queues; exit 1 when one is orphaned: no handler reads it, and it fills up for ever.

    Remove an orphan with: rabbitmqctl delete_queue NAME

    Example: ./crm queues --json
    """
    with connected() as settings:
        survey = survey_of(None)
        answers = survey.ask(lambda name: set(ask(name, ListQueues()).names))
        found = [Queue(name, _state(name, answers), count) for name, count in _on_broker(settings.amqp_url).items()]
    if as_json:
        print_json({"items": [each._asdict() for each in found], "unavailable": list(survey.away)})
    else:
        out.print(_table(found))
    if any(each.state == "orphaned" for each in found):
        raise typer.Exit(1)
    survey.end()


def _on_broker(amqp_url: str) -> dict[str, int]:
    """How many messages each of the suite's queues holds, by name."""
    api = os.environ.get("CRM_RABBITMQ_API_URL")
    if not api:
        raise NotRunning(_NO_API)
    vhost = unquote(urlsplit(amqp_url).path[1:]) or "/"
    try:
        answer = httpx.get(f"{api.rstrip('/')}/api/queues/{quote(vhost, safe='')}", timeout=_SECONDS)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise NotRunning(f"The broker's management API does not answer as it should: {type(error).__name__}.") from None
    listed = {each["name"]: each.get("messages", 0) for each in answer.json()}
    return {name: listed[name] for name in sorted(listed) if name.startswith("crm.")}


def _state(name: str, answers: dict[str, set[str]]) -> str:
    _, service, _ = name.split(".", 2)
    if service == "dead":
        return "unreadable"
    if service in answers:
        return "read" if name in answers[service] else "orphaned"
    return "unknown"


def _table(found: list[Queue]) -> Table:
    table = Table("queue", "state", "messages")
    for queue in found:
        style = "red" if queue.state == "orphaned" else ""
        table.add_row(queue.name, queue.state, str(queue.messages), style=style)
    return table
