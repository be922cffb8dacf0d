"""One broker connection that is kept up: a green thread reads it, another watches its heartbeat, a loss is mended.

Whoever uses a Link says in `on_open` what to declare and consume; that runs again on each new connection, before
anything is read. After that only calls that don't wait for the broker's answer may be made from other green threads
(publish, ack, cancel with nowait): py-amqp lets one thread at a time wait for frames.
"""

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import amqp
import eventlet
from eventlet.event import Event
from kombu import Connection

from servicekit.logging import get_logger

log = get_logger(__name__)

HEARTBEAT_SECONDS = 20
CONNECT_SECONDS = 5
_BACK_OFF_SECONDS = (0.1, 0.5, 1, 2, 5)
LOST = (*amqp.Connection.connection_errors, *amqp.Connection.channel_errors, AttributeError)
"""What py-amqp raises when a connection or channel is gone (AttributeError: it was torn down under us)."""


def connect(url: str, **options: Any) -> amqp.Connection:
    """An open connection with limits on connecting; `options` are py-amqp's."""
    with eventlet.Timeout(CONNECT_SECONDS * 2, TimeoutError("the broker did not answer")):
        connection: amqp.Connection = Connection(
            url, heartbeat=HEARTBEAT_SECONDS, connect_timeout=CONNECT_SECONDS, transport_options=options
        ).connect()
    return connection


def abandon(connection: amqp.Connection | None) -> None:
    """Close the socket without asking the broker, who may not listen; never waits."""
    transport = getattr(connection, "transport", None)
    sock = getattr(transport, "sock", None)
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            sock.close()


class Link:
    """A connection that is re-made with back-off for as long as it is wanted."""

    def __init__(
        self,
        url: str,
        *,
        name: str,
        on_open: Callable[[amqp.Connection], None],
        on_lost: Callable[[], None] = lambda: None,
    ) -> None:
        self._url = url
        self._name = name
        self._on_open = on_open
        self._on_lost = on_lost
        self._connection: amqp.Connection | None = None
        self._opened = Event()
        self._wanted = False
        self._threads: list[Any] = []
        self._resumed: Event | None = None

    @property
    def blocked(self) -> bool:
        """The broker has an alarm and takes nothing from this connection."""
        return self._resumed is not None

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent now."""
        return self._connection is not None and not self.blocked

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._wanted = True
        self._threads = [eventlet.spawn(self._keep_up), eventlet.spawn(self._watch_heartbeat)]

    def wait_open(self, seconds: float) -> bool:
        """Wait until it is connected for the first time; False when that took too long."""
        with eventlet.Timeout(seconds, False):
            self._opened.wait()
        return self._connection is not None

    def wait_unblocked(self, seconds: float) -> None:
        """Wait for an alarm of the broker to end, or for the connection to; returns at once where there is none."""
        if self._resumed is not None:
            self._resumed.wait(timeout=max(0.001, seconds))

    def close(self) -> None:
        """End the connection for good; what is still to be read is not read."""
        self._wanted = False
        abandon(self._connection)
        for thread in self._threads:
            thread.kill()
        self._threads = []
        self._drop()

    def _keep_up(self) -> None:
        losses = 0
        while self._wanted:
            try:
                self._connection = self._open()
                losses = 0
                if not self._opened.ready():
                    self._opened.send(None)
                while self._wanted:
                    self._connection.drain_events()
            except (*LOST, OSError, eventlet.Timeout) as error:
                if self._wanted:
                    log.warning("broker connection lost", link=self._name, error=repr(error))
            finally:
                self._drop()
            if self._wanted:
                eventlet.sleep(_BACK_OFF_SECONDS[min(losses, len(_BACK_OFF_SECONDS) - 1)])
            losses += 1

    def _open(self) -> amqp.Connection:
        connection = connect(self._url, on_blocked=self._block, on_unblocked=self._unblock)
        try:
            with eventlet.Timeout(CONNECT_SECONDS * 2, TimeoutError("the broker did not answer")):
                self._on_open(connection)
        except BaseException:
            abandon(connection)
            raise
        log.info("broker connected", link=self._name)
        return connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        self._resume()
        if connection is not None:
            abandon(connection)
            self._on_lost()

    def _block(self, reason: str) -> None:
        log.warning("broker takes no messages", link=self._name, reason=reason)
        self._resumed = self._resumed or Event()

    def _unblock(self) -> None:
        log.info("broker takes messages again", link=self._name)
        self._resume()

    def _resume(self) -> None:
        resumed, self._resumed = self._resumed, None
        if resumed is not None:
            resumed.send(None)

    def _watch_heartbeat(self) -> None:
        while self._wanted:
            eventlet.sleep(HEARTBEAT_SECONDS / 4)
            connection = self._connection
            if connection is None:
                continue
            try:
                connection.heartbeat_tick()
            except (*LOST, OSError):
                log.warning("broker is silent", link=self._name)
                abandon(connection)
