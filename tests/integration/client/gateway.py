"""A gateway at its worst: a real HTTP server that answers each request as it was told to, or does not."""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Step = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True)
class Got:
    """One request that came in."""

    line: str
    headers: dict[str, str]
    body: Any


@dataclass
class BadGateway:
    """What came in, and what is still to be done with what comes."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    steps: deque[Step] = field(default_factory=deque)

    def will(self, *steps: Step) -> None:
        """Do this with the next requests, one step each."""
        self.steps.extend(steps)

    @property
    def keys(self) -> list[str | None]:
        """The idempotency keys that came in."""
        return [each.headers.get("idempotency-key") for each in self.got]


def answer(body: Any, *, status: int = 200, **headers: str) -> Step:
    """Answer with this JSON."""

    def step(handler: BaseHTTPRequestHandler) -> None:
        written = json.dumps(body).encode()
        kind = "application/json" if status < 400 else "application/problem+json"
        handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(written)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(written)

    return step


def refuse(status: int, code: str, *, data: Any = None, errors: Any = None, **headers: str) -> Step:
    """Answer with a problem document."""
    problem = {"code": code, "detail": "It is so.", "data": data or {}, "errors": errors or []}
    return answer(problem, status=status, X_Request_Id="of-the-answer", **headers)


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Take the request and close the connection."""
    handler.close_connection = True


def write(text: str) -> Step:
    """Answer with this stream, and end it."""

    def step(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(text.encode())

    return step


def hold(until: threading.Event) -> Step:
    """Say nothing until then."""

    def step(handler: BaseHTTPRequestHandler) -> None:
        until.wait(30)
        handler.close_connection = True

    return step


def drip(until: threading.Event) -> Step:
    """Answer one byte at a time, never to the end, until then."""

    def step(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(300):
            if until.wait(0.1):
                break
            handler.wfile.write(b" ")
        handler.close_connection = True

    return step


@contextmanager
def running() -> Iterator[BadGateway]:
    """One on a free port of this machine."""
    gateway = BadGateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            gateway.got.append(Got(f"{self.command} {self.path}", headers, json.loads(body) if body else None))
            gateway.steps.popleft()(self)

        do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815  the names that the library looks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
