"""What every test may ask for: a real broker and a real database server, the session's own, started when needed."""

import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.local import provision
from deploy.local.keeper import Keeper
from deploy.local.ports import free_port
from deploy.local.progress import Progress
from deploy.local.servers import Broker, Place, Server
from tests.containers import ContainedPostgres, ContainedRabbit

__all__ = ["free_port"]


@pytest.fixture(scope="session")
def session_keeper() -> Iterator[Keeper]:
    """Ends the session's servers with the session, even when pytest is killed."""
    with tempfile.TemporaryDirectory(prefix="tideline-tests-") as folder, Keeper(Path(folder)) as keeper:
        yield keeper


@pytest.fixture(scope="session")
def _starting(request: pytest.FixtureRequest, session_keeper: Keeper) -> Iterator[dict[str, Future[Server]]]:
    """Both servers on their way, side by side; one that no collected test asks for is left out."""
    wanted = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    starters = {"broker": _start_broker, "database_server": _start_database}
    with ThreadPoolExecutor() as pool:
        starting = {name: pool.submit(start, session_keeper) for name, start in starters.items() if name in wanted}
        yield starting
    for started in starting.values():
        if not started.exception():
            started.result().stop()


@pytest.fixture(scope="session")
def broker(_starting: dict[str, Future[Broker]]) -> Broker:
    """A RabbitMQ node: `.url`, `.ctl(...)`, `.kill()` and `.start()`. A test that kills it starts it again."""
    return _starting["broker"].result()


@pytest.fixture(scope="session")
def database_server(_starting: dict[str, Future[Server]]) -> Server:
    """A PostgreSQL server without a database of ours: `.url`, `.kill()` and `.start()`."""
    return _starting["database_server"].result()


def _start_broker(keeper: Keeper) -> Server:
    broker = provision.broker(
        _place("rabbitmq", keeper),
        given=os.environ.get("CRM_AMQP_URL"),
        given_api=os.environ.get("CRM_RABBITMQ_API_URL", ""),
        contained=lambda _: ContainedRabbit(),
    )
    broker.start()
    return broker


def _start_database(keeper: Keeper) -> Server:
    database = provision.database(
        _place("postgres", keeper), given=os.environ.get("CRM_DATABASE_URL"), contained=lambda _: ContainedPostgres()
    )
    database.start()
    return database


def _place(name: str, keeper: Keeper) -> Place:
    # Straight to the terminal: pytest would keep a captured line to itself while an installation takes its minute.
    terminal = sys.__stderr__ or sys.stderr
    return Place(keeper.folder / name, keeper.folder / "logs", keeper, Progress(terminal))
