"""Work that would hold up the event loop, done in a thread of the system: long computing, native waiting."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from eventlet import patcher, tpool

P = ParamSpec("P")
T = TypeVar("T")


def away(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do this while the event loop goes on, and wait for it. It must touch nothing green: no database, no RPC.

    Without an event loop, and in such a thread already, it is done at once.
    """
    if not patcher.is_monkey_patched("socket"):
        return work(*args, **kwargs)
    done: T = tpool.execute(work, *args, **kwargs)
    return done
