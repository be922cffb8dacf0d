"""One whole suite with the sample company, for all end-to-end tests; it ends with the last of them."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from deploy.local.errors import LaunchError
from deploy.local.record import write_record
from deploy.local.servers import Broker, Server
from deploy.local.suite import Suite
from servicekit.clock import Clock
from servicekit.database import new_id
from tests.e2e.company import Company
from tests.e2e.crm import Crm

_HERE = Path(__file__).parent
_START_SECONDS = 600
"""The first test of a session waits for the suite's start and the import of the sample."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Any of these tests may be the first one; those that count the sample come before all that add to it."""
    ours = [item for item in items if item.path.is_relative_to(_HERE)]
    for item in ours:
        item.add_marker(pytest.mark.timeout(_START_SECONDS))
    if ours:
        begin = items.index(ours[0])
        ours.sort(key=lambda item: item.path.name != "test_sample.py")
        items[begin : begin + len(ours)] = ours


@pytest.fixture(scope="package")
def suite(broker: Broker, database_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    """One process of each kind on the session's servers; `crm` finds it, its clock can be moved, the sample is in."""
    environment = {
        "CRM_AMQP_URL": _own_host(broker),
        "CRM_DATABASE_URL": f"{database_server.url}/e2e_{new_id().hex}",
        "CRM_TEST_CLOCK": "1",
        "CRM_IDENTITY_TOKEN_SECONDS": "86400",
        "CRM_NOTIFY_WEBHOOK_PRIVATE_ADDRESSES": "1",
        "CRM_REQUESTS_PER_MINUTE": "1000000",
    }
    with Suite(tmp_path_factory.mktemp("e2e"), environment=environment) as suite:
        write_record(suite)
        loader = suite.command("deploy.sample")
        loader.start()
        loader.finish(limit=_START_SECONDS)
        yield suite


@pytest.fixture(scope="package")
def company(suite: Suite) -> Iterator[Company]:
    """The people who work with the suite."""
    company = Company(suite)
    with company.admin, company.stranger:
        yield company


@pytest.fixture(scope="package")
def crm(suite: Suite) -> Crm:
    """The `crm` command over this suite."""
    return Crm(suite.folder)


@pytest.fixture(scope="package")
def clock(suite: Suite) -> Clock:
    """The suite's time."""
    clock = Clock()
    clock.share(suite.folder / "clock")
    return clock


def _own_host(broker: Broker) -> str:
    """The session's broker with a virtual host of this suite's own; a broker that was given is used as it was given."""
    parts = urlsplit(broker.url)
    try:
        broker.ctl("add_vhost", "e2e")
        broker.ctl("set_permissions", "-p", "e2e", parts.username or "", ".*", ".*", ".*")
    except LaunchError:
        return broker.url
    return urlunsplit(parts._replace(path="/e2e"))
