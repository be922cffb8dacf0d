"""The house that all tests of faults share; each leaves it whole."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.keeper import Keeper
from deploy.local.progress import Progress
from deploy.local.servers import Broker, Server
from tests.faults import firm as firms
from tests.faults.firm import Firm
from tests.faults.house import House, opened


@pytest.fixture(scope="package")
def _house(session_keeper: Keeper, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    # Straight to the terminal: pytest would keep a captured line to itself while an installation takes its minute.
    terminal = sys.__stderr__ or sys.stderr
    folder: Path = tmp_path_factory.mktemp("faults")
    with opened(folder, session_keeper, Progress(terminal)) as house:
        yield house


@pytest.fixture
def house(_house: House) -> Iterator[House]:
    """A suite with two processes each of pool, customer and gateway, whole before and after the test."""
    yield _house
    _house.mend()


@pytest.fixture(scope="package")
def firm(broker: Broker, database_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    """A suite of its own with two processes of pool, whose time moves."""
    with firms.opened(tmp_path_factory.mktemp("firm"), broker, database_server) as firm:
        yield firm
