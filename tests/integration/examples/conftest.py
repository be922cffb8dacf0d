"""A suite without the sample company, and the programs of other systems that read its events."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest

from deploy.local.errors import LaunchError
from deploy.local.record import write_record
from deploy.local.servers import Broker, Server
from deploy.local.suite import PROJECT, Suite
from servicekit.database import new_id
from tests.faults.people import hire

EXAMPLES = PROJECT / "examples"
_HERE = Path(__file__).parent
_START_SECONDS = 600
_SECONDS = 90.0
_PAUSE = 0.1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Any of these tests may be the one that waits for the suite's start."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.timeout(_START_SECONDS))


class House:
    """The suite as its operator and an integrator meet it."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        headers = {"Authorization": f"Bearer {hire(suite, reps=0).admin.token}"}
        self.http = httpx.Client(base_url=suite.gateway_url, headers=headers, timeout=60, trust_env=False)

    def crm(self, *arguments: str, **settings: str) -> str:
        """What the command prints when it succeeds."""
        done = subprocess.run(
            self.command(*arguments),
            env=self.environment() | settings,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def command(self, *arguments: str) -> list[str]:
        """The command line of `crm`, without the shell script in front: signals go to the command itself."""
        return [sys.executable, "-P", "-m", "deploy.cli", *arguments]

    def environment(self) -> dict[str, str]:
        """How `crm` finds this suite."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
        return own | {"CRM_DATA_DIR": str(self._suite.folder), "PYTHONPATH": str(PROJECT)}

    def make_customer(self) -> str:
        """The id of a new customer."""
        answer = self.http.post("/v1/customers", json={"kind": "company", "name": f"Company {new_id()}"})
        assert answer.is_success, answer.text
        return str(answer.json()["id"])

    def import_customers(self, count: int) -> None:
        """So many new customers at once."""
        rows = [{"name": f"Imported {new_id()}"} for _ in range(count)]
        answer = self.http.post("/v1/imports/customers", json={"rows": rows})
        assert answer.is_success, answer.text
        assert len(answer.json()["imported"]) == count

    def logged_ids(self, types: str, *, since: datetime) -> set[str]:
        """The ids of all events of these types that were published since then, as the log has them."""
        found: set[str] = set()
        query: dict[str, str | int] = {"types": types, "since": since.isoformat(), "limit": 200}
        while True:
            page = self.http.get("/v1/events", params=query).raise_for_status().json()
            assert not page["unavailable"]
            found |= {event["id"] for event in page["items"]}
            if not page["more"]:
                return found
            query["after"] = page["next_cursor"]

    def listed(self, name: str) -> dict[str, Any]:
        """What `crm subscribers list` says of one."""
        items = json.loads(self.crm("subscribers", "list", "--json"))["items"]
        (found,) = [each for each in items if each["name"] == name]
        return dict(found)


class Reader:
    """A subscriber's program while it runs; what it prints goes to a file that outlives it."""

    def __init__(self, output: Path) -> None:
        self._output = output

    @contextmanager
    def running(self, command: list[str]) -> Iterator[None]:
        """The program works in the block, and ends by itself when it is asked to."""
        with self._output.open("a") as output:
            process = subprocess.Popen(command, stdout=output, stderr=sys.stderr, stdin=subprocess.DEVNULL)
        try:
            yield
            process.terminate()
            assert process.wait(_SECONDS) == 0
        finally:
            process.kill()
            process.wait(_SECONDS)

    def lines(self) -> list[list[str]]:
        """Id, type, subject and data of all events printed so far."""
        text = self._output.read_text() if self._output.exists() else ""
        return [line.split(" ", 3) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def ids(self) -> list[str]:
        """The ids of all events printed so far."""
        return [each[0] for each in self.lines()]


def eventually(condition: Callable[[], object]) -> None:
    """Return as soon as the condition holds."""
    until = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < until, f"still not so after {_SECONDS:.0f} s"
        time.sleep(_PAUSE)


@pytest.fixture(scope="package")
def house(broker: Broker, database_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One process of each kind on the session's servers."""
    environment = {
        "CRM_AMQP_URL": _own_host(broker),
        "CRM_RABBITMQ_API_URL": broker.api_url,
        "CRM_DATABASE_URL": f"{database_server.url}/examples_{new_id().hex}",
    }
    with Suite(tmp_path_factory.mktemp("examples"), environment=environment) as suite:
        write_record(suite)
        house = House(suite)
        with house.http:
            yield house


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    """A subscriber's program, not started yet."""
    return Reader(tmp_path / "received")


@pytest.fixture
def subscribe(house: House) -> Iterator[Callable[..., str]]:
    """Makes a subscriber and gives its URL; it is removed when the test is over."""
    made = []

    def add(name: str, **settings: str) -> str:
        url = house.crm("subscribers", "add", name, "--events", "customer.*", **settings)
        made.append(name)
        return url

    yield add
    for name in made:
        house.crm("subscribers", "remove", name)


def _own_host(broker: Broker) -> str:
    """The session's broker with a virtual host of this suite's own; one that was given is used as it was given."""
    parts = urlsplit(broker.url)
    try:
        broker.ctl("add_vhost", "examples")
        broker.ctl("set_permissions", "-p", "examples", parts.username or "", ".*", ".*", ".*")
    except LaunchError:
        return broker.url
    return urlunsplit(parts._replace(path="/examples"))
