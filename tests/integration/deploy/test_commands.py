"""`make` and `./crm` in a fresh checkout, where nothing is made yet."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.local.suite import PROJECT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The files that a first command meets."""
    for name in ("Makefile", "crm", "pyproject.toml"):
        shutil.copy(PROJECT / name, tmp_path / name)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").touch()
    return tmp_path


def say(checkout: Path, *command: str) -> tuple[int, str]:
    """Exit code and words of a command given in the checkout."""
    # A make that runs these tests must not pass its own options on.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


class TestMake:
    def test_alone_it_lists_what_can_be_done(self, checkout: Path) -> None:
        code, words = say(checkout, "make")
        assert code == 0
        for target in ("run", "test", "lint", "format", "bench", "faults", "lock", "docs", "clean"):
            assert f"make {target} " in words

    def test_without_a_python_it_says_how_to_name_one(self, checkout: Path) -> None:
        code, words = say(checkout, "make", "test", "PY=no-such-python")
        assert code != 0
        assert "There is no no-such-python. Install Python 3.11 or newer" in words

    def test_an_old_python_is_refused_by_its_version(self, checkout: Path) -> None:
        old = checkout / "old-python"
        old.write_text('#!/bin/sh\nif [ "$1" = -V ]; then echo "Python 3.9.2"; else exit 1; fi\n')
        old.chmod(0o755)
        code, words = say(checkout, "make", "run", f"PY={old}")
        assert code != 0
        assert "Python 3.9.2 is too old: Tideline needs 3.11 or newer" in words


class TestCrm:
    def test_without_an_environment_it_says_how_to_make_one(self, checkout: Path) -> None:
        code, words = say(checkout, "./crm", "status")
        assert code == 1
        assert "make run" in words
