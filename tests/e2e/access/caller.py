"""A process that asks the services directly, by RPC: `python -m tests.e2e.access.caller`, one question a line.

A question is JSON: `token`, `request` (`contracts.pool:ClaimCustomers`) and its `fields`. The answer is a line too: the
error's kind and code, or an empty kind and the reply.
"""

# The standard library must be patched before anything else is imported.
# ruff: noqa: I001
import servicekit.patched  # noqa: F401

import json
import sys
from importlib import import_module
from typing import Any

from contracts.base import Request
from contracts.errors import CallError
from deploy.cli.connection import connected
from servicekit import context
from servicekit.rpc import call

_SECONDS = 20.0


def main() -> None:
    """Answer until the end of the questions."""
    with connected():
        for line in sys.stdin:
            asked = json.loads(line)
            with context.working(context.Work(token=asked["token"], request_id="access")):
                sys.stdout.write(json.dumps(answer(asked["request"], asked["fields"])) + "\n")
                sys.stdout.flush()


def answer(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    """What the owning service says."""
    module, _, kind = name.partition(":")
    request: type[Request[Any]] = getattr(import_module(module), kind)
    try:
        reply = call(request.model_validate(fields), timeout=_SECONDS)
    except CallError as error:
        return {"kind": error.kind, "code": error.code, "reply": None}
    return {"kind": "", "code": "", "reply": reply.model_dump(mode="json")}


if __name__ == "__main__":
    main()
