"""HTTP/1.1 as this gateway takes it: what a request may hold, how long it may take to arrive, and how else it ends."""

import re
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from email.errors import (
    CloseBoundaryNotFoundDefect,
    InvalidMultipartContentTransferEncodingDefect,
    MultipartInvariantViolationDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
from typing import Any

import eventlet
from eventlet import wsgi
from pydantic_core import to_json
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestTimeout

from gateway.errors import problem_body
from servicekit.database import new_id
from servicekit.logging import get_logger
from servicekit.metrics import HTTP_ANSWERED

log = get_logger(__name__)

URL_BYTES = 8_192
_HEAD_BYTES = 65_536
"""All headers together; a manager's token alone may have 48 KiB."""
_HEAD_SECONDS = 10.0
_DISCARDED_BYTES = 16_000_000
_DISCARD_SECONDS = 5.0
_LINGER_SECONDS = 1.0
_DEFECTS_OF_BODIES = (
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
    CloseBoundaryNotFoundDefect,
    MultipartInvariantViolationDefect,
    InvalidMultipartContentTransferEncodingDefect,
)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LINE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-~]+ HTTP/[0-9]\.[0-9]")
_ABSOLUTE = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_LENGTH = re.compile(r"[0-9]{1,15}")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,8}[ \t]*(;[^\r\n]*)?|[^:\s]+:[^\r\n]*)?\r?\n")
"""How long a chunk is, a field that comes after the last one, or the end of either."""
_BLANK = {b"\r\n", b"\n"}
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

# eventlet ends a header line at 8 KiB; the bound of all of them is enough.
wsgi.MAX_HEADER_LINE = _HEAD_BYTES
wsgi.MAX_TOTAL_HEADER_SIZE = _HEAD_BYTES


class Refused(Exception):
    """A request that is answered here and ends its connection, since where the next one begins can't be known."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class _Slow(eventlet.Timeout):  # type: ignore[misc]  # eventlet has no types
    """What should have arrived by now has not."""


class _HeadLines:
    """The lines of a request's head, and the last one of them: without a blank line at its end it was cut off."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.last = b""

    def readline(self, size: int = -1) -> bytes:
        self.last = self._file.readline(size)
        return self.last


class _ChunkLines:
    """A body's bytes, with no line between its chunks but those that chunks have."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.read = file.read

    def readline(self, size: int = URL_BYTES) -> bytes:
        line: bytes = self._file.readline(size)
        if not _CHUNK_LINE.fullmatch(line):
            raise wsgi.ChunkReadError("no line of a chunk")
        return line


class Body(wsgi.Input):  # type: ignore[misc]  # eventlet has no types
    """A request's body, which must be here within its time; what nobody reads is thrown away within bounds."""

    def __init__(self, given: Any, seconds: float, hang_up: Callable[[], None]) -> None:
        super().__init__(
            _ChunkLines(given.rfile) if given.chunked_input else given.rfile,
            given.content_length,
            given.get_socket(),
            wfile=given.wfile,
            wfile_line=given.wfile_line,
            chunked_input=given.chunked_input,
        )
        self._until = time.monotonic() + seconds
        self._hang_up = hang_up

    def allow(self, seconds: float) -> None:
        """Give what is still to come so many seconds from now."""
        self._until = time.monotonic() + seconds

    def read(self, length: int | None = None) -> bytes:
        return self._in_time(super().read, length)

    def readline(self, size: int | None = None) -> bytes:
        return self._in_time(super().readline, size)

    def discard(self, buffer_size: int = 65_536) -> None:
        """Read on to the next request. OSError: there is too much in between, which ends the connection."""
        self._until = time.monotonic() + _DISCARD_SECONDS
        left = _DISCARDED_BYTES
        try:
            while read := self.read(buffer_size):
                left -= len(read)
                if left < 0:
                    self._hang_up()
                    raise OSError("too much to throw away")
        except HTTPException:
            raise OSError("not to be thrown away") from None

    def _in_time(self, read: Callable[[int | None], bytes], size: int | None) -> bytes:
        try:
            with _Slow(max(0.0, self._until - time.monotonic())):
                return read(size)
        except (_Slow, TimeoutError):
            self._hang_up()
            raise RequestTimeout("The body did not arrive in time.") from None
        except OSError:
            self._hang_up()
            raise ClientDisconnected("The connection ended within the body.") from None


class Protocol(wsgi.HttpProtocol):  # type: ignore[misc]  # eventlet has no types
    """One connection. Every refusal that still can be answered is a problem document."""

    rfile: Any
    path: str

    def handle_one_request(self) -> None:
        """As eventlet's, under a clock from the first byte to the last header, and with its refusals told."""
        self._clock: _Slow | None = None
        self._lingers = False
        try:
            super().handle_one_request()
        except _Slow:
            self._refuse(Refused(408, "The request's headers did not arrive in time."))
        except Refused as refused:
            self._refuse(refused)
        finally:
            self._stop_clock()

    def _read_request_line(self) -> bytes:
        if not self.rfile.peek(1):  # waits for as long as a connection may be silent
            return b""
        self._clock = _Slow(_HEAD_SECONDS)
        line: bytes = super()._read_request_line()
        if line in _BLANK:  # which some clients send after a body
            line = super()._read_request_line()
        if len(line) >= self.server.url_length_limit:
            raise Refused(414, f"An address may have {URL_BYTES:,} bytes.")
        return line

    def parse_request(self) -> bool:
        """Read the headers; refuse what two readers could read in two ways."""
        head = self.rfile = _HeadLines(self.rfile)
        try:
            good: bool = super().parse_request()
        except (wsgi.HeaderLineTooLong, wsgi.HeadersTooLarge):
            raise Refused(431, f"The headers may have {_HEAD_BYTES:,} bytes in all.") from None
        self._stop_clock()
        if not good or head.last not in _BLANK:
            raise Refused(400, "The connection ended within a request.")
        self._require_line()
        self._require_headers()
        self._require_one_length()
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """What the standard library's parser refuses."""
        raise Refused(int(code), f"{message or 'This is no HTTP request'}.")

    def get_environ(self) -> dict[str, Any]:
        """eventlet's, with a body that must arrive in time."""
        environ: dict[str, Any] = super().get_environ()
        body = Body(environ["wsgi.input"], self.server.body_seconds, self._hang_up)
        environ["wsgi.input"] = environ["eventlet.input"] = body
        return environ

    def _require_line(self) -> None:
        if not _LINE.fullmatch(self.requestline):
            raise Refused(400, "The request line is not METHOD address HTTP/1.1.")
        if self.request_version not in {"HTTP/1.0", "HTTP/1.1"}:
            raise Refused(505, "This server speaks HTTP/1.1.")
        self.path = _ABSOLUTE.sub("", self.path, count=1) or "/"
        if not self.path.startswith(("/", "?", "*")):
            raise Refused(400, "The address in the request line must begin with /.")

    def _require_headers(self) -> None:
        # The parser is made for mails and looks for a multipart body's boundaries, but the body comes later.
        defects = [defect for defect in self.headers.defects if not isinstance(defect, _DEFECTS_OF_BODIES)]
        if defects or self.headers.get_payload():
            raise Refused(400, "A header line is not of the form Name: value.")
        for name, value in self.headers.raw_items():
            if not _TOKEN.fullmatch(name) or _CONTROL.search(value):
                raise Refused(400, "A header has characters that none may have.")
        hosts = len(self.headers.get_all("Host", []))
        if hosts > 1 or (hosts == 0 and self.request_version == "HTTP/1.1"):
            raise Refused(400, "A request has one Host header.")

    def _require_one_length(self) -> None:
        lengths = self.headers.get_all("Content-Length", [])
        codings = self.headers.get_all("Transfer-Encoding", [])
        if len(lengths) + len(codings) > 1:
            raise Refused(400, "A request has one Content-Length or one Transfer-Encoding.")
        if lengths and not _LENGTH.fullmatch(lengths[0]):
            raise Refused(400, "Content-Length is not a number.")
        if codings and self.request_version == "HTTP/1.0":
            raise Refused(400, "HTTP/1.0 has no Transfer-Encoding.")
        if codings and codings[0].lower() != "chunked":
            raise Refused(501, "The only Transfer-Encoding here is chunked.")

    def _refuse(self, refused: Refused) -> None:
        self._hang_up()
        request_id = str(new_id())
        HTTP_ANSWERED.labels("", "unknown", refused.status).observe(0)
        log.info("refused", status=refused.status, reason=refused.detail, request_id=request_id)
        document = problem_body(refused.status, f"http.{refused.status}", refused.detail)
        with suppress(OSError):
            self.wfile.write(answer_bytes(document | {"request_id": request_id}))

    def finish(self) -> None:
        """Take what is on its way for a moment: closing on unread bytes would take the answer from the client."""
        if self._lingers:
            with suppress(OSError):
                self.wfile.flush()
                linger(self.connection)
        super().finish()

    def _hang_up(self) -> None:
        self.close_connection = True
        self._lingers = True

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()


def linger(connection: socket.socket) -> None:
    """Say that all is said, and let the other side finish for a moment."""
    connection.shutdown(socket.SHUT_WR)
    with eventlet.Timeout(_LINGER_SECONDS, False):
        while connection.recv(65_536):
            pass


def answer_bytes(document: dict[str, Any], *, headers: str = "") -> bytes:
    """A whole HTTP answer with a problem document, for those who never reach the application."""
    body = to_json(document)
    return (
        f"HTTP/1.1 {document['status']} {document['title']}\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"X-Request-Id: {document['request_id']}\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Cache-Control: no-store\r\n"
        f"{headers}"
        "Connection: close\r\n\r\n"
    ).encode() + body
