"""`./crm projections …`: bring services' copies of other services' records to what their sources say."""

from collections.abc import Callable

import typer
from rich.console import Console
from rich.table import Table

from contracts.operations import ListProjections, RebuildProjection
from deploy.cli.connection import connected
from deploy.cli.output import AsJson, out, print_json
from deploy.cli.survey import OneService, ask, survey_of

app = typer.Typer(no_args_is_help=True, help="Services' copies of other services' records.")

Figures = dict[str, int]
"""Of one copy: how many facts were `read`, and how many of them `changed` it."""


@app.callback()
def group() -> None:
    """Services' copies of other services' records."""
    # Without a callback typer would merge a group's only command into the group.


@app.command()
def rebuild(service: OneService = None, as_json: AsJson = False) -> None:
    """Compare every copy with its source and write what differs; safe while the suite is at work, and to repeat.

    Exit 1 when a service or a source is away; the others are rebuilt.

    Example: ./crm projections rebuild --service pool
    """
    rebuilt: dict[str, dict[str, Figures]] = {}
    with connected(), Console(stderr=True).status("Asking the services") as progress:
        survey = survey_of(service)
        survey.ask(lambda name: _rebuild_all(name, rebuilt.setdefault(name, {}), progress.update))
    if as_json:
        print_json({"rebuilt": rebuilt, "unavailable": list(survey.away)})
    else:
        out.print(_table(rebuilt))
    survey.end()


def _rebuild_all(service: str, rebuilt: dict[str, Figures], tell: Callable[[str], None]) -> None:
    for name in ask(service, ListProjections()).names:
        figures = rebuilt[name] = {"read": 0, "changed": 0}
        cursor: str | None = None
        while True:
            batch = ask(service, RebuildProjection(name=name, cursor=cursor))
            figures["read"] += batch.read
            figures["changed"] += batch.changed
            tell(f"{service}: {name}, {figures['read']:,} read")
            cursor = batch.next_cursor
            if cursor is None:
                break


def _table(rebuilt: dict[str, dict[str, Figures]]) -> Table:
    table = Table("service", "copy of", "read", "changed")
    for service, copies in rebuilt.items():
        for name, figures in copies.items():
            table.add_row(service, name, f"{figures['read']:,}", f"{figures['changed']:,}")
    return table
