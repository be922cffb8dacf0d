"""Ports of private servers, and the message about a taken one."""

import socket

from deploy.local.ports import LOOPBACK, free_port, is_free, reachable, taken_message


class TestFreePort:
    def test_no_port_comes_twice(self) -> None:
        ports = [free_port() for _ in range(50)]
        assert len(set(ports)) == 50

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


class TestTakenMessage:
    def test_it_names_the_port_and_what_to_type(self) -> None:
        message = taken_message("CRM_PORT", 8000)
        assert "Port 8000 is in use" in message
        assert "CRM_PORT=8001 make run" in message
