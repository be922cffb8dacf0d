"""Tokens of people and programs, as every process reads them."""

from pathlib import Path
from uuid import UUID

import pytest

from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.keys import TRUSTED, make_keys
from servicekit.tokens import Signer, Verifier, packed

HEADERS_BYTES = 65_536
"""What the gateway takes of a request's headers."""
CLAIMS = {"sub": str(UUID(int=1)), "name": "Ada", "role": "manager"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The identity service's key, and the list of trusted ones."""
    folder = tmp_path_factory.mktemp("keys")
    make_keys(folder, ["identity"])
    return folder


def token_with(keys: Path, **claims: object) -> str:
    return Signer(keys / "identity.pem").sign(CLAIMS | claims, seconds=60)


def caller_with(keys: Path, **claims: object) -> Caller:
    return Verifier(keys / TRUSTED).verify(token_with(keys, **claims))


class TestDepartments:
    def test_a_manager_of_all_two_thousand_fits_into_a_requests_headers(self, keys: Path) -> None:
        departments = tuple(new_id() for _ in range(2_000))
        assert len(token_with(keys, departments=packed(departments))) < HEADERS_BYTES - 4_096
        assert caller_with(keys, departments=packed(departments)).departments == departments

    def test_none_are_none(self, keys: Path) -> None:
        assert caller_with(keys, departments=packed([])).departments == ()

    def test_the_list_of_the_former_release_is_still_read(self, keys: Path) -> None:
        departments = (new_id(), new_id())
        assert caller_with(keys, departments=[str(each) for each in departments]).departments == departments


class TestPrograms:
    def test_an_api_key_is_no_user(self, keys: Path) -> None:
        program = caller_with(keys, role="integration", scopes=["customer:read"])
        assert program.kind == "integration"
        assert program.scopes == {"customer:read"}

    def test_events_name_it_as_one_who_acts_for_people(self, keys: Path) -> None:
        actor = caller_with(keys, role="integration").actor
        assert (actor.kind, actor.id, actor.name) == ("user", CLAIMS["sub"], "Ada")
