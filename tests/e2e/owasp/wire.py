"""A process that puts requests straight on the broker: `python -m tests.e2e.owasp.wire`, one question a line.

A question is JSON: `token`, `request` (`contracts.pool:ListPoolFacts`), `to` (a service, for what all of them answer)
and the request's `fields`. The answer is a line too: the error's `code`, or the `reply`.
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
from servicekit.rpc import send

_SECONDS = 20.0


def main() -> None:
    """Answer until the end of the questions."""
    with connected():
        for line in sys.stdin:
            asked = json.loads(line)
            with context.working(context.Work(token=asked["token"], request_id="owasp")):
                sys.stdout.write(json.dumps(answer(asked["request"], asked["fields"], to=asked["to"])) + "\n")
                sys.stdout.flush()


def answer(name: str, fields: dict[str, Any], *, to: str) -> dict[str, Any]:
    """What the service says."""
    module, _, kind = name.partition(":")
    request: type[Request[Any]] = getattr(import_module(module), kind)
    try:
        reply = send(request.model_validate(fields), to=to, timeout=_SECONDS).result()
    except CallError as error:
        return {"code": error.code, "reply": None}
    return {"code": "", "reply": reply.model_dump(mode="json")}


if __name__ == "__main__":
    main()
