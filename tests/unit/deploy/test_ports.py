"""Ports of private servers, and the message about a taken one."""

import socket
import subprocess
import sys

import pytest

from deploy.local import ports
from deploy.local.errors import LaunchError
from deploy.local.ports import LOOPBACK, free_port, is_free, reachable, require_free


class TestFreePort:
    def test_no_port_comes_twice(self) -> None:
        ports = [free_port() for _ in range(50)]
        assert len(set(ports)) == 50

    def test_one_that_another_process_was_given_is_not_given_while_that_runs(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program = "from deploy.local.ports import free_port; print(free_port(), flush=True); input()"
        with subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other:
            assert other.stdout is not None
            port = int(other.stdout.readline())
            monkeypatch.setattr(ports, "_CANDIDATES", range(port, port + 1))
            with pytest.raises(OSError, match="no free port"):
                free_port()
            other.communicate("\n", timeout=10)
        assert free_port() == port

    def test_a_server_can_listen_there(self) -> None:
        with socket.create_server((LOOPBACK, free_port())) as server:
            assert server.getsockname()[0] == LOOPBACK


class TestIsFree:
    def test_a_port_that_someone_listens_on_is_not(self) -> None:
        with socket.create_server((LOOPBACK, free_port())) as server:
            assert not is_free(LOOPBACK, server.getsockname()[1])


class TestReachable:
    def test_a_server_on_every_address_is_reached_on_the_loopback_one(self) -> None:
        assert reachable("0.0.0.0") == LOOPBACK  # noqa: S104  # nothing is bound

    def test_any_other_address_is_its_own(self) -> None:
        assert reachable("192.0.2.7") == "192.0.2.7"


class TestRequireFree:
    def test_a_free_port_is_fine(self) -> None:
        require_free(LOOPBACK, str(free_port()))

    def test_a_taken_one_is_named_with_what_to_type(self) -> None:
        with socket.create_server((LOOPBACK, free_port())) as server:
            port = server.getsockname()[1]
            with pytest.raises(LaunchError, match=rf"Port {port} is in use.*CRM_PORT={port + 1} make run"):
                require_free(LOOPBACK, str(port))

    @pytest.mark.parametrize("port", ["", "http", "0", "-1", "65536", "８０"])
    def test_what_is_no_port_is_refused_by_the_variables_name(self, port: str) -> None:
        with pytest.raises(LaunchError, match=r"CRM_PORT: .* is not a port"):
            require_free(LOOPBACK, port)

    def test_an_address_of_another_machine_is_refused_by_the_variables_name(self) -> None:
        with pytest.raises(LaunchError, match=r"CRM_HOST, CRM_PORT: 192\.0\.2\.7:\d+ can't be listened on"):
            require_free("192.0.2.7", str(free_port()))
