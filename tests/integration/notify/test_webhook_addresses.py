"""Where a webhook is never sent: addresses that are public by their numbers alone, names that lead to two places."""

import socket
from typing import Any

import pytest

from services.notify.channels.webhooks import Answer, is_public, send


def sent_to(host: str) -> Answer:
    """What comes of an event for this host."""
    return send(
        f"http://{host}:1/",
        body=b"{}",
        webhook_id="1",
        timestamp=1,
        signing_secrets=["whsec_AAAA"],
        allowed=is_public,
    )


class TestAddresses:
    @pytest.mark.parametrize("host", ["192.0.0.192", "168.63.129.16", "100.100.100.200", "[fd00:ec2::254]"])
    def test_a_clouds_own_is_not_called(self, host: str) -> None:
        assert "ForbiddenAddress" in sent_to(host).text

    @pytest.mark.parametrize(
        "host",
        ["[::127.0.0.1]", "[::ffff:0:7f00:1]", "[fec0::1]", "[64:ff9b:1::7f00:1]", "[5f00::1]", "[::ffff:a00:1]"],
    )
    def test_one_outside_the_internets_part_of_ipv6_is_not_called(self, host: str) -> None:
        assert "ForbiddenAddress" in sent_to(host).text

    @pytest.mark.parametrize("address", ["192.0.1.1", "168.63.129.17", "2606:4700::1111", "64:ff9b::808:808"])
    def test_their_neighbours_are_let_through(self, address: str) -> None:
        assert is_public(address)


class TestNames:
    def test_one_that_leads_inside_as_well_as_outside_is_not_called(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def resolve(_host: str, port: int, **_: Any) -> list[Any]:
            kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
            return [(*kind, (address, port)) for address in ("93.184.215.14", "127.0.0.1")]

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        assert "ForbiddenAddress" in sent_to("two-faced.example").text
