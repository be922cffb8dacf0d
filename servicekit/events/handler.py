"""The nameko entrypoint behind `@on`: what one handler is, and its part in the process."""

from nameko.extensions import Entrypoint

from contracts.base import Event
from servicekit.events.attempt import Attempts
from servicekit.events.consumer import Consumer
from servicekit.events.intake import Intake
from servicekit.events.retrier import Retrier
from servicekit.events.topology import Queue
from servicekit.runtime import runtime_of

_AT_ONCE = 4
"""Deliveries of one handler that are worked on at the same time, so that a slow one leaves room for the others."""


class Handler(Entrypoint):
    """A method that handles events, `size` of them in one transaction."""

    consumer = Consumer()
    retrier = Retrier()
    method_name: str

    def __init__(self, *events: type[Event], prefetch: int, size: int) -> None:
        super().__init__()
        self._events = events
        self._size = size
        self.prefetch = prefetch
        self.known = {event.wire_type(): event for event in events}

    def setup(self) -> None:
        """Be known to what brings the events."""
        runtime = runtime_of(self.container)
        self.queue = self.queue_of(runtime.service, self.method_name)
        self.intake = Intake(at_once=_AT_ONCE if self._size == 1 else 1, size=self._size)
        self.attempts = Attempts(runtime, self.method_name)
        self.consumer.register(self)
        self.retrier.register(self)

    def stop(self) -> None:
        """Begin nothing new."""
        self.consumer.stop_intake()
        self.retrier.stop_intake()

    def queue_of(self, service: str, method_name: str) -> Queue:
        """The queue of this handler as a method of a service."""
        return Queue(service, method_name, tuple(sorted(event.topic for event in self._events)))
