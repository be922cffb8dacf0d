"""Other systems read the suite's events with their own programs, and miss none when they were away."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.integration.examples.conftest import EXAMPLES, House, Reader, eventually

_CHANGES = 1_000
_ROOM = 100
_INSTALL_SECONDS = 180


@pytest.fixture(scope="session")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Node.js example with what its lock file names."""
    if shutil.which("npm") is None and "CI" not in os.environ:
        pytest.skip("There is no Node.js on this machine.")
    folder = tmp_path_factory.mktemp("node") / "subscriber_node"
    shutil.copytree(EXAMPLES / "subscriber_node", folder, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=_INSTALL_SECONDS)
    return folder


def receives_a_change(house: House, reader: Reader, command: list[str]) -> bool:
    """Whether a customer made over HTTP is told to this program."""
    with reader.running(command):
        customer_id = house.make_customer()
        eventually(lambda: any(each[2] == customer_id for each in reader.lines()))
    (line,) = [each for each in reader.lines() if each[2] == customer_id]
    return line[1].startswith("crm.customer.created.")


class TestPika:
    def test_it_receives_a_change_made_over_http(
        self, house: House, reader: Reader, subscribe: Callable[..., str]
    ) -> None:
        assert receives_a_change(house, reader, _python("subscriber_pika.py", subscribe("pika")))

    def test_away_for_more_than_its_queue_holds_it_catches_up_without_a_hole(
        self, house: House, reader: Reader, subscribe: Callable[..., str]
    ) -> None:
        command = _python("subscriber_pika.py", subscribe("away", CRM_SUBSCRIBER_QUEUE_LENGTH=str(_ROOM)))
        began = datetime.now(UTC)
        with reader.running(command):
            house.make_customer()
            eventually(reader.ids)

        for _ in range(2):
            house.import_customers(_CHANGES // 2)
        eventually(lambda: house.listed("away")["dropped"] == _CHANGES - _ROOM)

        since = house.listed("away")["dropped_since"]
        with reader.running(command):
            house.crm("events", "replay", "--subscriber", "away", "--since", since)
            logged = house.logged_ids("customer.*", since=began)
            assert len(logged) > _CHANGES
            eventually(lambda: set(reader.ids()) == logged)

        assert house.listed("away")["dropped"] == 0


class TestNode:
    def test_it_receives_a_change_made_over_http(
        self, house: House, reader: Reader, subscribe: Callable[..., str], node_folder: Path
    ) -> None:
        command = ["node", str(node_folder / "subscriber.js"), subscribe("node")]
        assert receives_a_change(house, reader, command)


class TestNameko:
    def test_it_receives_a_change_made_over_http(
        self, house: House, reader: Reader, subscribe: Callable[..., str]
    ) -> None:
        assert receives_a_change(house, reader, _python("subscriber_nameko.py", subscribe("nameko")))


class TestTail:
    def test_it_prints_each_event_of_the_types_until_it_is_interrupted(self, house: House) -> None:
        with subprocess.Popen(
            house.command("events", "tail", "--types", "customer.created"),
            env=house.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as tail:
            assert tail.stderr is not None
            assert tail.stdout is not None
            assert "Listening" in tail.stderr.readline()

            customer_id = house.make_customer()
            event = json.loads(tail.stdout.readline())
            tail.send_signal(signal.SIGINT)

        assert event["subject"] == customer_id
        assert tail.returncode == 0


def _python(example: str, url: str) -> list[str]:
    return [sys.executable, str(EXAMPLES / example), url]
