"""Puts logged events into a subscriber's queue again: in order per source, each confirmed by the broker."""

import json
import time
from collections.abc import Iterator
from datetime import datetime

import amqp

from contracts.errors import Unavailable
from contracts.log import ListEvents, LoggedEvent
from contracts.operations import SERVICES
from deploy.cli.subscribers import Subscriber, dropped_queue_of, queue_of
from deploy.cli.survey import ask
from servicekit.cloudevents import CONTENT_TYPE

_PERSISTENT = 2
_STRETCH = 200
_CONFIRM_SECONDS = 10.0
_ROOM_SECONDS = 60.0
_PAUSE = 0.2


def replay(channel: amqp.Channel, subscriber: Subscriber, *, since: datetime, most_waiting: int) -> int:
    """Put in what was published since then and matches its bindings; says how many events that were.

    Unavailable: a service's code, subscriber.full. Begun again, it repeats events, which subscribers know by their ids.
    """
    # Half of the queue at most: what is published meanwhile needs room too.
    stretch = max(1, min(_STRETCH, most_waiting // 2))
    count = 0
    for service in SERVICES:
        for events in _stretches(service, subscriber.topics, since=since, limit=stretch):
            _wait_for_room(channel, subscriber.name, most=most_waiting - len(events))
            for each in events:
                _put(channel, queue_of(subscriber.name), each)
            count += len(events)
    if subscriber.dropped_since is None or since <= subscriber.dropped_since:
        _forget_dropped(channel, subscriber)
    return count


def _stretches(service: str, topics: list[str], *, since: datetime, limit: int) -> Iterator[list[LoggedEvent]]:
    """The log of one service up to its end."""
    place: str | None = None
    while True:
        log = ask(service, ListEvents(after=place, topics=topics, since=since, limit=limit))
        yield log.items
        if not log.more:
            return
        place = log.place


def _wait_for_room(channel: amqp.Channel, name: str, *, most: int) -> None:
    """Return when at most so many wait: a fuller queue would drop its oldest to take what comes."""
    deadline = time.monotonic() + _ROOM_SECONDS
    while channel.queue_declare(queue_of(name), passive=True).message_count > most:
        if time.monotonic() > deadline:
            raise Unavailable(
                "subscriber.full", f"The queue of {name} is full and nobody reads it. Start {name}, then replay again."
            )
        time.sleep(_PAUSE)


def _put(channel: amqp.Channel, queue: str, logged: LoggedEvent) -> None:
    event = logged.event
    message = amqp.Message(
        json.dumps(event, ensure_ascii=False, separators=(",", ":")),
        content_type=CONTENT_TYPE,
        delivery_mode=_PERSISTENT,
        message_id=event["id"],
        type=event["type"],
        app_id=event["source"],
        timestamp=int(datetime.fromisoformat(event["time"]).timestamp()),
    )
    channel.basic_publish_confirm(
        message, exchange="", routing_key=queue, mandatory=True, confirm_timeout=_CONFIRM_SECONDS
    )


def _forget_dropped(channel: amqp.Channel, subscriber: Subscriber) -> None:
    """The hole is filled as far as it was known before; what was dropped meanwhile is told next time."""
    for _ in range(subscriber.dropped):
        message = channel.basic_get(dropped_queue_of(subscriber.name))
        if message is None:
            return
        channel.basic_ack(message.delivery_tag)
