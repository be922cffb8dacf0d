"""Free ports for private servers, and what to say when a wanted one is taken."""

import secrets
import socket

LOOPBACK = "127.0.0.1"
# Below the kernel's range for outgoing connections, so that no client's connection sits on a port between a server's
# death and its return; clear of every port that PostgreSQL or RabbitMQ use by default.
_CANDIDATES = range(21_000, 25_000)
_handed_out: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on; this process never gets the same one twice."""
    for _ in range(10 * len(_CANDIDATES)):
        port = secrets.choice(_CANDIDATES)
        if port not in _handed_out and is_free(LOOPBACK, port):
            _handed_out.add(port)
            return port
    raise OSError(f"no free port between {_CANDIDATES.start} and {_CANDIDATES.stop - 1}")


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def reachable(host: str) -> str:
    """Where this machine reaches a server that is bound to `host`."""
    return LOOPBACK if host in ("", "0.0.0.0", "::") else host  # noqa: S104  # compared, not bound


def taken_message(variable: str, port: int) -> str:
    """What a person reads when the port they want is in use."""
    return (
        f"Port {port} is in use by another program. "
        f"Choose another one: {variable}={port + 1} make run (or stop that program)."
    )
