"""All events of the suite, for those who take in whatever happens."""

from collections.abc import Iterator

from contracts import activity, customer, identity, notify, opportunity, pool
from contracts.base import Event

_PRODUCERS = (activity, customer, identity, notify, opportunity, pool)


def every_event() -> list[type[Event]]:
    """The events that services publish, by topic."""
    return sorted({event for module in _PRODUCERS for event in _declared(module)}, key=lambda each: each.topic)


def _declared(module: object) -> Iterator[type[Event]]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Event) and hasattr(value, "topic"):
            yield value
