"""Systems outside that take a webhook and then behave as none should: each is a real server on a port of its own."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import repeat

Behaviour = Callable[[], Iterator[bytes]]
"""The pieces that somebody answers, for as long as the other side listens."""

_OK = b"HTTP/1.1 200 OK\r\n"
_LONGEST = 60.0
"""Longer than anybody should listen to this."""


def never_ending() -> Iterator[bytes]:
    yield _OK + b"Content-Length: 1000000000000\r\n\r\n"
    yield from repeat(b"x" * 65_536)


def dripping() -> Iterator[bytes]:
    yield _OK
    for nth in range(int(_LONGEST)):
        yield b"X-%d: y\r\n" % nth
        time.sleep(1)


def silent() -> Iterator[bytes]:
    time.sleep(_LONGEST)
    yield b""


def always_about_to_answer() -> Iterator[bytes]:
    yield from repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 2_000)


def endless_line() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 "
    yield from repeat(b"O" * 65_536)


def countless_headers() -> Iterator[bytes]:
    yield _OK
    yield from (b"X-%d: y\r\n" % nth for nth in range(1_000_000))


def packed_bomb() -> Iterator[bytes]:
    yield _OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield b"ffffffffffffffff\r\n\x1f\x8b\x08"


def no_text() -> Iterator[bytes]:
    body = b"\xff\xfe\x00\xed\xa0\x80\x00<script>" + b"\xf0\x9f" * 4_000
    yield _OK + b"Content-Type: text/html; charset=nonsense\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def no_http() -> Iterator[bytes]:
    yield b"220 mail.example ESMTP\r\n"


def hanging_up() -> Iterator[bytes]:
    yield _OK + b"Content-Length: 100\r\n\r\nhalf of it"


def impossible_status() -> Iterator[bytes]:
    yield b"HTTP/1.1 99999999999999999999 Yes\r\n\r\n"


FAILS: dict[str, Behaviour] = {
    each.__name__: each
    for each in (
        dripping,
        silent,
        always_about_to_answer,
        endless_line,
        countless_headers,
        packed_bomb,
        no_http,
        impossible_status,
    )
}
"""What comes to no answer."""
ANSWERS: dict[str, Behaviour] = {each.__name__: each for each in (never_ending, no_text, hanging_up)}
"""What is an answer, of which the beginning is enough."""


@contextmanager
def outsider(behaviour: Behaviour) -> Iterator[str]:
    """The address of somebody who behaves like this to each who calls."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server, behaviour), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        server.shutdown(socket.SHUT_RDWR)
    thread.join(_LONGEST)


def _serve(server: socket.socket, behaviour: Behaviour) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_behave, args=(connection, behaviour), daemon=True).start()


def _behave(connection: socket.socket, behaviour: Behaviour) -> None:
    connection.settimeout(_LONGEST)
    until = time.monotonic() + _LONGEST
    with suppress(OSError), connection:
        connection.recv(65_536)
        for piece in behaviour():
            connection.sendall(piece)
            if time.monotonic() > until:
                return
