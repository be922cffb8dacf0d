"""Passwords: hashed with argon2id, beside the event loop, a few at once."""

from collections.abc import Callable
from typing import TypeVar

import eventlet.tpool
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY
from eventlet.semaphore import Semaphore

from contracts.errors import Unavailable

T = TypeVar("T")

# RFC 9106's second recommended option: 3 passes over 64 MiB in 4 lanes. One hash costs about 0.25 s of CPU time (0.1 to
# 0.2 s by the clock, on two cores) and 64 MiB, for us and for every guess of somebody who got hold of the table.
_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_AT_ONCE = 4
"""Hashes computed at the same time by one process: 256 MiB at most."""
_WAITING_AT_MOST = 8
_WAIT_SECONDS = 3.0
"""Who would wait longer, or behind more, is told to come back: a rush of sign-ins leaves workers for other calls."""
_turns = Semaphore(_AT_ONCE)

_NOBODYS = (
    f"$argon2id$v={RFC_9106_LOW_MEMORY.version}"
    f"$m={RFC_9106_LOW_MEMORY.memory_cost},t={RFC_9106_LOW_MEMORY.time_cost},p={RFC_9106_LOW_MEMORY.parallelism}"
    f"${'A' * 22}${'A' * 43}"
)
"""A hash that no password is known to have; it costs as much to check as a real one."""


def hashed(password: str) -> str:
    """The hash to keep. Unavailable: identity.busy."""
    return _beside_the_loop(lambda: _HASHER.hash(password))


def matches(password: str, password_hash: str | None) -> bool:
    """Whether this is the password; takes as long where there is none to compare with. Unavailable: identity.busy."""
    return _beside_the_loop(lambda: _verify(password, password_hash or _NOBODYS))


def _verify(password: str, password_hash: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except VerifyMismatchError:
        return False


def _beside_the_loop(work: Callable[[], T]) -> T:
    if _turns.balance <= -_WAITING_AT_MOST or not _turns.acquire(timeout=_WAIT_SECONDS):
        raise Unavailable(
            "identity.busy", "Too many people sign in at once. Try again.", data={"outcome": "not_done"}, retry_after=1
        )
    try:
        # A native thread: the hash would keep every other request of this process waiting.
        result: T = eventlet.tpool.execute(work)
        return result
    finally:
        _turns.release()
