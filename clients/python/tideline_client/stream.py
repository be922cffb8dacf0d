"""The live stream: events as they happen, taken up again behind the last one where the connection breaks."""

import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from pydantic_core import from_json

from contracts.errors import Unavailable
from tideline_client.answers import error_of
from tideline_client.sender import CONNECT_SECONDS, UNTIL, Sender, growing_pauses, unanswered

_PATH = "/v1/events/stream"
_SILENT_SECONDS = 45.0
"""The gateway says something every 15 seconds."""
_AWAY_SECONDS = 60.0
"""How long to try to get back."""


@dataclass(frozen=True)
class Heard:
    """An event as it was published, and the cursor to go on behind it."""

    cursor: str
    event: dict[str, Any]
    """The whole CloudEvent."""


def listen(sender: Sender, auth: httpx.Auth, *, types: str, after: str | None) -> Generator[Heard, None, None]:
    """What happens, until it can't be had for a minute."""
    cursor = after
    pauses, give_up_at = growing_pauses(), time.monotonic() + _AWAY_SECONDS
    while True:
        try:
            for heard in _connection(sender, auth, types=types, after=cursor, until=give_up_at):
                if heard is not None:
                    cursor = heard.cursor
                    yield heard
                    pauses = growing_pauses()
                give_up_at = time.monotonic() + _AWAY_SECONDS
            wait = next(pauses)
        except Unavailable as error:
            wait = max(next(pauses), error.retry_after or 0.0)
            if time.monotonic() + wait >= give_up_at:
                raise
        time.sleep(wait)


def _connection(
    sender: Sender, auth: httpx.Auth, *, types: str, after: str | None, until: float
) -> Iterator[Heard | None]:
    """One connection: its events, and None for every other sign of life. Unavailable once it breaks."""
    query = {"types": types} | ({"after": after} if after else {})
    headers = {"X-Request-Id": str(uuid4()), "Accept": "text/event-stream"}
    timeout = httpx.Timeout(_SILENT_SECONDS, connect=CONNECT_SECONDS)
    asked = sender.http.build_request("GET", _PATH, params=query, headers=headers, timeout=timeout)
    asked.extensions = {**asked.extensions, UNTIL: until}
    try:
        answer = sender.http.send(asked, auth=auth, stream=True)
        with closing(answer):
            if not answer.is_success:
                answer.read()
                raise error_of(answer)
            yield from _frames(_lines(answer.iter_text()))
    except httpx.RequestError as failure:
        raise unanswered(failure, asked) from failure


def _frames(lines: Iterable[str]) -> Iterator[Heard | None]:
    """The frames of server-sent events, each of whose data the gateway writes on one line."""
    cursor = ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "id":
            cursor = value
        yield Heard(cursor, from_json(value)) if name == "data" else None


def _lines(texts: Iterable[str]) -> Iterator[str]:
    """The whole lines. httpx would end one at characters, such as U+2028, that may stand in an event's text."""
    rest = ""
    for text in texts:
        *lines, rest = (rest + text).split("\n")
        yield from lines
