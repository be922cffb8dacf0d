"""`./crm …`: the command line of a running suite."""

# The standard library must be patched before anything else is imported.
# ruff: noqa: I001
import servicekit.patched  # noqa: F401

import sys
from typing import Annotated

import httpx
import typer
from pydantic import ValidationError
from rich.table import Table

from contracts.errors import CallError
from contracts.identity.sessions import IssueToken
from deploy.cli import (
    clock,
    dead_letters,
    departments,
    events,
    keys,
    pools,
    projections,
    subscriber_commands,
    users,
)
from deploy.cli.connection import NotRunning, connected, record
from deploy.cli.output import AsJson, out, print_json
from deploy.cli.queues import queues
from servicekit.rpc import call
from servicekit.rpc.wire import invalid_input

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Look after a running Tideline suite.")
app.add_typer(clock.app, name="clock")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(departments.app, name="departments")
app.add_typer(events.app, name="events")
app.add_typer(keys.app, name="keys")
app.add_typer(pools.app, name="pool")
app.add_typer(projections.app, name="projections")
app.add_typer(subscriber_commands.app, name="subscribers")
app.add_typer(users.app, name="users")
app.command()(queues)

_PROBE_SECONDS = 5.0


@app.command()
def token(name: Annotated[str, typer.Argument(help="A login name, e.g. admin.")]) -> None:
    """Print an access token for a user.

    Example: curl -H "Authorization: Bearer $(./crm token admin)" http://127.0.0.1:8000/v1/me
    """
    with connected():
        print(call(IssueToken(name=name)).access_token)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say of every process whether it runs and can work; exit 1 when one can't.

    Example: ./crm status --json
    """
    states = {name: _state(process["telemetry_url"]) for name, process in record()["processes"].items()}
    if as_json:
        print_json(states)
    else:
        table = Table("process", "state", "detail")
        for name, state in states.items():
            style = "green" if state["state"] == "ready" else "red"
            table.add_row(name, f"[{style}]{state['state']}[/]", state["detail"])
        out.print(table)
    raise typer.Exit(0 if all(state["state"] == "ready" for state in states.values()) else 1)


def _state(url: str) -> dict[str, str]:
    try:
        answer = httpx.get(f"{url}/readyz", timeout=_PROBE_SECONDS)
    except httpx.HTTPError as error:
        return {"state": "down", "detail": type(error).__name__}
    failing = [name for name, fine in answer.json().items() if not fine]
    if answer.status_code == 200:
        return {"state": "ready", "detail": ""}
    return {"state": "not ready", "detail": ", ".join(failing)}


def main() -> None:
    """Run a command; what goes wrong is one line, not a traceback."""
    try:
        app()
    except ValidationError as error:
        sys.exit(_in_one_line(invalid_input(error)))
    except CallError as error:
        sys.exit(_in_one_line(error))
    except NotRunning as error:
        sys.exit(str(error))


def _in_one_line(error: CallError) -> str:
    if error.code != "fields.invalid":
        return error.detail
    return "; ".join(f"{fault.field.replace('_', '-')}: {fault.message}" for fault in error.fields)


if __name__ == "__main__":
    main()
