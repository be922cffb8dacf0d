"""`./crm clock …`: the suite's time, seen and moved."""

import re
from datetime import timedelta
from typing import Annotated

import typer

from deploy.cli.connection import NotRunning, adopt_environment
from servicekit import clock
from servicekit.settings import Settings, load

app = typer.Typer(no_args_is_help=True, help="The suite's time; it can be moved when CRM_TEST_CLOCK=1.")

_STEP = re.compile(r"^(\d+)([smhdw])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@app.command("show")
def show_clock() -> None:
    """Print the suite's time."""
    follow_clock()
    ahead = clock.offset()
    print(clock.now().isoformat(timespec="seconds"), f"(ahead by {ahead})" if ahead else "(the machine's own)")


@app.command("advance")
def advance_clock(step: Annotated[str, typer.Argument(help="A number and s, m, h, d or w: 90s, 3d.")]) -> None:
    """Move the time of all processes forward.

    Example: ./crm clock advance 3d
    """
    move = step_of(step)
    if move is None:
        raise typer.BadParameter("write a number and s, m, h, d or w, e.g. 3d")
    if not follow_clock():
        raise NotRunning("This suite's clock can't be moved; start it with CRM_TEST_CLOCK=1.")
    clock.advance(move)
    show_clock()


def step_of(text: str) -> timedelta | None:
    """A time span as people write it, e.g. `3d`; None when it is none."""
    found = _STEP.match(text)
    return None if found is None else timedelta(**{_UNITS[found.group(2)]: int(found.group(1))})


def follow_clock() -> bool:
    """Use the suite's time in this process; says whether it can be moved."""
    adopt_environment()
    settings = load(Settings)
    if settings.test_clock:
        clock.share(settings.test_clock_file)
    return settings.test_clock
