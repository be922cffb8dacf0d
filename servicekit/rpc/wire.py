"""How requests, replies and errors look on the wire: nameko's JSON bodies, its `nameko.` headers, and a deadline."""

import time
from functools import cache
from typing import Any, Generic, NotRequired, TypeVar, cast

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import to_json
from typing_extensions import TypedDict

from contracts.base import Request
from contracts.errors import CallError, ErrorBody, FieldFault, InvalidInput, Unavailable, error_from
from servicekit.context import Caller, Work
from servicekit.tokens import Verifier

EXCHANGE = "nameko-rpc"
DIRECT_REPLY = "amq.rabbitmq.reply-to"

_TOKEN = "nameko.caller"  # noqa: S105  the header's name
_DEADLINE = "nameko.deadline"
_REQUEST_ID = "nameko.request_id"
_TRACEPARENT = "nameko.traceparent"
_IDEMPOTENCY_KEY = "nameko.idempotency_key"
_ADDRESS = "nameko.address"

T = TypeVar("T", bound=BaseModel)


class _Call(TypedDict, Generic[T]):
    """A request's body; nameko's clients may leave out `args`, and our methods take none."""

    args: NotRequired[tuple[()]]
    kwargs: T


class _Error(BaseModel):
    """An error as nameko writes it; `body` is ours and carries what nameko would turn to strings."""

    model_config = ConfigDict(extra="ignore")

    exc_type: str = ""
    value: str = ""
    body: ErrorBody | None = None

    def raised(self) -> CallError:
        """The typed exception for it."""
        if self.body is not None:
            return error_from(self.body)
        return Unavailable("internal.error", f"{self.exc_type}: {self.value}", data={"outcome": "unknown"})


class _Answer(BaseModel, Generic[T]):
    """A reply's body: a result or an error."""

    result: T | None = None
    error: _Error | None = None


@cache
def _call_of(request: type[T]) -> TypeAdapter[_Call[T]]:
    return TypeAdapter(_Call[request])  # type: ignore[valid-type]  # built at run time, once per request type


@cache
def _answer_of(reply: type[T]) -> type[_Answer[T]]:
    return _Answer[reply]  # type: ignore[valid-type]


def queue_of(service: str) -> str:
    """The queue that a service's requests wait in, named as nameko names it."""
    return f"rpc-{service}"


def encode_request(request: Request[Any]) -> bytes:
    """The body of a request; fields left at their defaults don't travel."""
    return b'{"args":[],"kwargs":%b}' % request.model_dump_json(exclude_unset=True).encode()


def decode_request(request: type[T], body: bytes | str) -> T:
    """The typed request of a body. InvalidInput names every field at fault."""
    try:
        return cast(T, _call_of(request).validate_json(body)["kwargs"])
    except ValidationError as error:
        raise invalid_input(error, skip=1) from None


def encode_reply(reply: BaseModel) -> bytes:
    """The body of a result."""
    return b'{"result":%b,"error":null}' % reply.model_dump_json().encode()


def encode_error(error: CallError) -> bytes:
    """The body of an error, readable by nameko's clients and complete for ours."""
    kind = type(error)
    wire = {
        "exc_type": kind.__name__,
        "exc_path": f"{kind.__module__}.{kind.__name__}",
        "exc_args": [error.code, error.detail],
        "value": str(error),
        "body": error.body(),
    }
    return b'{"result":null,"error":%b}' % to_json(wire)


def decode_reply(reply: type[T], body: bytes | str) -> T:
    """The typed reply of a body, or its typed error raised."""
    try:
        answer = _answer_of(reply).model_validate_json(body)
    except ValidationError as error:
        raise Unavailable("call.bad_reply", f"The reply is not a {reply.__name__}.", retry_after=5) from error
    if answer.error is not None:
        raise answer.error.raised()
    if answer.result is None:
        raise Unavailable("call.bad_reply", f"The reply holds no {reply.__name__}.", retry_after=5)
    return cast(T, answer.result)


def headers_of(work: Work, deadline: float) -> dict[str, Any]:
    """What travels beside a request: whose it is, until when, and under which id."""
    headers: dict[str, Any] = {_TOKEN: work.token, _DEADLINE: deadline, _REQUEST_ID: work.request_id}
    if work.traceparent:
        headers[_TRACEPARENT] = work.traceparent
    if work.idempotency_key:
        headers[_IDEMPOTENCY_KEY] = work.idempotency_key
    if work.address:
        headers[_ADDRESS] = work.address
    return headers


def work_of(headers: dict[str, Any], verifier: Verifier) -> Work:
    """The context of an incoming request. Its token is checked; one past its deadline is refused as Unavailable."""
    deadline = headers.get(_DEADLINE)
    if deadline is not None and float(deadline) < time.time():
        raise Unavailable("call.past_deadline", "Nobody waits for this any more.", data={"outcome": "not_done"})
    token = str(headers.get(_TOKEN) or "")
    caller: Caller | None = verifier.verify(token) if token else None
    return Work(
        caller=caller,
        token=token,
        deadline=None if deadline is None else float(deadline),
        request_id=request_id_of(headers),
        traceparent=str(headers.get(_TRACEPARENT) or ""),
        address=str(headers.get(_ADDRESS) or ""),
    )


def request_id_of(headers: dict[str, Any]) -> str:
    """The id that an incoming request is logged under, whether or not the rest of it is in order."""
    return str(headers.get(_REQUEST_ID) or "")


def idempotency_key_of(headers: dict[str, Any]) -> str:
    """Under which a request may be repeated; empty where it bears none. It is no part of the work, so it ends here."""
    return str(headers.get(_IDEMPOTENCY_KEY) or "")


def invalid_input(error: ValidationError, *, skip: int = 0) -> InvalidInput:
    """InvalidInput for what pydantic found; `skip` leading parts of each path are ours, not the caller's."""
    fields = [
        FieldFault(
            field=".".join(str(part) for part in problem["loc"][skip:]),
            code=problem["type"],
            message=problem["msg"],
        )
        for problem in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    return InvalidInput("fields.invalid", "Some fields are not valid.", fields=fields)
