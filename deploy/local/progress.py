"""What the launcher says while it works: one line when something begins, one when it is done and how long it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Progress:
    """Lines on a terminal; each is written whole, so that steps side by side don't mix."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def tell(self, text: str) -> None:
        """One line for the person who waits."""
        self._stream.write(f"{text}\n")
        self._stream.flush()

    @contextmanager
    def step(self, doing: str, done: str) -> Iterator[None]:
        """Say what begins, and when it succeeded how long it took."""
        started = time.monotonic()
        self.tell(f"  {doing} ...")
        yield
        self.tell(f"  {done} ({time.monotonic() - started:.1f} s)")
