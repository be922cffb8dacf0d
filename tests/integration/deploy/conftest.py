"""A small stand-in for the project's code, so that tests of the launcher start and end processes in milliseconds."""

from pathlib import Path

import pytest

from deploy.local.suite import PROJECT

_HOSTED = """
import os, signal, subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer

class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"items": [{"id": "0192"}]}')

subprocess.Popen(["sleep", "600"])  # a grandchild, to be swept away with its parent
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
ports = {"CRM_TELEMETRY_PORT"} if sys.argv[1:] else {"CRM_TELEMETRY_PORT", "CRM_PORT"}  # the gateway has both
for port in ports:
    server = HTTPServer(("127.0.0.1", int(os.environ[port])), Ready)
    threading.Thread(target=server.serve_forever).start()
"""
_SAMPLE = """
import os, pathlib
pathlib.Path(os.environ["CRM_DATA_DIR"], "admin-password").write_text("sesame")
print("85 accounts loaded into", os.environ["CRM_URL"])
"""
_BROKEN = "raise SystemExit('no such table: customers')"


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A folder with the launcher itself and the modules that it starts."""
    modules = {
        "servicekit/keys": "",
        "servicekit/prepare": "",
        "servicekit/run": _HOSTED,
        "gateway/run": _HOSTED,
        "deploy/__init__": "",
        "deploy/sample": _SAMPLE,
        "deploy/cli": "print('a-token')",
    }
    folder = _written(tmp_path / "code", modules)
    (folder / "deploy" / "local").symlink_to(PROJECT / "deploy" / "local")
    return folder


@pytest.fixture
def broken_code(tmp_path: Path) -> Path:
    """Modules whose databases can't be prepared."""
    return _written(tmp_path / "broken", {"servicekit/keys": "", "servicekit/prepare": _BROKEN})


def _written(folder: Path, modules: dict[str, str]) -> Path:
    for name, text in modules.items():
        file = folder / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder
