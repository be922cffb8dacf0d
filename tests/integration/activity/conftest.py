"""The activity service's database, one per test module, and the desk at which its tests sit."""

from collections.abc import Iterator

import pytest

from deploy.local.servers import Server
from servicekit.database import Database
from servicekit.testing import migrated_database
from tests.integration.activity.desk import Desk


@pytest.fixture(scope="module")
def database(database_server: Server) -> Iterator[Database]:
    """Built by the real migration."""
    with migrated_database("activity", database_server.url) as migrated:
        yield migrated


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    """A service that has heard of nothing yet."""
    desk = Desk(database)
    yield desk
    desk.clear()
