"""All events of the suite, for those who take in whatever happens."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages

import contracts
from contracts.base import Event


def every_event() -> list[type[Event]]:
    """The events that services publish, by topic."""
    modules = (import_module(found.name) for found in walk_packages(contracts.__path__, "contracts."))
    return sorted({event for module in modules for event in _declared(module)}, key=lambda each: each.topic)


def _declared(module: object) -> Iterator[type[Event]]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Event) and hasattr(value, "topic"):
            yield value
