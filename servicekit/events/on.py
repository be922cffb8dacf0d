"""The decorators, and what they ask of the broker: `@on(CustomerCreated)` on a service's method.

The method's name is its queue's name, so renaming a handler leaves a queue behind; a contract test pins the set.
"""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import amqp
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR, register_entrypoint

from contracts.base import E, Event, Received
from servicekit.events.attempt import Method
from servicekit.events.handler import Handler
from servicekit.events.topology import Queue, declare_exchanges, declare_queue

S = TypeVar("S")
_PREFETCH = 20
_BATCH_PREFETCH = 2
"""Batches in reach: one is worked on while the next arrives."""


def on(
    event: type[E], *more: type[Event], prefetch: int = _PREFETCH
) -> Callable[[Callable[[S, Received[E]], None]], Callable[..., None]]:
    """Handle these events with the decorated method: `def hold_new_customer(self, event: Received[CustomerCreated])`.

    It runs in one transaction (`self.db`) under the service's own name, once in effect for each event. It must not
    depend on order across subjects; within a subject the larger `sequence` is the later fact. An error puts the event
    off (1 s to 1 h, then it is parked); InvalidInput parks it at once.
    """

    def decorate(method: Callable[[S, Received[E]], None]) -> Callable[..., None]:
        def one(service: Any, events: list[Received[Any]]) -> None:
            method(service, events[0])

        return _handled(method, one, Handler(event, *more, prefetch=prefetch, size=1))

    return decorate


def on_batch(
    event: type[E], *more: type[Event], size: int = 200
) -> Callable[[Callable[[S, list[Received[E]]], None]], Callable[..., None]]:
    """The same for a method that takes many events in one transaction: `def index(self, events: list[Received[…]])`.

    It gets what has arrived, at most `size`, and never waits for more. When it fails, the events are handled one by
    one, so a bad one is put off alone.
    """

    def decorate(method: Callable[[S, list[Received[E]]], None]) -> Callable[..., None]:
        return _handled(method, method, Handler(event, *more, prefetch=size * _BATCH_PREFETCH, size=size))

    return decorate


def queues_of(service: Any) -> list[Queue]:
    """The queues of a service class's handlers, by name."""
    return sorted(
        entrypoint.queue_of(service.name, method_name)
        for method_name, method in inspect.getmembers(service, inspect.isfunction)
        for entrypoint in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ())
        if isinstance(entrypoint, Handler)
    )


def declare_topology(channel: amqp.Channel, service: Any) -> None:
    """All queues of a service class, bound; safe to repeat."""
    declare_exchanges(channel)
    for queue in queues_of(service):
        declare_queue(channel, queue)


def _handled(method: Callable[..., None], handle: Method, handler: Handler) -> Callable[..., None]:
    @wraps(method)
    def worker(service: Any, work: Callable[[Any, Method], None]) -> None:
        work(service, handle)

    register_entrypoint(worker, handler)
    return worker
