"""`./crm …`: the command line of a running suite."""

# The standard library must be patched before anything else is imported.
# ruff: noqa: I001
import servicekit.patched  # noqa: F401

import json
import re
import sys
from datetime import timedelta
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from contracts.errors import CallError
from contracts.identity import IssueToken
from deploy.cli.connection import NotRunning, adopt_environment, connected, record
from servicekit import clock
from servicekit.rpc import call
from servicekit.settings import Settings, load

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Look after a running Tideline suite.")
clock_app = typer.Typer(no_args_is_help=True, help="The suite's time; it can be moved when CRM_TEST_CLOCK=1.")
app.add_typer(clock_app, name="clock")
out = Console()

_STEP = re.compile(r"^(\d+)([smhdw])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PROBE_SECONDS = 5.0

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


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
        print(json.dumps(states))
    else:
        table = Table("process", "state", "detail")
        for name, state in states.items():
            style = "green" if state["state"] == "ready" else "red"
            table.add_row(name, f"[{style}]{state['state']}[/]", state["detail"])
        out.print(table)
    raise typer.Exit(0 if all(state["state"] == "ready" for state in states.values()) else 1)


@clock_app.command("show")
def show_clock() -> None:
    """Print the suite's time."""
    _follow_clock()
    ahead = clock.offset()
    print(clock.now().isoformat(timespec="seconds"), f"(ahead by {ahead})" if ahead else "(the machine's own)")


@clock_app.command("advance")
def advance_clock(step: Annotated[str, typer.Argument(help="A number and s, m, h, d or w: 90s, 3d.")]) -> None:
    """Move the time of all processes forward.

    Example: ./crm clock advance 3d
    """
    found = _STEP.match(step)
    if found is None:
        raise typer.BadParameter("write a number and s, m, h, d or w, e.g. 3d")
    if not _follow_clock():
        raise NotRunning("This suite's clock can't be moved; start it with CRM_TEST_CLOCK=1.")
    clock.advance(timedelta(**{_UNITS[found.group(2)]: int(found.group(1))}))
    show_clock()


def _follow_clock() -> bool:
    adopt_environment()
    settings = load(Settings)
    if settings.test_clock:
        clock.share(settings.test_clock_file)
    return settings.test_clock


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
    except (NotRunning, CallError) as error:
        sys.stderr.write(f"{error.detail if isinstance(error, CallError) else error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
