"""The identity service's database, one per test module, and what its operations need."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.values import Role
from deploy.local.servers import Server
from servicekit.context import Caller
from servicekit.database import Database
from servicekit.keys import TRUSTED, make_keys
from servicekit.testing import migrated_database, process_named, user_of
from servicekit.tokens import Signer, Verifier
from services.identity.issuer import Issuer


def pytest_make_parametrize_id(val: object) -> str | None:
    """A caller by role or name: their id is another in each process, and all workers must call a test the same."""
    return str(val.role or val.name) if isinstance(val, Caller) else None


@pytest.fixture(scope="module")
def database(database_server: Server) -> Iterator[Database]:
    """Built by the real migration."""
    with migrated_database("identity", database_server.url) as migrated:
        yield migrated


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the identity service's own key and the list of trusted ones."""
    folder = tmp_path_factory.mktemp("keys")
    make_keys(folder, ["identity"])
    return folder


@pytest.fixture(scope="session")
def signer(keys: Path) -> Signer:
    """The identity service's own key."""
    return Signer(keys / "identity.pem")


@pytest.fixture(scope="session")
def issuer(signer: Signer) -> Issuer:
    """Tokens as the service makes them."""
    return Issuer(signer, seconds=900, refresh_days=30)


@pytest.fixture(scope="session")
def verifier(keys: Path) -> Verifier:
    """Tokens as every other process reads them."""
    return Verifier(keys / TRUSTED)


@pytest.fixture
def admin() -> Caller:
    """An administrator who is signed in."""
    return user_of(Role.ADMIN)


@pytest.fixture
def cli() -> Caller:
    """The command line on the suite's own machine."""
    return process_named("cli")
