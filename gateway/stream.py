"""The live stream: server-sent events to browsers and scripts, resumable without a hole.

One tail per process reads the logs of all services while anybody listens, and hands each event to the streams. An
event's SSE id is the cursor behind it, so `Last-Event-ID` says exactly where a client was. A client that comes back
reads the log up to now by itself and then goes on with the tail; what both brought is sent once.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

import eventlet
from eventlet.queue import Empty, Full, Queue
from flask import Flask, Response
from flask import request as http
from pydantic import Field
from pydantic_core import to_json

from contracts.errors import CallError, Unavailable
from contracts.log import LoggedEvent
from contracts.scopes import Scope
from contracts.values import Role, Value
from gateway import auth, parsing
from gateway.event_log import ListLoggedEvents, Types, cursor_of, places_of, read_stretch
from servicekit import clock, rpc
from servicekit.context import Caller, Work, caller, working
from servicekit.event_log import topics_regex
from servicekit.logging import get_logger
from servicekit.scopes import check_scope

log = get_logger(__name__)

PATH = "/v1/events/stream"
_LOOK_SECONDS = 0.5
_HEARTBEAT_SECONDS = 15.0
_BUFFERED_EVENTS = 1_000
_STREAMS_AT_MOST = 200
_PAGE = 200
_SEE_ALL = {Role.ADMIN, Role.AUDITOR, Role.INTEGRATION}
_NAMING = ("owner_id", "former_owner_id", "user_id")

Logged = tuple[str, LoggedEvent]


@dataclass(eq=False)
class _Client:
    """One open stream, and what it has not sent yet."""

    caller: Caller
    waiting: Queue[Logged | None] = field(default_factory=lambda: Queue(_BUFFERED_EVENTS))


class ListenToEvents(Value):
    """What a stream carries, and from where."""

    after: Annotated[str, Field(max_length=2_000)] | None = None
    """The id of the last event that was read; `Last-Event-ID` says the same. Without it the stream begins now."""
    types: Types = Field(default_factory=lambda: ["#"])


class Streams:
    """All open streams of this process, and their tail."""

    def __init__(self, callers: auth.Callers) -> None:
        self._callers = callers
        self._clients: set[_Client] = set()
        self._tail: Any = None

    def mount(self, app: Flask) -> None:
        """Serve the stream."""
        app.add_url_rule(PATH, auth.STREAM, self._open)

    def close(self) -> None:
        """End all streams; their clients come back with their Last-Event-ID."""
        for client in list(self._clients):
            self._end(client)

    def _open(self) -> Response:
        if len(self._clients) >= _STREAMS_AT_MOST:
            raise Unavailable("stream.full", "Too many streams are open on this gateway.", retry_after=10)
        request = ListenToEvents.model_validate(parsing.validated(ListenToEvents, _asked()))
        places = places_of(request.after)
        listener = caller()
        if listener.role == Role.INTEGRATION:
            check_scope(listener, Scope.EVENTS_READ)
        client = _Client(listener)
        self._clients.add(client)
        if self._tail is None:
            self._tail = eventlet.spawn(self._follow, clock.now())
        frames = self._frames(client, request, places, auth.bearer())
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return Response(frames, mimetype="text/event-stream", headers=headers)

    def _frames(self, client: _Client, request: ListenToEvents, places: dict[str, str], borne: str) -> Iterator[bytes]:
        wanted = _filter(request, client.caller)
        try:
            yield b": welcome\n\n"
            if request.after is not None:
                for source, item in self._missed(places):
                    places[source] = item.place
                    yield from _frame(places, item, wanted)
            checked_at = time.monotonic()
            while True:
                if time.monotonic() - checked_at >= _HEARTBEAT_SECONDS:
                    self._callers.identify(borne)  # on a busy stream too: whose key was revoked hears no more
                    checked_at = time.monotonic()
                try:
                    logged = client.waiting.get(timeout=_HEARTBEAT_SECONDS)
                except Empty:
                    yield b": still here\n\n"
                    continue
                if logged is None:
                    return
                source, item = logged
                if _is_behind(item.place, places.get(source)):
                    places[source] = item.place
                    yield from _frame(places, item, wanted)
        except CallError as error:
            log.info("stream ended", reason=error.code)
        finally:
            self._clients.discard(client)

    def _missed(self, places: dict[str, str]) -> Iterator[Logged]:
        place = dict(places)
        more = True
        while more:
            with working(Work(request_id="stream")), rpc.as_self():
                stretch = read_stretch(place, ListLoggedEvents(limit=_PAGE))
            if stretch.unavailable:
                raise Unavailable("stream.source_away", f"No answer from {', '.join(stretch.unavailable)}.")
            yield from stretch.taken
            place, more = stretch.places, stretch.more

    def _follow(self, since: Any) -> None:
        """Read what is new for as long as anybody listens."""
        places: dict[str, str] = {}
        request = ListLoggedEvents(since=since, limit=_PAGE)
        while self._clients:
            more = False
            try:
                with working(Work(request_id="stream")), rpc.as_self():
                    stretch = read_stretch(places, request)
                places, more = stretch.places, stretch.more
                for logged in stretch.taken:
                    self._hand_out(logged)
            except CallError as error:
                log.warning("the stream's tail waits", reason=error.code)
            if not more:
                eventlet.sleep(_LOOK_SECONDS)
        self._tail = None

    def _hand_out(self, logged: Logged) -> None:
        for client in list(self._clients):
            try:
                client.waiting.put_nowait(logged)
            except Full:
                self._end(client)  # too slow; it comes back for the rest

    def _end(self, client: _Client) -> None:
        self._clients.discard(client)
        while not client.waiting.empty():
            client.waiting.get_nowait()
        client.waiting.put_nowait(None)


def _asked() -> dict[str, Any]:
    """The parameters, with the browser's Last-Event-ID in the place of `after`."""
    given = {name: value for name, value in http.args.items() if name != "access_token"}
    resumed = http.headers.get("Last-Event-ID")
    return {**given, "after": resumed} if resumed else given


def _filter(request: ListenToEvents, viewer: Caller) -> Callable[[dict[str, Any]], bool]:
    topics = re.compile(topics_regex(request.types))
    return lambda event: bool(topics.match(_topic(event))) and may_see(event, viewer)


def may_see(event: dict[str, Any], viewer: Caller) -> bool:
    """Whether an event is this person's to see: all for those who read everything, else those that name them."""
    if viewer.role in _SEE_ALL:
        return True
    named = {str(event["data"].get(name)) for name in _NAMING}
    return viewer.id in named or event["actor"] == f"user:{viewer.id}"


def _topic(event: dict[str, Any]) -> str:
    return "." + str(event["type"]).removeprefix("crm.").rpartition(".v")[0]


def _is_behind(place: str, reached: str | None) -> bool:
    return reached is None or _ordered(place) > _ordered(reached)


def _ordered(place: str) -> tuple[str, int]:
    published_at, _, position = place.rpartition("_")
    return published_at, int(position)


def _frame(places: dict[str, str], item: LoggedEvent, wanted: Callable[[dict[str, Any]], bool]) -> Iterator[bytes]:
    if wanted(item.event):
        yield b"id: %b\nevent: %b\ndata: %b\n\n" % (
            cursor_of(places).encode(),
            _topic(item.event)[1:].encode(),
            to_json(item.event),
        )
