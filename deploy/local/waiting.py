"""Waiting for a condition, never longer than its limit."""

import time
from collections.abc import Callable

from deploy.local.errors import LaunchError

_PAUSE = 0.05


def wait_until(condition: Callable[[], bool], *, limit: float, otherwise: str) -> None:
    """Return as soon as the condition holds; after `limit` seconds fail with the text `otherwise`."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            raise LaunchError(otherwise)
        time.sleep(_PAUSE)
