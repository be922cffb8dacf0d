"""Free ports for private servers, and what to say when a wanted one can't be had."""

import errno
import fcntl
import os
import secrets
import socket
import tempfile
from functools import cache
from pathlib import Path

from deploy.local.errors import LaunchError

LOOPBACK = "127.0.0.1"
_PORTS = 65_536
# Below the kernel's range for outgoing connections, so that no client's connection sits on a port between a server's
# death and its return; clear of every port that PostgreSQL or RabbitMQ use by default.
_CANDIDATES = range(21_000, 25_000)
_handed_out: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on; no process gets one that another has got and may yet listen on."""
    for _ in range(10 * len(_CANDIDATES)):
        port = secrets.choice(_CANDIDATES)
        if port not in _handed_out and is_free(LOOPBACK, port) and _claim(port):
            _handed_out.add(port)
            return port
    raise OSError(f"no free port between {_CANDIDATES.start} and {_CANDIDATES.stop - 1}")


def _claim(port: int) -> bool:
    """Whether no other process of this user has it; the kernel ends a claim with its process."""
    try:
        fcntl.lockf(_claims(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except (BlockingIOError, PermissionError):  # either, as systems like it
        return False
    return True


@cache
def _claims() -> int:
    """An open file with a byte to lock for each port. It stays open: closing it anywhere would end all claims."""
    path = Path(tempfile.gettempdir(), f"tideline-ports-{os.getuid()}")
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def is_free(host: str, port: int) -> bool:
    """Whether nobody listens there; OSError where nobody could."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def reachable(host: str) -> str:
    """Where this machine reaches a server that is bound to `host`."""
    return LOOPBACK if host in ("", "0.0.0.0", "::") else host  # noqa: S104  # compared, not bound


def require_free(host: str, port: str) -> None:
    """Fail with the remedy unless the gateway can listen on CRM_HOST and CRM_PORT."""
    if not (port.isascii() and port.isdigit() and 0 < int(port) < _PORTS):
        raise LaunchError(f"CRM_PORT: {port!r} is not a port. Choose a number from 1 to {_PORTS - 1}.")
    try:
        free = is_free(host, int(port))
    except OSError as error:
        raise LaunchError(f"CRM_HOST, CRM_PORT: {host}:{port} can't be listened on: {error.strerror}.") from None
    if not free:
        raise LaunchError(
            f"Port {port} is in use by another program. Stop that program, or choose another port: "
            f"CRM_PORT={int(port) + 1} make run"
        )
