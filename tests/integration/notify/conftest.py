"""The notify service's database, one per test module, and a post office on it."""

from collections.abc import Iterator

import pytest

from deploy.local.servers import Server
from servicekit import rpc
from servicekit.database import Database
from servicekit.settings import Settings
from servicekit.testing import migrated_database
from tests.integration.notify.post import Directory, Post


@pytest.fixture(scope="module")
def database(database_server: Server) -> Iterator[Database]:
    """Built by the real migration."""
    with migrated_database("notify", database_server.url) as migrated:
        yield migrated


@pytest.fixture
def post(database: Database) -> Post:
    """The operations on it."""
    return Post(database)


@pytest.fixture
def directory() -> Iterator[Directory]:
    """Somebody to ask about people, at the other end of the line."""
    line = Directory(Settings(), "notify")
    rpc.use(line, lambda: "")
    yield line
    rpc.use(None)
