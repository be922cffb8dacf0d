"""Who attacks: a rep with nothing but their own sign-in, a colleague whose records they are after, and the wire."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from contracts.base import Request
from deploy.docs.access import Who
from tests.e2e.access.scene import Cast, Records, assembled
from tests.e2e.client import Person
from tests.e2e.company import Company


class Wire:
    """A process beside the suite that puts requests straight on the broker."""

    def __init__(self, cast: Cast) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.e2e.owasp.wire"],
            env={**os.environ, "CRM_DATA_DIR": str(cast.company.suite.folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, token: str, request: Request[Any], *, to: str = "") -> str:
        """The code of the error that a service answers; empty when it does what was asked."""
        return str(self._answer(token, request, to)["code"])

    def reply(self, token: str, request: Request[Any]) -> dict[str, Any]:
        """What a service replies that does what was asked."""
        answer = self._answer(token, request, "")
        assert answer["reply"] is not None, answer["code"]
        return dict(answer["reply"])

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def _answer(self, token: str, request: Request[Any], to: str) -> dict[str, Any]:
        kind = type(request)
        asked = {"token": token, "to": to, "request": f"{kind.__module__}:{kind.__name__}"}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked | {"fields": request.model_dump(mode="json")}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@pytest.fixture(scope="package")
def cast(company: Company) -> Iterator[Cast]:
    """Callers of every kind."""
    with assembled(company) as cast:
        yield cast


@pytest.fixture(scope="package")
def victim(cast: Cast) -> Person:
    """The rep whose records others are after."""
    return cast.people[Who.OWNER]


@pytest.fixture(scope="package")
def attacker(cast: Cast) -> Person:
    """A rep of the same department, who may see none of the victim's records."""
    return cast.people[Who.COLLEAGUE]


@pytest.fixture(scope="package")
def records(cast: Cast) -> Records:
    """A customer of the victim's, with all that hangs from it."""
    return cast.records()


@pytest.fixture(scope="package")
def wire(cast: Cast) -> Iterator[Wire]:
    """The way past the gateway."""
    wire = Wire(cast)
    yield wire
    wire.close()
