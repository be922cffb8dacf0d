"""HTTP connections: taken in up to a limit; at the end each request that got this far is answered before hanging up."""

import socket
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import eventlet
from eventlet import wsgi
from eventlet.greenio import shutdown_safe
from eventlet.semaphore import Semaphore

from gateway.errors import problem_body
from gateway.protocol import URL_BYTES, Protocol, answer_bytes, linger
from servicekit.database import new_id
from servicekit.logging import get_logger

log = get_logger(__name__)

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_LAST_REQUEST_SECONDS = 1.0
"""How long a silent connection may still send a request after the stop; its answer then says that it was the last."""
_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How much of a server its clients may have."""

    connections: int
    per_address: int | None
    """Of one client address; None where all come through a proxy, which has one address for all of them."""
    idle_seconds: float
    body_seconds: float
    """How long a request's body may take to arrive."""


class _Server(wsgi.Server):  # type: ignore[misc]  # eventlet has no types
    """What eventlet's protocol asks its server for, and what ours does."""

    body_seconds: float


class HttpServer:
    """Serves one listening socket with eventlet's own protocol, and ends without breaking anybody's connection.

    eventlet's own `server` leaves the socket open and unread while busy connections finish: who connects meanwhile is
    reset at its end. It also closes connections that were taken in and have not been read from yet.
    """

    def __init__(self, listener: Any, app: Wsgi, bounds: Bounds) -> None:
        self._listener = listener
        self._wsgi = _Server(
            listener,
            listener.getsockname(),
            app,
            protocol=Protocol,
            log_output=False,
            socket_timeout=bounds.idle_seconds,
            url_length_limit=URL_BYTES,
            minimum_chunk_size=1,  # a frame of the live stream leaves at once
            debug=False,
        )
        self._wsgi.body_seconds = bounds.body_seconds
        self._bounds = bounds
        self._room = Semaphore(bounds.connections)
        self._per_address: Counter[str] = Counter()
        self._open: dict[int, list[Any]] = {}
        self._accepting: Any = None

    def start(self) -> None:
        """Begin to accept; returns at once."""
        self._accepting = eventlet.spawn(self._accept)

    def stop(self, seconds: float) -> None:
        """Take in nothing more, answer what is here, hang up; returns after so many seconds at the latest."""
        self._accepting.kill()
        self._wsgi.keepalive = False  # from now on each answer says Connection: close
        self._take_waiting()
        self._listener.close()
        with eventlet.Timeout(seconds, False):
            with eventlet.Timeout(_LAST_REQUEST_SECONDS, False):
                self._wait_empty()
            for connection in list(self._open.values()):
                if connection[2] == wsgi.STATE_IDLE:
                    shutdown_safe(connection[1])
            self._wait_empty()

    def _accept(self) -> None:
        while True:
            # Room first: a stop may end this wait, and by then nobody must have been taken in.
            self._room.acquire()
            try:
                accepted = self._listener.accept()
            except OSError as error:
                self._room.release()
                log.warning("connection not accepted", error=repr(error))
                eventlet.sleep(_PAUSE_SECONDS)
            else:
                self._serve(*accepted)

    def _take_waiting(self) -> None:
        """The kernel has taken more connections for us, which closing the socket would reset."""
        self._listener.setblocking(False)
        while self._room.acquire(blocking=False):
            try:
                accepted = self._listener.accept()
            except OSError:
                return
            self._serve(*accepted)

    def _serve(self, connection: socket.socket, address: Any) -> None:
        connection.settimeout(self._bounds.idle_seconds)
        served = [address, connection, wsgi.STATE_IDLE]
        self._open[id(served)] = served
        self._per_address[address[0]] += 1
        most = self._bounds.per_address
        converse = self._converse if most is None or self._per_address[address[0]] <= most else _turn_away
        eventlet.spawn(converse, served).link(self._leave, served)

    def _converse(self, served: list[Any]) -> None:
        try:
            self._wsgi.process_request(served)
        except OSError as error:
            log.info("connection lost", error=repr(error))

    def _leave(self, _thread: Any, served: list[Any]) -> None:
        del self._open[id(served)]
        self._per_address -= Counter([served[0][0]])  # which forgets addresses that have none left
        self._room.release()
        shutdown_safe(served[1])
        served[1].close()

    def _wait_empty(self) -> None:
        while self._open:
            eventlet.sleep(_PAUSE_SECONDS)


def _turn_away(served: list[Any]) -> None:
    detail = "This client address has too many connections open; close some."
    document = problem_body(503, "http.503", detail) | {"request_id": str(new_id())}
    log.info("connection turned away", request_id=document["request_id"])
    with suppress(OSError):
        served[1].sendall(answer_bytes(document, headers="Retry-After: 5\r\n"))
        linger(served[1])
