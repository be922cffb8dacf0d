"""The caller's side: `call(request)` waits for the typed reply, `send(request)` lets several be under way at once."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Generic, TypeVar

from eventlet.event import Event
from pydantic import BaseModel

from contracts.base import Request
from contracts.errors import CallError, Unavailable
from servicekit import context
from servicekit.metrics import RPC_CALLED
from servicekit.rpc.line import Line
from servicekit.rpc.wire import decode_reply, encode_request, headers_of

R = TypeVar("R", bound=BaseModel)

_DEFAULT_SECONDS = 5.0
_line: Line | None = None
_own_token: Callable[[], str] | None = None


def use(line: Line | None, own_token: Callable[[], str] | None = None) -> None:
    """Make this the process's line, and this what signs its own calls; said once at start."""
    global _line, _own_token
    _line, _own_token = line, own_token


class Pending(Generic[R]):
    """A request that is under way."""

    def __init__(self, line: Line, request: Request[R], number: str, answered: Event, deadline: float) -> None:
        self._line = line
        self._request = request
        self._number = number
        self._answered = answered
        self._deadline = deadline
        self._began = time.perf_counter()

    def result(self) -> R:
        """Wait for the reply until the deadline; raises the service's typed error, or Unavailable."""
        outcome = "ok"
        try:
            return self._result()
        except CallError as error:
            outcome = error.kind
            raise
        finally:
            seconds = time.perf_counter() - self._began
            RPC_CALLED.labels(f"{self._request.service}.{self._request.method}", outcome).observe(seconds)

    def _result(self) -> R:
        body = self._answered.wait(timeout=max(0.001, self._deadline - time.time()))
        if body is None:
            self._line.forget(self._number)
            raise _timed_out(self._request)
        if isinstance(body, CallError):
            raise body
        return decode_reply(self._request.reply_type, body)  # type: ignore[return-value]  # R is its reply_type


def send(request: Request[R], *, timeout: float = _DEFAULT_SECONDS, to: str = "") -> Pending[R]:
    """Send a request on behalf of the caller in hand and don't wait yet.

    The deadline is that of the work in hand, at most `timeout` seconds from now. `to` names the service for a request
    that every service answers.
    """
    if _line is None:
        raise RuntimeError("this process has no RPC line: servicekit.rpc.use() was not called")
    seconds = context.remaining(timeout)
    if seconds <= 0:
        raise Unavailable("call.past_deadline", "There is no time left for this call.", data={"outcome": "not_done"})
    deadline = time.time() + seconds
    headers = headers_of(context.current(), deadline)
    body = encode_request(request)
    number, answered = _line.send(to or request.service, request.method, body, headers, seconds=seconds)
    return Pending(_line, request, number, answered, deadline)


def call(request: Request[R], *, timeout: float = _DEFAULT_SECONDS) -> R:
    """Ask a service and wait for its typed reply, e.g. `call(GetPool(pool_id=…)).name`.

    Raises the five errors of contracts/errors.py; Unavailable when no answer comes in time.
    """
    return send(request, timeout=timeout).result()


def call_as_self(request: Request[R], *, timeout: float = _DEFAULT_SECONDS) -> R:
    """The same on behalf of this process, where the caller's own rights must not decide (e.g. to fill a projection)."""
    with as_self():
        return call(request, timeout=timeout)


@contextmanager
def as_self() -> Iterator[None]:
    """Calls in the block are made on behalf of this process."""
    if _own_token is None:
        raise RuntimeError("this process has no name of its own: servicekit.rpc.use() was not given a token")
    with context.working(replace(context.current(), token=_own_token())):
        yield


def _timed_out(request: Request[Any]) -> CallError:
    return Unavailable(
        "call.timed_out",
        f"The {request.service} service did not answer in time.",
        data={"outcome": "unknown", "service": request.service},
        retry_after=2,
    )
