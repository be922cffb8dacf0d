"""A suite started by the launcher: complete, alone, and gone without a trace when it ends."""

import socket
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from deploy.local.errors import LaunchError
from deploy.local.keeper import AlreadyRunning
from deploy.local.ports import is_free
from deploy.local.servers import Broker, Server
from deploy.local.suite import Suite

Start = Callable[..., Suite]


@pytest.fixture
def start(tmp_path: Path, code: Path, broker: Broker, database_server: Server) -> Start:
    """Suites that use the session's broker and database, which saves seconds for each."""
    servers = {"CRM_AMQP_URL": broker.url, "CRM_DATABASE_URL": database_server.url}

    def suite(name: str = "suite", **settings: str) -> Suite:
        return Suite(tmp_path / name, services=("pool",), code=code, environment={**servers, **settings})

    return suite


def family(suite: Suite) -> list[psutil.Process]:
    """Every process of the suite and what these started."""
    leaders = [psutil.Process(process.pid) for process in suite.processes.values()]
    return [*leaders, *(child for leader in leaders for child in leader.children(recursive=True))]


def gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=10)[1]


class TestSuite:
    def test_one_process_runs_for_each_part_unless_scaled(
        self, tmp_path: Path, code: Path, broker: Broker, database_server: Server
    ) -> None:
        servers = {"CRM_AMQP_URL": broker.url, "CRM_DATABASE_URL": database_server.url}
        scale = {"pool": 2, "gateway": 0}
        with Suite(
            tmp_path / "suite", services=("pool", "notify"), scale=scale, code=code, environment=servers
        ) as suite:
            assert list(suite.processes) == ["pool", "pool-2", "notify"]

    def test_a_killed_process_can_be_started_again(self, start: Start) -> None:
        with start() as suite:
            killed = family(suite)
            suite["pool"].kill()
            assert not suite["pool"].alive

            suite.start("pool")

            assert suite["pool"].alive
            assert suite["pool"].pid not in [process.pid for process in killed]

    def test_nothing_is_left_when_it_ends(self, start: Start) -> None:
        with start() as suite:
            processes = family(suite)
            assert len(processes) == 4
        assert gone(processes)

    def test_a_folder_has_one_suite_at_a_time(self, start: Start) -> None:
        with start("one"), pytest.raises(AlreadyRunning, match="already runs"), start("one"):
            pass

    def test_a_folder_can_be_used_again(self, start: Start) -> None:
        for _ in range(2):
            with start("one") as suite:
                assert suite["pool"].alive

    def test_a_taken_port_is_named_with_its_remedy(self, start: Start) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            with pytest.raises(LaunchError, match=f"Port {port} is in use.*CRM_PORT="), start(CRM_PORT=str(port)):
                pass

    def test_a_failed_preparation_is_told_with_its_reason(
        self, tmp_path: Path, broken_code: Path, broker: Broker, database_server: Server
    ) -> None:
        servers = {"CRM_AMQP_URL": broker.url, "CRM_DATABASE_URL": database_server.url}
        broken = Suite(tmp_path / "suite", services=("pool",), code=broken_code, environment=servers)
        with pytest.raises(LaunchError, match="no such table: customers"), broken:
            pass


class TestTwoSuites:
    def test_two_suites_run_side_by_side_beside_the_machines_own_servers(self, tmp_path: Path, code: Path) -> None:
        standard_ports = [socket.create_server(("127.0.0.1", port)) for port in _unused(4369, 5432, 5672, 8000, 25672)]
        try:
            with (
                Suite(tmp_path / "one", services=("pool",), code=code) as one,
                Suite(tmp_path / "two", services=("pool",), code=code) as two,
            ):
                assert one.broker.url != two.broker.url
                assert one.database.url != two.database.url
                assert one.gateway_url != two.gateway_url
                assert "tideline" in one.broker.ctl("status")
                assert "tideline" in two.broker.ctl("status")
        finally:
            for standing in standard_ports:
                standing.close()


def _unused(*ports: int) -> list[int]:
    """The ports that nothing on this machine listens on: the others are occupied well enough already."""
    return [port for port in ports if is_free("127.0.0.1", port)]
