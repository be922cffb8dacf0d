"""The wheel as another program installs it: all of the client, and nothing of this checkout round it."""

import subprocess
import sys
from pathlib import Path

import pytest
from uv import find_uv_bin

from deploy.docs.catalogue import ROOT

_SECONDS = 100

_PROGRAM = """
import contracts, tideline_client
from contracts.errors import Unavailable
from contracts.identity.users import GetMe
with tideline_client.Client("http://127.0.0.1:1", token="t") as client:
    try:
        client.call(GetMe(), seconds=0.1)
    except Unavailable as error:
        print(contracts.__path__[0], tideline_client.__path__[0], error.code)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the installed wheel; what it needs beside it stands in this environment already."""
    site = tmp_path_factory.mktemp("site")
    source = str(ROOT / "clients" / "python")
    install = [find_uv_bin(), "pip", "install", "--offline", "--no-build-isolation", "--no-deps", "--target", str(site)]
    subprocess.run([*install, "--python", sys.executable, source], check=True, timeout=_SECONDS, capture_output=True)
    return site


class TestWheel:
    def test_a_program_elsewhere_calls_by_it(self, site: Path, tmp_path: Path) -> None:
        program = [sys.executable, "-c", _PROGRAM]
        ran = subprocess.run(
            program, cwd=tmp_path, env={"PYTHONPATH": str(site)}, capture_output=True, text=True, timeout=_SECONDS
        )
        assert ran.stdout.split() == [str(site / "contracts"), str(site / "tideline_client"), "gateway.unreachable"]

    def test_it_says_to_type_checkers_that_it_is_typed(self, site: Path) -> None:
        assert all((site / name / "py.typed").exists() for name in ("contracts", "tideline_client"))
