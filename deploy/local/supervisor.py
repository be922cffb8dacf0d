"""Starts again what ended by itself, and waits longer each time it keeps ending."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from deploy.local.errors import LaunchError

_LONGEST_WAIT = 30.0
_STEADY_SECONDS = 60.0


class Part(Protocol):
    """A process or a server of the suite."""

    @property
    def alive(self) -> bool:
        """Whether it runs now."""

    def start(self) -> None:
        """Start it."""


@dataclass
class _Trouble:
    """A part that ended: how often in a row, and when it is started again or was."""

    failures: int
    start_at: float
    waiting: bool = True


class Supervisor:
    """Looks after the parts of a running suite; call `look` several times a second."""

    def __init__(self, parts: Mapping[str, Part], *, tell: Callable[[str], None]) -> None:
        self._parts = parts
        self._tell = tell
        self._troubles: dict[str, _Trouble] = {}

    def look(self, now: float) -> bool:
        """Notice what ended, start what is due; says whether it started anything. `now` is monotonic."""
        started = [self._look_at(name, part, now) for name, part in self._parts.items()]
        return any(started)

    def _look_at(self, name: str, part: Part, now: float) -> bool:
        trouble = self._troubles.get(name)
        if trouble is not None and trouble.waiting:
            return now >= trouble.start_at and self._start(name, part, trouble)
        if not part.alive:
            self._note_end(name, now)
        elif trouble is not None and now - trouble.start_at > _STEADY_SECONDS:
            del self._troubles[name]
        return False

    def _note_end(self, name: str, now: float) -> None:
        earlier = self._troubles.get(name)
        failures = earlier.failures + 1 if earlier is not None else 1
        wait = min(2.0 ** (failures - 1), _LONGEST_WAIT)
        self._troubles[name] = _Trouble(failures, now + wait)
        self._tell(f"{name} ended unexpectedly; it starts again in {wait:.0f} s. Its log tells more.")

    def _start(self, name: str, part: Part, trouble: _Trouble) -> bool:
        trouble.waiting = False
        try:
            part.start()
        except LaunchError as error:
            self._tell(str(error))
            return False
        self._tell(f"{name} is started again.")
        return True
