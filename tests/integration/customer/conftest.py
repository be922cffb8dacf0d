"""The customer service's database, one per test module, and the company that works with it."""

from collections.abc import Iterator

import pytest

from deploy.local.servers import Server
from servicekit.files import Files
from servicekit.testing import migrated_database
from tests.integration.customer.importing import Importing
from tests.integration.customer.office import Office, open_office


@pytest.fixture(scope="module")
def office(database_server: Server) -> Iterator[Office]:
    """A company on a database that was built by the real migration."""
    with migrated_database("customer", database_server.url) as database:
        yield open_office(database)


@pytest.fixture(scope="module")
def importing(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Importing:
    """Imports into the office's database."""
    return Importing(office, Files(str(tmp_path_factory.mktemp("files"))))
