"""What the suite says and hears: its services, their requests and events, and which queues take which event."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from contracts.base import Event, Request
from servicekit.events import queues_of
from servicekit.events.topology import Queue
from servicekit.service import find

T = TypeVar("T", bound=BaseModel)

ROOT = Path(__file__).parents[2]
EVERY_SERVICE = "*"


def services() -> list[str]:
    """The services by name: the folders under services/."""
    return sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir() and re.match("[a-z]", path.name))


def requests() -> list[type[Request[Any]]]:
    """Every request: by module of contracts/, in the module's order."""
    return [request for request in _declared(Request) if "service" in vars(request)]


def requests_to(service: str) -> list[type[Request[Any]]]:
    """The requests that this service answers, or EVERY_SERVICE."""
    return [request for request in requests() if request.service == service]


def events() -> list[type[Event]]:
    """Every event, in the same order; those that only others derive from are left out."""
    return [event for event in _declared(Event) if "topic" in vars(event)]


def queues() -> list[Queue]:
    """The queues of all services' handlers."""
    return [queue for service in services() for queue in queues_of(find(service))]


def queues_for(event: type[Event]) -> list[Queue]:
    """The queues that take this event."""
    return [queue for queue in queues() if event.topic in queue.topics]


def _declared(base: type[T]) -> list[type[T]]:
    files = (path.relative_to(ROOT).with_suffix("") for path in (ROOT / "contracts").rglob("[a-z]*.py"))
    names = sorted(".".join(path.parts) for path in files)
    return [
        value
        for name in names
        for value in vars(import_module(name)).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == name
    ]
