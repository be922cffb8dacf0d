"""Each process tells how it is over HTTP: /healthz (alive), /readyz (can work), /metrics (Prometheus)."""

import json
import socket
from collections.abc import Callable, Iterable
from typing import Any

import eventlet
import eventlet.wsgi
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from servicekit.logging import get_logger

log = get_logger(__name__)

Checks = dict[str, Callable[[], bool]]


class Telemetry:
    """A small HTTP server beside the work; `checks` name what must be true for the process to be ready."""

    def __init__(self, host: str, port: int, checks: Checks) -> None:
        self._checks = checks
        self._socket = eventlet.listen((host, port), family=socket.AF_INET)
        self.port: int = self._socket.getsockname()[1]
        self._server = eventlet.spawn(
            eventlet.wsgi.server, self._socket, self._answer, log_output=False, max_size=16, socket_timeout=10
        )

    def stop(self) -> None:
        """Close the port."""
        self._server.kill()
        self._socket.close()

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
            return [generate_latest()]
        if path == "/healthz":
            return _json(start_response, "200 OK", {"status": "alive"})
        if path == "/readyz":
            states = {name: check() for name, check in self._checks.items()}
            ready = all(states.values())
            return _json(start_response, "200 OK" if ready else "503 Service Unavailable", states)
        return _json(start_response, "404 Not Found", {"paths": ["/healthz", "/readyz", "/metrics"]})


def _json(start_response: Callable[..., Any], status: str, body: dict[str, Any]) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]
