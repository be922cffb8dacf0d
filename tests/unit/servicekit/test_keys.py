"""The keys that processes sign with: made, changed without a token refused, and dropped."""

import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import jwt
import pytest

from contracts.errors import NotPermitted
from servicekit.keys import TRUSTED, drop_old, make_keys, rotate
from servicekit.testing import refused
from servicekit.tokens import Signer, Verifier

CLAIMS = {"sub": str(UUID(int=1)), "name": "Ada", "role": "rep"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Keys of two processes."""
    make_keys(tmp_path, ["identity", "pool"])
    return tmp_path


def token_of(signer: Signer) -> str:
    return signer.sign(CLAIMS, seconds=60)


def kid(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


class TestMakeKeys:
    def test_what_is_there_stays_and_only_its_owner_can_read_it(self, folder: Path) -> None:
        before = {file.name: file.read_bytes() for file in folder.iterdir()}
        make_keys(folder, ["identity", "pool", "notify"])
        assert before.keys() - {TRUSTED} == {"identity.pem", "pool.pem"}
        assert all((folder / name).read_bytes() == content for name, content in before.items() if name != TRUSTED)
        assert all(file.stat().st_mode & 0o077 == 0 for file in folder.glob("*.pem"))

    def test_a_process_whose_key_was_taken_away_is_no_longer_trusted(self, folder: Path) -> None:
        token = Signer(folder / "pool.pem").system_token()
        (folder / "pool.pem").unlink()
        make_keys(folder, ["identity"])
        with refused(NotPermitted, "auth.invalid_token"):
            Verifier(folder / TRUSTED).verify(token)

    def test_made_again_in_the_middle_of_a_change_both_keys_stay_trusted(self, folder: Path) -> None:
        old = token_of(Signer(folder / "identity.pem"))
        rotate(folder, "identity")
        make_keys(folder, ["identity", "pool"])
        verifier = Verifier(folder / TRUSTED)
        assert verifier.verify(old) == verifier.verify(token_of(Signer(folder / "identity.pem")))


class TestChangingAKey:
    def test_old_tokens_stay_good_until_the_old_key_is_dropped_and_new_ones_bear_the_new_key(
        self, folder: Path
    ) -> None:
        verifier, running = Verifier(folder / TRUSTED), Signer(folder / "identity.pem")
        old = token_of(running)
        verifier.verify(old)
        rotate(folder, "identity")
        assert kid(token_of(running)) == kid(old)  # until it is started again
        new = token_of(Signer(folder / "identity.pem"))
        assert kid(new) != kid(old)
        assert verifier.verify(old) == verifier.verify(new)
        drop_old(folder, "identity")
        assert self.is_refused_within_seconds(verifier, old)
        assert verifier.verify(new).id == CLAIMS["sub"]

    def test_the_keys_of_others_are_left_alone(self, folder: Path) -> None:
        pools = Signer(folder / "pool.pem").system_token()
        rotate(folder, "identity")
        drop_old(folder, "identity")
        assert Verifier(folder / TRUSTED).verify(pools).id == "pool"

    def test_a_process_without_a_key_has_none_to_change(self, folder: Path) -> None:
        command = [sys.executable, "-m", "servicekit.keys", str(folder), "--rotate", "nobody"]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert ended.returncode == 1
        assert "nobody.pem" in ended.stderr
        assert "Traceback" not in ended.stderr

    @staticmethod
    def is_refused_within_seconds(verifier: Verifier, token: str) -> bool:
        """A process that has checked this very token before looks at the file again by itself."""
        until = time.monotonic() + 5
        while time.monotonic() < until:
            try:
                verifier.verify(token)
            except NotPermitted as error:
                return error.code == "auth.invalid_token"
        return False
