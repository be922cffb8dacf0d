"""Short commands that are run to their end, with their words captured."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.errors import LaunchError


def run(
    command: Sequence[str], *, limit: float, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """The finished command, whatever its exit code; one that outstays its limit is a failure."""
    try:
        return subprocess.run(
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LaunchError(f"{' '.join(command[:3])} ... took longer than {limit:.0f} s.") from None
