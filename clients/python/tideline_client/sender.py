"""One call until it is answered: what is safe to send again is sent again, with pauses, within one deadline."""

import random
import time
from collections.abc import Iterator
from contextlib import closing
from typing import TypeVar, cast
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel

from contracts.base import Request
from contracts.errors import CallError, Unavailable
from tideline_client.answers import error_of, identified, read
from tideline_client.route import Route
from tideline_client.sending import written

R = TypeVar("R", bound=BaseModel)

UNTIL = "until"
"""The extension of an HTTP request that holds its call's deadline, by the monotonic clock."""

CONNECT_SECONDS = 5.0
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0
_PASSING = {429, 502, 503, 504}
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Sender:
    """Connections to one gateway; as safe for threads as httpx."""

    def __init__(self, url: str) -> None:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError(f"{url}: write the gateway's address with http:// or https:// in front.")
        self.http = httpx.Client(
            base_url=url,
            headers={"User-Agent": "tideline-client", "Accept": "application/json"},
            # Whatever proxy the environment names is for other hosts than this one.
            mounts={"all://localhost": None, "all://127.0.0.1": None},
        )

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def ask(self, route: Route, request: Request[R], *, auth: httpx.Auth | None, until: float) -> R:
        """The typed reply, or one of the five errors once it is final or there is no time to try again."""
        sent = written(self.http, route, request)
        pauses = growing_pauses()
        in_doubt = False
        while True:
            try:
                answer = self._send(sent, route, auth=auth, until=until)
            except httpx.RequestError as failure:
                error, passing = unanswered(failure, sent), True
            except Unavailable as failure:  # there is no token to be had
                raise (_doubtful(failure) if in_doubt else failure) from None
            else:
                if answer.is_success:
                    return cast(R, read(request.reply_type, answer))
                error = error_of(answer)
                passing = answer.status_code in _PASSING or error.code == "idempotency.in_progress"
            in_doubt = in_doubt or error.data.get("outcome") != "not_done"
            wait = max(next(pauses), error.retry_after or 0.0)
            if not passing or (in_doubt and not route.repeatable) or time.monotonic() + wait >= until:
                raise _doubtful(error) if in_doubt else error
            time.sleep(wait)

    def _send(self, sent: httpx.Request, route: Route, *, auth: httpx.Auth | None, until: float) -> httpx.Response:
        left = max(0.001, until - time.monotonic())
        answering = min(route.answer_seconds, left)
        timeout = httpx.Timeout(answering, connect=min(CONNECT_SECONDS, left))
        sent.extensions = {**sent.extensions, "timeout": timeout.as_dict(), UNTIL: until}
        reads = route.method == "GET"  # what is read of a customer that was merged is with its survivor
        with closing(self.http.send(sent, auth=auth, stream=True, follow_redirects=reads)) as answer:
            return _whole(answer, until=until)


def growing_pauses() -> Iterator[float]:
    """Doubling from a tenth of a second to two, each by chance up to half shorter, so that callers don't march."""
    longest = _FIRST_PAUSE
    while True:
        yield longest * random.uniform(0.5, 1)  # noqa: S311  nobody gains by guessing a pause
        longest = min(2 * longest, _LONGEST_PAUSE)


def _whole(answer: httpx.Response, *, until: float) -> httpx.Response:
    """The answer with its body. httpx's time-outs are for each read, and an answer that drips would never meet one."""
    body = bytearray()
    for part in answer.iter_raw():
        body += part
        if time.monotonic() >= until:
            raise httpx.ReadTimeout("The answer takes too long.", request=answer.request)
    return httpx.Response(answer.status_code, headers=answer.headers, content=bytes(body), request=answer.request)


def unanswered(failure: httpx.RequestError, sent: httpx.Request) -> CallError:
    """The error of a request that no answer came to."""
    host = sent.url.netloc.decode()
    reason = str(failure) or type(failure).__name__
    if isinstance(failure, _NEVER_SENT):
        detail, outcome = f"{host} can't be reached: {reason}", "not_done"
        error = Unavailable("gateway.unreachable", detail, data={"outcome": outcome})
    else:
        detail, outcome = f"No answer came from {host}: {reason}", "unknown"
        error = Unavailable("gateway.no_answer", detail, data={"outcome": outcome})
    return identified(error, sent.headers["X-Request-Id"])


def _doubtful(error: CallError) -> CallError:
    """What an earlier try may have done is part of what the last one tells."""
    if isinstance(error, Unavailable):
        error.data["outcome"] = "unknown"
    return error
