"""HTTP connections: taken in up to a limit; at the end each request that got this far is answered before hanging up."""

import socket
from collections.abc import Callable, Iterable
from typing import Any

import eventlet
from eventlet import wsgi
from eventlet.greenio import shutdown_safe
from eventlet.semaphore import Semaphore

from servicekit.logging import get_logger

log = get_logger(__name__)

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_URL_BYTES = 8_192
_LAST_REQUEST_SECONDS = 1.0
"""How long a silent connection may still send a request after the stop; its answer then says that it was the last."""
_PAUSE_SECONDS = 0.02


class HttpServer:
    """Serves one listening socket with eventlet's own protocol, and ends without breaking anybody's connection.

    eventlet's own `server` leaves the socket open and unread while busy connections finish: who connects meanwhile is
    reset at its end. It also closes connections that were taken in and have not been read from yet.
    """

    def __init__(self, listener: Any, app: Wsgi, *, connections: int, idle_seconds: float) -> None:
        self._listener = listener
        self._wsgi = wsgi.Server(
            listener,
            listener.getsockname(),
            app,
            log_output=False,
            socket_timeout=idle_seconds,
            url_length_limit=_URL_BYTES,
            minimum_chunk_size=1,  # a frame of the live stream leaves at once
            debug=False,
        )
        self._idle_seconds = idle_seconds
        self._room = Semaphore(connections)
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
        connection.settimeout(self._idle_seconds)
        served = [address, connection, wsgi.STATE_IDLE]
        self._open[id(served)] = served
        eventlet.spawn(self._wsgi.process_request, served).link(self._leave, served)

    def _leave(self, _thread: Any, served: list[Any]) -> None:
        del self._open[id(served)]
        self._room.release()
        shutdown_safe(served[1])
        served[1].close()

    def _wait_empty(self) -> None:
        while self._open:
            eventlet.sleep(_PAUSE_SECONDS)
