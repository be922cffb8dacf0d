"""`make run` as a person at a terminal meets it."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from deploy.local.ports import free_port
from deploy.local.servers import Broker, Server
from deploy.local.waiting import wait_until

_LIMIT = 30.0


class Terminal:
    """A launcher that runs, and what it has printed."""

    def __init__(self, code: Path, data: Path, environment: dict[str, str]) -> None:
        self.data = data
        self._output = data.parent / "output.txt"
        settings = {"CRM_DATA_DIR": str(data), "CRM_PORT": str(free_port()), "SCALE": "pool=2", **environment}
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local.run"],
                cwd=code,
                env={**os.environ, **settings},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    @property
    def text(self) -> str:
        return self._output.read_text()

    def wait_for(self, text: str) -> None:
        def there() -> bool:
            assert text in self.text or self.process.poll() is None, f"It ended and printed only:\n{self.text}"
            return text in self.text

        wait_until(there, limit=_LIMIT, otherwise=f"{text!r} was not printed")

    def record(self) -> dict[str, dict[str, dict[str, int]]]:
        loaded: dict[str, dict[str, dict[str, int]]] = json.loads((self.data / "suite.json").read_text())
        return loaded

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(_LIMIT)


@pytest.fixture
def launch(tmp_path: Path, code: Path, broker: Broker, database_server: Server) -> Iterator[Callable[[], Terminal]]:
    """Start `make run` over the stand-in, with the session's broker and database."""
    servers = {"CRM_AMQP_URL": broker.url, "CRM_DATABASE_URL": database_server.url}
    started: list[Terminal] = []

    def start() -> Terminal:
        started.append(Terminal(code, tmp_path / "data", servers))
        return started[-1]

    yield start
    for terminal in started:
        terminal.process.terminate()
        terminal.process.wait(_LIMIT)


class TestRun:
    def test_it_tells_where_to_go_how_to_sign_in_and_what_to_try(self, launch: Callable[[], Terminal]) -> None:
        terminal = launch()
        terminal.wait_for("Ctrl-C")
        assert "Tideline is ready: http://127.0.0.1:" in terminal.text
        assert "admin with the password sesame" in terminal.text
        assert '$(./crm token admin)" http://127.0.0.1:' in terminal.text
        assert "/v1/customers/0192/360" in terminal.text

    def test_sample_data_is_loaded_on_the_first_start_only(self, launch: Callable[[], Terminal]) -> None:
        first = launch()
        first.wait_for("Ctrl-C")
        assert "85 accounts loaded" in first.text
        first.interrupt()

        second = launch()
        second.wait_for("Ctrl-C")
        assert "85 accounts loaded" not in second.text

    def test_ctrl_c_stops_everything_cleanly(self, launch: Callable[[], Terminal]) -> None:
        terminal = launch()
        terminal.wait_for("Ctrl-C")
        processes = terminal.family()

        assert terminal.interrupt() == 0

        assert not psutil.wait_procs(processes, timeout=_LIMIT)[1]
        assert terminal.text.endswith("Stopped.\n")
        assert not (terminal.data / "suite.json").exists()

    def test_a_killed_launcher_leaves_no_orphans_and_can_be_followed_at_once(
        self, launch: Callable[[], Terminal]
    ) -> None:
        terminal = launch()
        terminal.wait_for("Ctrl-C")
        processes = terminal.family()
        terminal.process.kill()
        terminal.process.wait(_LIMIT)

        launch().wait_for("Ctrl-C")

        assert not psutil.wait_procs(processes, timeout=_LIMIT)[1]

    def test_a_process_that_dies_is_told_and_started_again(self, launch: Callable[[], Terminal]) -> None:
        terminal = launch()
        terminal.wait_for("Ctrl-C")
        before = terminal.record()["processes"]["pool-2"]["pid"]
        psutil.Process(before).kill()

        terminal.wait_for("pool-2 ended unexpectedly")
        terminal.wait_for("pool-2 is started again")

        def recorded_anew() -> bool:
            return psutil.pid_exists(terminal.record()["processes"]["pool-2"]["pid"])

        wait_until(recorded_anew, limit=_LIMIT, otherwise="the record names no living pool-2")

    def test_the_record_for_the_command_line_is_readable_by_its_owner_alone(
        self, launch: Callable[[], Terminal]
    ) -> None:
        terminal = launch()
        terminal.wait_for("Ctrl-C")
        assert stat.S_IMODE((terminal.data / "suite.json").stat().st_mode) == 0o600
        assert terminal.record()["env"]["CRM_URL"]
