"""The opportunity service's database, one per test module, and a desk to work at."""

from collections.abc import Iterator

import pytest

from deploy.local.servers import Server
from servicekit import rpc
from servicekit.database import Database
from servicekit.rpc.line import Line
from servicekit.settings import Settings
from servicekit.testing import migrated_database
from tests.integration.opportunity.desk import Desk
from tests.integration.opportunity.peers import Peers


@pytest.fixture(scope="module")
def database(database_server: Server) -> Iterator[Database]:
    """Built by the real migration."""
    with migrated_database("opportunity", database_server.url) as migrated:
        yield migrated


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    """A service that has heard of nothing yet, in a process whose broker is away: others can't be asked."""
    rpc.use(Line(Settings(), "opportunity"), lambda: "")
    desk = Desk(database)
    yield desk
    desk.clear()
    rpc.use(None)


@pytest.fixture
def peers(desk: Desk) -> Peers:  # noqa: ARG001  the desk hangs up in the end
    """The customer and identity services, who answer from here on."""
    peers = Peers(Settings(), "opportunity")
    rpc.use(peers, lambda: "the service itself")
    return peers
