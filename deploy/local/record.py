"""`.data/suite.json`: what the command line tool needs to know about the running suite."""

import json
import os
from pathlib import Path

from deploy.local.suite import COMMAND_LINE, Suite


def write_record(suite: Suite) -> Path:
    """Write or renew the file; it holds passwords, so it is its owner's alone."""
    path = suite.folder / "suite.json"
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(_description(suite), file, indent=1)
    fresh.rename(path)
    return path


def _description(suite: Suite) -> dict[str, object]:
    return {
        "gateway_url": suite.gateway_url,
        "amqp_url": suite.broker.url,
        "database_url": suite.database.url,
        "launcher_pid": os.getpid(),
        "processes": {
            name: {"pid": process.pid, "telemetry_url": suite.telemetry_url(name)}
            for name, process in suite.processes.items()
        },
        "env": suite.settings_of(COMMAND_LINE),
    }
