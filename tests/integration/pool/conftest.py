"""The pool service's database, one per test module, and a desk to work at."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.servers import Server
from servicekit import clock, rpc
from servicekit.database import Database
from servicekit.rpc.line import Line
from servicekit.settings import Settings
from servicekit.testing import migrated_database
from tests.integration.pool.desk import Desk
from tests.integration.pool.reclaiming import Season
from tests.integration.pool.world import World


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


@pytest.fixture
def season(database: Database, tmp_path: Path) -> Iterator[Season]:
    """From a Monday in 2030 on, by a clock of its own, in a pool service without rules; what is there already rests."""
    clock.share(tmp_path / "clock")
    world = World()
    rpc.use(world, lambda: "")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM rule_sets")
        connection.exec_driver_sql("UPDATE holdings SET resting = true")
    yield Season(database, world)
    rpc.use(None)
    clock.share(tmp_path / "unmoved")
