"""A process that calls the echo service: `python -m tests.integration.rpc.caller SCENARIO` prints what it saw."""

# The standard library must be patched before anything else is imported.
# ruff: noqa: I001
import servicekit.patched  # noqa: F401

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from contracts.errors import CallError
from deploy.cli.connection import connected
from servicekit import context
from servicekit.rpc import call, send
from tests.integration.rpc.echo_contract import AskNobody, Count, Echo, Refuse, Sleep, Write


def echo() -> Any:
    """One plain call."""
    return call(Echo(text="żółć 有限公司")).model_dump()


def at_once() -> Any:
    """Twenty slow queries of one process."""
    return len([each.result() for each in [send(Sleep(seconds=0.5)) for _ in range(20)]])


def long_calls() -> Any:
    """Twenty calls of two seconds."""
    return len([each.result() for each in [send(Sleep(seconds=2), timeout=20) for _ in range(20)]])


def nobody() -> Any:
    """A service that does not exist."""
    return call(AskNobody())


def refused() -> Any:
    """An error with all its parts."""
    return call(Refuse())


def bad_field() -> Any:
    """A request that breaks the contract."""
    soon: Any = "soon"
    return call(Write.model_construct(_fields_set={"text", "seconds"}, text="x", seconds=soon))


def late() -> Any:
    """An answer that comes after the caller's time."""
    return call(Write(text="late", seconds=2), timeout=0.3)


def starved() -> Any:
    """A call that waits behind others until its caller is gone; returns what it left behind."""
    others = [send(Sleep(seconds=1)) for _ in range(20)]
    try:
        call(Write(text="starved"), timeout=0.3)
    except CallError as error:
        told = error.code
    for other in others:
        other.result()
    return {"told": told, "rows": call(Count(text="starved")).text}


def rolled_back() -> Any:
    """A method that fails after its write; returns what it left behind."""
    try:
        call(Write(text="failed", then="fail"))
    except CallError as error:
        told = error.code
    return {"told": told, "rows": call(Count(text="failed")).text}


def failed() -> Any:
    """The id of a request whose method fails."""
    try:
        call(Write(text="failed", then="fail"))
    except CallError:
        return context.current().request_id


def committed() -> Any:
    """Whether what was written is there for others the moment the reply is: 100 times."""
    counts = []
    for number in range(100):
        call(Write(text=f"committed {number}"))
        counts.append(call(Count(text=f"committed {number}")).text)
    return counts


def under_a_deadline() -> Any:
    """A deadline that was set by whoever asked first."""
    with context.deadline_in(0.2):
        return call(Sleep(seconds=5), timeout=10)


def unsigned() -> Any:
    """A call without a token."""
    with context.working(context.Work()):
        return call(Echo(text="x"))


def forged() -> Any:
    """A call with somebody else's name on it and no key for it."""
    with context.working(context.Work(token=context.current().token[:-4] + "AAAA")):
        return call(Echo(text="x"))


def main(scenario: Callable[[], Any]) -> None:
    """Run one scenario."""
    with connected():
        began = time.monotonic()
        try:
            seen = {"reply": scenario()}
        except CallError as error:
            seen = {"error": error.body().model_dump()}
        seen["seconds"] = time.monotonic() - began
    print(json.dumps(seen))  # noqa: T201  what the test reads


if __name__ == "__main__":
    main(globals()[sys.argv[1]])
