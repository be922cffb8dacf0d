"""The command's own line to the running suite: as the system caller `cli`, with its own key."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from servicekit import context, logging, rpc
from servicekit.rpc.line import Line
from servicekit.settings import Settings, load
from servicekit.tokens import Signer

_OPEN_SECONDS = 5.0


class NotRunning(Exception):
    """There is no suite to talk to."""


def data_folder() -> Path:
    """Where the suite of this checkout keeps its data."""
    return Path(os.environ.get("CRM_DATA_DIR", Path(__file__).parents[2] / ".data"))


def record() -> dict[str, Any]:
    """What the launcher wrote down of the running suite. NotRunning when there is none."""
    try:
        written: dict[str, Any] = json.loads((data_folder() / "suite.json").read_text())
    except FileNotFoundError:
        raise NotRunning("No suite runs here. Start one with: make run") from None
    return written


def adopt_environment() -> None:
    """Take the running suite's settings, unless the environment brings its own."""
    if "CRM_AMQP_URL" in os.environ and "CRM_SIGNING_KEY_FILE" in os.environ:
        return
    for name, value in record()["env"].items():
        os.environ.setdefault(name, value)


@contextmanager
def connected() -> Iterator[Settings]:
    """RPC calls work in the block, as the system caller `cli`."""
    adopt_environment()
    settings = load(Settings)
    if settings.signing_key_file is None:
        raise NotRunning("CRM_SIGNING_KEY_FILE: name the file with the command's own key (cli.pem).")
    logging.configure("cli", "WARNING")
    signer = Signer(settings.signing_key_file)
    line = Line(settings, "cli")
    line.start()
    try:
        if not line.wait_open(_OPEN_SECONDS):
            raise NotRunning("The suite's broker does not answer.")
        rpc.use(line, signer.system_token)
        with context.working(context.Work(token=signer.system_token(), request_id=f"cli-{os.getpid()}")):
            yield settings
    finally:
        rpc.use(None)
        line.close()
