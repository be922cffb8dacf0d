"""What every test may ask for: a real broker and a real database server, the session's own, started where needed."""

import os
import sys
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from deploy.local import provision
from deploy.local.keeper import Keeper
from deploy.local.ports import free_port
from deploy.local.progress import Progress
from deploy.local.servers import Broker, Place, Server
from tests.containers import ContainedPostgres, ContainedRabbit

__all__ = ["free_port"]


_KEEPER = pytest.StashKey[Keeper]()
_BROKER = pytest.StashKey[Future[Broker]]()
_DATABASE = pytest.StashKey[Future[Server]]()


_STAGES = ("contract", "unit", "integration", "e2e", "faults")
"""The folders by how much must be running."""
_SHARING = ("e2e", "faults")
"""The folders whose tests share one suite, those of their subfolders too."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs least comes first; among workers last, for it fills the time until the longest work is done."""

    def stage(item: pytest.Item) -> int:
        folder = item.path.relative_to(config.rootpath).parts[1]
        return _STAGES.index(folder)

    items.sort(key=stage, reverse=hasattr(config, "workerinput"))


class _ByFolder(LoadScopeScheduling):
    """Gives all tests of a folder to one worker: they share fixtures, some of which have fixed names on the broker."""

    def _split_scope(self, nodeid: str) -> str:
        _, stage, *folders = nodeid.partition("::")[0].split("/")[:-1]
        return stage if stage in _SHARING else "/".join([stage, *folders])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _ByFolder:
    """How tests are dealt out where there are several workers; of xdist's own ways none knows of folders."""
    return _ByFolder(config, log)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start, side by side, what the collected tests ask for: an installation must not run on the first test's time."""
    wanted = {name for item in session.items for name in getattr(item, "fixturenames", ())}
    if session.config.option.collectonly or wanted.isdisjoint({"session_keeper", "broker", "database_server"}):
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tideline-tests-")))
        keeper = session.stash[_KEEPER] = stack.enter_context(Keeper(folder))
        with ThreadPoolExecutor() as pool:
            if "broker" in wanted:
                session.stash[_BROKER] = pool.submit(_start_broker, keeper, stack)
            if "database_server" in wanted:
                session.stash[_DATABASE] = pool.submit(_start_database, keeper, stack)
        session.config.add_cleanup(stack.pop_all().close)


@pytest.fixture(scope="session")
def session_keeper(request: pytest.FixtureRequest) -> Keeper:
    """Ends the session's processes with the session, even when pytest is killed."""
    return request.session.stash[_KEEPER]


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest) -> Broker:
    """A RabbitMQ node: `.url`, `.ctl(...)`, `.kill()` and `.start()`. A test that kills it starts it again."""
    return request.session.stash[_BROKER].result()


@pytest.fixture(scope="session")
def database_server(request: pytest.FixtureRequest) -> Server:
    """A PostgreSQL server without a database of ours: `.url`, `.kill()` and `.start()`."""
    return request.session.stash[_DATABASE].result()


def _start_broker(keeper: Keeper, stack: ExitStack) -> Broker:
    broker = provision.broker(
        _place("rabbitmq", keeper),
        given=os.environ.get("CRM_AMQP_URL"),
        given_api=os.environ.get("CRM_RABBITMQ_API_URL", ""),
        contained=lambda _: ContainedRabbit(),
    )
    stack.callback(broker.stop)
    broker.start()
    return broker


def _start_database(keeper: Keeper, stack: ExitStack) -> Server:
    database = provision.database(
        _place("postgres", keeper), given=os.environ.get("CRM_DATABASE_URL"), contained=lambda _: ContainedPostgres()
    )
    stack.callback(database.stop)
    database.start()
    return database


def _place(name: str, keeper: Keeper) -> Place:
    # Straight to the terminal: pytest would keep a captured line to itself while an installation takes its minute.
    terminal = sys.__stderr__ or sys.stderr
    return Place(keeper.folder / name, keeper.folder / "logs", keeper, Progress(terminal))
