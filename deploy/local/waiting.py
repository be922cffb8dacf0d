"""Waiting for a condition, never longer than its limit."""

import time
from collections.abc import Callable

from deploy.local.errors import LaunchError

_PAUSE = 0.05


def wait_until(condition: Callable[[], bool], *, limit: float, otherwise: str | Callable[[], str]) -> None:
    """Return as soon as the condition holds; after `limit` seconds fail with `otherwise`, or what it says then."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            raise LaunchError(otherwise if isinstance(otherwise, str) else otherwise())
        time.sleep(_PAUSE)
