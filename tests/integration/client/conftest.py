"""A client, and the gateway that it has to get along with."""

from collections.abc import Iterator

import pytest

from tests.integration.client import gateway as bad
from tests.integration.client.gateway import BadGateway
from tideline_client import Client


@pytest.fixture
def gateway() -> Iterator[BadGateway]:
    """A gateway that does what the test tells it."""
    with bad.running() as gateway:
        yield gateway


@pytest.fixture
def client(gateway: BadGateway) -> Iterator[Client]:
    """A program with an API key."""
    with Client(gateway.url, api_key="tl_key") as client:
        yield client
