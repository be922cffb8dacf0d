"""A small stand-in for the project's code, so that tests of the launcher start and end processes in milliseconds."""

from pathlib import Path

import pytest

_HOSTED = """
import os, signal, subprocess, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

subprocess.Popen(["sleep", "600"])  # a grandchild, to be swept away with its parent
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
HTTPServer(("127.0.0.1", int(os.environ["CRM_TELEMETRY_PORT"])), Ready).serve_forever()
"""
_BROKEN = "raise SystemExit('no such table: customers')"


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A folder with the modules that the launcher starts."""
    modules = {"servicekit/keys": "", "servicekit/prepare": "", "servicekit/run": _HOSTED, "gateway/run": _HOSTED}
    return _written(tmp_path / "code", modules)


@pytest.fixture
def broken_code(tmp_path: Path) -> Path:
    """The same, with databases that can't be prepared."""
    return _written(tmp_path / "broken", {"servicekit/keys": "", "servicekit/prepare": _BROKEN})


def _written(folder: Path, modules: dict[str, str]) -> Path:
    for name, text in modules.items():
        file = folder / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder
