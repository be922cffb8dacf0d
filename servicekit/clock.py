"""The only source of now. A suite started with CRM_TEST_CLOCK=1 shares an offset that `crm clock` moves.

The offset lies in an 8-byte file that every process maps into memory, so a move is seen at once by all of them.
Deadlines and time-outs are about waiting, not about business, and use the machine's own clock.
"""

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

_OFFSET = struct.Struct("d")


class Clock:
    """Now, as the business sees it."""

    def __init__(self) -> None:
        self._shared: mmap.mmap | None = None

    def share(self, path: Path) -> None:
        """Follow (and allow to move) the offset in this file; made when missing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            if file.seek(0, 2) < _OFFSET.size:
                file.write(_OFFSET.pack(0.0))
                file.flush()
            self._shared = mmap.mmap(file.fileno(), _OFFSET.size)

    @property
    def offset(self) -> timedelta:
        """How far this clock is ahead of the machine's."""
        if self._shared is None:
            return timedelta()
        return timedelta(seconds=_OFFSET.unpack_from(self._shared)[0])

    def now(self) -> datetime:
        """The time, aware and in UTC."""
        return datetime.now(UTC) + self.offset

    def advance(self, step: timedelta) -> timedelta:
        """Move the suite's time forward by `step` and return the new offset."""
        if self._shared is None:
            raise RuntimeError("the clock can only be moved in a suite started with CRM_TEST_CLOCK=1")
        if step < timedelta():
            raise ValueError("time only moves forward")
        moved = self.offset + step
        _OFFSET.pack_into(self._shared, 0, moved.total_seconds())
        return moved


_clock = Clock()
share = _clock.share
now = _clock.now
advance = _clock.advance


def offset() -> timedelta:
    """How far the suite's time is ahead of the machine's."""
    return _clock.offset
