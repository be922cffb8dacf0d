"""Whose address a request comes from, which only proxies that are trusted may say."""

from pathlib import Path

import pytest

from gateway.app import create_app
from gateway.auth import Callers
from gateway.settings import GatewaySettings
from gateway.stream import Streams
from servicekit.tokens import Verifier


def statuses(settings: GatewaySettings, forwarded: list[str]) -> list[int]:
    """How requests are answered that a client sends with these in X-Forwarded-For, one after the other."""
    callers = Callers(Verifier(Path("trusted.json")))
    client = create_app(settings, callers, Streams(callers)).test_client()
    return [client.get("/v1/nowhere", headers={"X-Forwarded-For": each}).status_code for each in forwarded]


class TestClientAddress:
    def test_by_default_nobody_is_believed(self) -> None:
        settings = GatewaySettings(requests_per_minute=2)
        assert statuses(settings, ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) == [404, 404, 429]

    def test_a_trusted_proxy_is_believed(self) -> None:
        settings = GatewaySettings(requests_per_minute=2, trusted_proxies=1)
        assert statuses(settings, ["192.0.2.1", "192.0.2.2", "192.0.2.3"]) == [404, 404, 404]

    @pytest.mark.parametrize("claimed", ["198.51.100.1, 192.0.2.1", "198.51.100.2, 192.0.2.1"])
    def test_what_a_client_claims_before_its_proxy_is_not(self, claimed: str) -> None:
        settings = GatewaySettings(requests_per_minute=2, trusted_proxies=1)
        assert statuses(settings, ["192.0.2.1", "192.0.2.1", claimed]) == [404, 404, 429]
