"""The `crm` command as somebody at the machine runs it."""

import os
import subprocess
from pathlib import Path

from deploy.local.suite import PROJECT

_SECONDS = 90.0


class Crm:
    """The command over the suite whose data lies in this folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, *arguments: str) -> str:
        """What it prints when it succeeds."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """How it ends and all that it prints, on a terminal of ordinary width."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
        return subprocess.run(
            [str(PROJECT / "crm"), *arguments],
            env=own | {"CRM_DATA_DIR": str(self._folder), "COLUMNS": "80"},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
