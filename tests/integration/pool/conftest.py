"""The pool service's database, one per test module, and a desk to work at."""

from collections.abc import Iterator

import pytest

from deploy.local.servers import Server
from servicekit import rpc
from servicekit.database import Database
from servicekit.rpc.line import Line
from servicekit.settings import Settings
from servicekit.testing import migrated_database
from tests.integration.pool.desk import Desk


@pytest.fixture(scope="module")
def database(database_server: Server) -> Iterator[Database]:
    """Built by the real migration, with a connection for each of the threads that some tests start."""
    with migrated_database("pool", database_server.url, database_connections=50) as migrated:
        yield migrated


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    """The operations, in a process whose broker is away: the customer service can't be asked."""
    rpc.use(Line(Settings(), "pool"), lambda: "")
    yield Desk(database)
    rpc.use(None)
