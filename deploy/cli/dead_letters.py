"""`./crm dead-letters …`: events that handlers gave up on, over all services."""

from typing import Annotated
from uuid import UUID

import typer
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from contracts.errors import NotFound
from contracts.operations import (
    DeadLetter,
    DeadLetterDetails,
    DropDeadLetter,
    GetDeadLetter,
    ListDeadLetters,
    ReplayDeadLetters,
)
from deploy.cli.connection import connected
from deploy.cli.output import AsJson, moment, out, print_json
from deploy.cli.survey import OneService, Survey, ask, survey_of

app = typer.Typer(no_args_is_help=True, help="Events that handlers gave up on: parked until somebody decides.")

EventId = Annotated[UUID, typer.Argument(metavar="ID", help="The event's id, as `list` shows it.")]
OneHandler = Annotated[str | None, typer.Option("--handler", help="Only this handler, e.g. hold_new_customer.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=200, help="At most so many of each service.")]


@app.command("list")
def list_parked(
    service: OneService = None, handler: OneHandler = None, limit: Limit = 50, as_json: AsJson = False
) -> None:
    """List them, the oldest event of each service first; exit 1 when a service is away.

    Example: ./crm dead-letters list --service pool
    """
    with connected():
        survey = survey_of(service)
        pages = survey.ask(lambda name: ask(name, ListDeadLetters(handler=handler, limit=limit)))
    rows = [(name, item) for name, page in pages.items() for item in page.items]
    more = [name for name, page in pages.items() if page.next_cursor is not None]
    if as_json:
        items = [{"service": name} | item.model_dump(mode="json") for name, item in rows]
        print_json({"items": items, "more": more, "unavailable": list(survey.away)})
    else:
        out.print(_table(rows) if rows else "Nothing is parked.")
        for name in more:
            out.print(f"There are more in {name}: raise --limit, or name a --handler.")
    survey.end()


@app.command()
def show(event_id: EventId, service: OneService = None, handler: OneHandler = None, as_json: AsJson = False) -> None:
    """Show one whole: the event as it came, and each handler's error.

    Example: ./crm dead-letters show 0192a7c4-5b1e-7c3a-9d52-3f0e6a1b2c4d
    """
    with connected():
        survey = survey_of(service)
        found = survey.ask(lambda name: _details(name, event_id, handler))
    shown = [(name, each) for name, details in found.items() for each in details]
    if as_json:
        items = [{"service": name} | each.model_dump(mode="json") for name, each in shown]
        print_json({"items": items, "unavailable": list(survey.away)})
    else:
        for name, each in shown:
            _print_whole(name, each)
    _require_found(len(shown), survey)
    survey.end()


@app.command()
def replay(
    event_id: Annotated[UUID | None, typer.Argument(metavar="ID", help="The event's id, or --all.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that are parked, as far as the options go.")] = False,
    service: OneService = None,
    handler: OneHandler = None,
    as_json: AsJson = False,
) -> None:
    """Have them tried again from the first attempt on, once the cause is mended.

    Example: ./crm dead-letters replay --all --service pool --handler hold_new_customer
    """
    if every == (event_id is not None):
        raise typer.BadParameter("name one event by its ID, or say --all")
    with connected():
        survey = survey_of(service)
        counts = survey.ask(lambda name: _replay(name, event_id, handler))
    _tell("Tried again", counts, survey, as_json=as_json)
    if event_id is not None:
        _require_found(sum(counts.values()), survey)
    survey.end()


@app.command()
def drop(event_id: EventId, service: OneService = None, handler: OneHandler = None, as_json: AsJson = False) -> None:
    """Forget one for good: its handlers never see it. The event itself stays in the log of its source.

    Example: ./crm dead-letters drop 0192a7c4-5b1e-7c3a-9d52-3f0e6a1b2c4d --service notify
    """
    with connected():
        survey = survey_of(service)
        counts = survey.ask(lambda name: _drop(name, event_id, handler))
    _tell("Dropped", counts, survey, as_json=as_json)
    _require_found(sum(counts.values()), survey)
    survey.end()


def _details(service: str, event_id: UUID, handler: str | None) -> list[DeadLetterDetails]:
    parked = ask(service, ListDeadLetters(event_id=event_id, handler=handler)).items
    return [ask(service, GetDeadLetter(event_id=event_id, handler=each.handler)) for each in parked]


def _replay(service: str, event_id: UUID | None, handler: str | None) -> int:
    count, cursor = 0, None
    while True:
        try:
            step = ask(service, ReplayDeadLetters(event_id=event_id, handler=handler, cursor=cursor))
        except NotFound:
            return count
        count, cursor = count + step.count, step.next_cursor
        if cursor is None:
            return count


def _drop(service: str, event_id: UUID, handler: str | None) -> int:
    try:
        return ask(service, DropDeadLetter(event_id=event_id, handler=handler)).count
    except NotFound:
        return 0


def _require_found(count: int, survey: Survey) -> None:
    if count == 0 and not survey.away:
        raise NotFound("event.not_parked", "This event is not parked. See what is: ./crm dead-letters list")


def _tell(done: str, counts: dict[str, int], survey: Survey, *, as_json: bool) -> None:
    if as_json:
        print_json({"counts": counts, "unavailable": list(survey.away)})
        return
    parts = [f"{count} in {name}" for name, count in counts.items() if count]
    out.print(f"{done}: {', '.join(parts) or 'none'}.")


def _table(rows: list[tuple[str, DeadLetter]]) -> Table:
    table = Table("service", "handler", "event", "attempts", "parked (UTC)", "error")
    # An id that is cut can't be copied into the next command.
    table.add_column("id", no_wrap=True)
    for name, item in rows:
        cells = (name, item.handler, item.type, str(item.attempts), moment(item.parked_at), item.error)
        table.add_row(*(Text(cell, overflow="fold") for cell in cells), str(item.event_id))
    return table


def _print_whole(service: str, parked: DeadLetterDetails) -> None:
    table = Table.grid(padding=(0, 2))
    for name in ("event_id", "type", "source", "subject", "sequence", "attempts"):
        table.add_row(name, str(getattr(parked, name)))
    table.add_row("parked_at", f"{moment(parked.parked_at)} UTC")
    out.print(Panel(table, title=f"{service} · {parked.handler}"))
    # As they are: square brackets in them are no markup.
    out.print(Text(parked.traceback.rstrip()))
    out.print(Text(parked.body))
