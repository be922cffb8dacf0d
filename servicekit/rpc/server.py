"""The answering side: `@answers(Request)` makes a service's method an RPC.

A request is delivered without acks: it runs at most once, so a caller who lost the answer may not assume anything
and repeats with an idempotency key. The transaction closes before the reply leaves.
"""

import time
from collections import deque
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar

import amqp
from nameko.extensions import Entrypoint, SharedExtension
from pydantic import BaseModel
from sqlalchemy.orm import Session

from contracts.base import Request
from contracts.errors import CallError, InvalidInput, Unavailable
from servicekit import context, idempotency, tracing
from servicekit.context import Work
from servicekit.logging import get_logger
from servicekit.metrics import RPC_ANSWERED
from servicekit.rpc.wire import (
    decode_request,
    encode_error,
    encode_reply,
    idempotency_key_of,
    request_id_of,
    work_of,
)
from servicekit.runtime import Runtime, runtime_of
from servicekit.scopes import require_scope

log = get_logger(__name__)

R = TypeVar("R", bound=BaseModel)
_STOP_SECONDS = 2.0
_QUEUED_AT_MOST = 1_000


class HasSession(Protocol):
    """A service, as far as its methods' wrappers know it."""

    runtime: Runtime
    db: Session


Method = Callable[[Any, Any], R]


def answers(request: type[Request[R]]) -> Callable[[Method[R]], Method[R]]:
    """Answer this request with the decorated method: `def claim_customers(self, request) -> ClaimResult`.

    The method runs in one transaction (`self.db`) and under the caller's context; a request without a valid token is
    refused before it, and so is an API key without the scope.
    """
    return _answering(request, lambda: require_scope(request))


def answers_anyone(request: type[Request[R]]) -> Callable[[Method[R]], Method[R]]:
    """The same for callers who are not signed in."""
    return _answering(request, lambda: None)


def _answering(request: type[Request[R]], check: Callable[[], object]) -> Callable[[Method[R]], Method[R]]:
    def decorate(method: Method[R]) -> Method[R]:
        if method.__name__ != request.method:
            raise TypeError(f"{method.__name__} must be named {request.method}, as the RPC it answers")

        name = f"{request.service}.{request.method}"

        @wraps(method)
        def worker(service: HasSession, runtime: Runtime, message: amqp.Message) -> bytes:
            headers = message.properties.get("application_headers") or {}

            def work() -> bytes:
                service.runtime = runtime
                with context.working(work_of(headers, runtime.verifier)), tracing.span(f"answer {name}"):
                    check()
                    typed = decode_request(request, message.body)
                    with runtime.database.transaction() as service.db:
                        return idempotency.once(
                            *(service.db, typed, idempotency_key_of(headers)),
                            lambda: encode_reply(method(service, typed)),
                        )

            # Known before anything is checked, so that every log line about the request bears its id.
            with context.working(Work(request_id=request_id_of(headers))):
                return _answer(work, name)

        decorated: Method[R] = Answers.decorator(worker)
        return decorated

    return decorate


def _answer(work: Callable[[], bytes], name: str) -> bytes:
    began, outcome = time.perf_counter(), "ok"
    try:
        return work()
    except CallError as error:
        outcome = error.kind
        return encode_error(error)
    except Exception:
        outcome = "bug"
        log.exception("rpc failed", method=name)
        return encode_error(Unavailable("internal.error", "Something went wrong here; it has been logged."))
    finally:
        seconds = time.perf_counter() - began
        RPC_ANSWERED.labels(name, outcome).observe(seconds)
        log.info("rpc answered", method=name, outcome=outcome, ms=round(seconds * 1000, 1))


class RpcServer(SharedExtension):
    """Takes a service's requests from the process's line and gives each to a worker, a bounded number at once."""

    def __init__(self) -> None:
        super().__init__()
        self._entrypoints: dict[str, Answers] = {}
        self._queued: deque[amqp.Message] = deque()
        self._running = 0
        self._stopping = False

    def setup(self) -> None:
        """Make ready to serve before the line opens."""
        self._runtime = runtime_of(self.container)
        self._limit = self._runtime.settings.workers
        self._runtime.line.serve(self._runtime.service, self._take)

    def register(self, entrypoint: "Answers") -> None:
        """Know a method."""
        self._entrypoints[entrypoint.method_name] = entrypoint

    def stop_intake(self) -> None:
        """Take in nothing more; what is here is still worked on. The service's methods stop as one."""
        if not self._stopping:
            self._stopping = True
            self._runtime.line.stop_serving(_STOP_SECONDS)

    def _take(self, message: amqp.Message) -> None:
        if self._running < self._limit:
            self._begin(message)
        elif len(self._queued) < _QUEUED_AT_MOST:
            self._queued.append(message)
        else:
            overloaded = Unavailable("service.overloaded", "Too many requests wait already.", retry_after=5)
            self._reply(message, encode_error(overloaded))

    def _begin(self, message: amqp.Message) -> None:
        method = message.delivery_info["routing_key"].rpartition(".")[2]
        entrypoint = self._entrypoints.get(method)
        if entrypoint is None:
            unknown = InvalidInput("call.unknown_method", f"There is no RPC {method} here.")
            self._reply(message, encode_error(unknown))
            return
        self._running += 1
        self.container.spawn_worker(entrypoint, (self._runtime, message), {}, handle_result=self._finish)

    def _finish(self, worker: Any, result: Any, failure: Any) -> tuple[Any, Any]:
        self._running -= 1
        if result is not None:
            self._reply(worker.args[1], result)
        while self._queued and self._running < self._limit:
            self._begin(self._queued.popleft())
        return result, failure

    def _reply(self, message: amqp.Message, body: bytes) -> None:
        try:
            self._runtime.line.reply(message, body)
        except CallError:
            log.warning("reply could not be sent", method=message.delivery_info["routing_key"])


class Answers(Entrypoint):
    """The nameko entrypoint behind `@answers`."""

    server = RpcServer()

    def setup(self) -> None:
        """Be known to the server."""
        self.server.register(self)

    def stop(self) -> None:
        """Take nothing more."""
        self.server.stop_intake()
