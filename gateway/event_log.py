"""The logs of all services read as one: in order per source, with one cursor that holds the place in each."""

import base64
import heapq
from dataclasses import dataclass
from operator import itemgetter
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from contracts.errors import Unavailable, fault
from contracts.log import EventLog, ListEvents, LoggedEvent, TopicPattern
from contracts.operations import SERVICES
from contracts.values import Limit, Moment, Value
from servicekit.rpc import Pending, send

_SECONDS = 5.0
_PLACES = TypeAdapter(dict[str, str])


def _split(given: Any) -> Any:
    return given.split(",") if isinstance(given, str) else given


Types = Annotated[list[TopicPattern], Field(min_length=1, max_length=50), BeforeValidator(_split)]
"""Patterns of events' types, separated by commas: `opportunity.won,order.*`."""


class ListLoggedEvents(Value):
    """Events after a cursor, for whoever was away; the whole log without one.

    NotPermitted: events.readers_only. InvalidInput: cursor.invalid.
    """

    after: Annotated[str, Field(max_length=2_000)] | None = None
    types: Types = Field(default_factory=lambda: ["#"])
    since: Moment | None = None
    limit: Limit = 50


class EventsPage(Value):
    """Events in order per source. `next_cursor` never ends: asked for later, it gives what came meanwhile."""

    items: list[dict[str, Any]]
    next_cursor: str
    more: bool
    unavailable: list[str]
    """Sources that did not answer; their place in the cursor has not moved."""


@dataclass(frozen=True)
class Stretch:
    """A part of the logs: events with their sources, and the place in each source's log behind them."""

    taken: list[tuple[str, LoggedEvent]]
    places: dict[str, str]
    more: bool
    unavailable: list[str]


def read(request: ListLoggedEvents) -> EventsPage:
    """A page of all logs. InvalidInput: cursor.invalid."""
    stretch = read_stretch(places_of(request.after), request)
    return EventsPage(
        items=[item.event for _, item in stretch.taken],
        next_cursor=cursor_of(stretch.places),
        more=stretch.more,
        unavailable=stretch.unavailable,
    )


def read_stretch(places: dict[str, str], request: ListLoggedEvents) -> Stretch:
    """Ask all services at once what comes after these places, and put their answers in order."""
    asked = {source: _ask(source, places.get(source), request) for source in SERVICES}
    logs = {source: log for source, pending in asked.items() if (log := _answer(pending)) is not None}
    merged = heapq.merge(*(_timed(source, log) for source, log in logs.items()), key=itemgetter(0))
    taken = [(source, item) for _, source, item in merged][: request.limit]
    return Stretch(
        taken=taken,
        places=places | _places_after(logs, taken),
        more=any(log.more for log in logs.values()) or len(taken) < sum(len(log.items) for log in logs.values()),
        unavailable=[source for source in SERVICES if source not in logs],
    )


def cursor_of(places: dict[str, str]) -> str:
    """One opaque cursor for the places in all logs."""
    return base64.urlsafe_b64encode(to_json(places)).decode().rstrip("=")


def places_of(cursor: str | None) -> dict[str, str]:
    """The places that a cursor holds. InvalidInput: cursor.invalid."""
    if cursor is None:
        return {}
    try:
        given = from_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return _PLACES.validate_python(given)
    except (ValueError, ValidationError):
        raise fault("after", "cursor.invalid", "This cursor is not one that the log gave.") from None


def _timed(source: str, log: EventLog) -> list[tuple[str, str, LoggedEvent]]:
    return [(item.event["time"], source, item) for item in log.items]


def _ask(source: str, place: str | None, request: ListLoggedEvents) -> Pending[EventLog] | None:
    wanted = ListEvents(after=place, topics=request.types, since=request.since, limit=request.limit)
    try:
        return send(wanted, to=source, timeout=_SECONDS)
    except Unavailable:
        return None


def _answer(pending: Pending[EventLog] | None) -> EventLog | None:
    try:
        return None if pending is None else pending.result()
    except Unavailable:
        return None


def _places_after(logs: dict[str, EventLog], taken: list[tuple[str, LoggedEvent]]) -> dict[str, str]:
    """Where each source's next stretch begins: behind its last event taken, or behind all it looked at."""
    last = {source: item.place for source, item in taken}
    counts = {source: sum(each == source for each, _ in taken) for source in logs}
    whole = {source: log.place for source, log in logs.items() if counts[source] == len(log.items) and log.place}
    return last | whole
