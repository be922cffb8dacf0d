"""The customer service's database, one per test module, and the company that works with it."""

from collections.abc import Iterator

import pytest

from deploy.local.servers import Server
from servicekit.testing import migrated_database
from tests.integration.customer.office import Office, open_office


@pytest.fixture(scope="module")
def office(database_server: Server) -> Iterator[Office]:
    """A company on a database that was built by the real migration."""
    with migrated_database("customer", database_server.url) as database:
        yield open_office(database)
