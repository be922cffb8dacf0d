"""One HTTP connection as a browser keeps it: used again while it lives, and clear about how a request went wrong."""

import json
from http.client import HTTPConnection, HTTPException
from typing import Any, NamedTuple
from urllib.parse import urlsplit

SECONDS = 20.0
"""The gateway promises an answer within 10 s; twice that is a hang."""


class NotSent(Exception):
    """Nobody took the connection, so nothing was done."""


class NoAnswer(Exception):
    """The connection broke before the answer was whole; what was asked for may have been done or not."""

    def __init__(self, reason: Exception, *, kept: bool) -> None:
        super().__init__(repr(reason))
        self.kept = kept
        """The connection had carried an answer before, and not a byte came of this one: a browser asks again."""


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: dict[str, Any]
    etag: str


class Browser:
    """For one thread, and for one person at a time."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        self._connection: HTTPConnection | None = None

    def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        token: str,
        etag: str = "",
        key: str = "",
    ) -> Answer:
        """One request, sent once; `key` is its Idempotency-Key. Raises NotSent or NoAnswer."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if etag:
            headers["If-Match"] = etag
        if key:
            headers["Idempotency-Key"] = key
        return self._exchange(method, path, None if body is None else json.dumps(body), headers)

    def _exchange(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        kept = self._connection is not None
        connection = self._connected()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
        except (OSError, HTTPException) as error:
            self.close()
            raise NoAnswer(error, kept=kept and not isinstance(error, TimeoutError)) from error
        try:
            text = response.read()
        except (OSError, HTTPException) as error:
            self.close()
            raise NoAnswer(error, kept=False) from error
        if response.will_close:
            self.close()
        return Answer(response.status, json.loads(text) if text else {}, response.headers.get("ETag", ""))

    def close(self) -> None:
        """Hang up; the next request connects anew."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> HTTPConnection:
        if self._connection is None:
            connection = HTTPConnection(self._address, timeout=SECONDS)
            try:
                connection.connect()
            except OSError as error:
                raise NotSent(repr(error)) from error
            self._connection = connection
        return self._connection


class Visitor(Browser):
    """Connects anew for every request, as somebody who comes by once."""

    def _exchange(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        try:
            return super()._exchange(method, path, body, headers)
        finally:
            self.close()


class Resident(Browser):
    """Asks once more where a kept connection turns out to have been closed, as browsers do unseen."""

    def _exchange(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        try:
            return super()._exchange(method, path, body, headers)
        except NoAnswer as error:
            if not error.kept:
                raise
        return super()._exchange(method, path, body, headers)
