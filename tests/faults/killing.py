"""SIGKILL for every part of a suite in a seeded order; the launcher's own supervisor starts it again."""

import random
import time
from collections.abc import Callable
from typing import Protocol

from deploy.local.supervisor import Part, Supervisor
from tests.faults.house import House

_LOOK_SECONDS = 0.05


class Killable(Part, Protocol):
    """A process or a server."""

    def kill(self) -> None:
        """End it at once."""


class Killing:
    """Kills one part after the other and has all of them looked after."""

    def __init__(self, house: House, *, seed: int) -> None:
        self._house = house
        self._parts: dict[str, Killable] = {
            "broker": house.broker,
            "database": house.database,
            **house.suite.processes,
        }
        self._random = random.Random(seed)  # noqa: S311  a seed repeats it, nobody guesses it
        self.notes: list[str] = []
        """What the supervisor said."""
        self._supervisor = Supervisor(self._parts, tell=self.notes.append)

    def order(self, kills: int) -> list[str]:
        """Which parts are killed: each once before any a second time."""
        order: list[str] = []
        while len(order) < kills:
            order += self._random.sample(list(self._parts), len(self._parts))
        return order[:kills]

    def kill(self, name: str) -> None:
        """End one part at once."""
        self._parts[name].kill()

    def look_until(self, condition: Callable[[], bool], *, limit: float, otherwise: Callable[[], str]) -> None:
        """Start again what is dead until the condition holds and nothing is dead any more."""
        deadline = time.monotonic() + limit
        while not (condition() and all(part.alive for part in self._parts.values())):
            assert time.monotonic() < deadline, otherwise()
            self._supervisor.look(time.monotonic())
            time.sleep(_LOOK_SECONDS)
