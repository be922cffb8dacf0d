"""What a handler has been given and not finished: bounded by its prefetch, one at a time within a subject."""

from collections import deque
from dataclasses import dataclass
from uuid import UUID

import amqp

from servicekit.cloudevents import Incoming


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event, and how to answer for it."""

    incoming: Incoming
    channel: amqp.Channel
    tag: int


class Intake:
    """The deliveries of one handler in this process."""

    def __init__(self, *, at_once: int, size: int) -> None:
        self.running = 0
        self._at_once = at_once
        self._size = size
        self._pending: deque[Delivery] = deque()
        self._busy: set[UUID] = set()

    def add(self, delivery: Delivery) -> None:
        """Keep it until its turn comes."""
        self._pending.append(delivery)

    def take(self) -> list[Delivery]:
        """The next piece of work; empty when enough is under way, or all that is here must wait for its subject."""
        if self.running == self._at_once:
            return []
        taken = [each for each in self._pending if each.incoming.subject not in self._busy][: self._size]
        if taken:
            self.running += 1
            self._busy.update(each.incoming.subject for each in taken)
            for each in taken:
                self._pending.remove(each)
        return taken

    def finish(self, deliveries: list[Delivery]) -> None:
        """This piece of work is over."""
        self.running -= 1
        self._busy.difference_update(each.incoming.subject for each in deliveries)

    def clear(self) -> None:
        """Forget what has not begun; the broker will deliver it again."""
        self._pending.clear()
