"""From an HTTP answer to the typed reply or one of the five errors."""

import math
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from contracts.errors import CallError, Conflict, FieldFault, InvalidInput, NotFound, NotPermitted, Unavailable

R = TypeVar("R", bound=BaseModel)

_KINDS: dict[int, type[CallError]] = {
    401: NotPermitted,
    403: NotPermitted,
    404: NotFound,
    408: Unavailable,
    409: Conflict,
    412: Conflict,
    429: Unavailable,
}
_PROBLEM = "application/problem+json"
_FAULTS = TypeAdapter(list[FieldFault])


def read(reply: type[R], answer: httpx.Response) -> R:
    """The typed reply. Unavailable: call.bad_reply."""
    try:
        return reply.model_validate_json(answer.content)
    except ValidationError as error:
        unread = Unavailable("call.bad_reply", f"The answer is no {reply.__name__}.", data={"outcome": "unknown"})
        raise identified(unread, answer.headers.get("X-Request-Id", "")) from error


def error_of(answer: httpx.Response) -> CallError:
    """The typed error of a refusal; `request_id` is the X-Request-Id that the gateway's log has it under."""
    problem = _problem(answer)
    code = str(problem.get("code") or f"http.{answer.status_code}")
    error = _kind(answer.status_code, code)(
        code,
        str(problem.get("detail") or f"Answered {answer.status_code} {answer.reason_phrase}."),
        fields=_faults(problem),
        data=problem.get("data") or ({"outcome": "not_done"} if answer.status_code == 429 else {}),
        retry_after=_retry_after(answer),
    )
    return identified(error, answer.headers.get("X-Request-Id", ""))


def identified(error: CallError, request_id: str) -> CallError:
    """The error with the id of the request it answers, also where a traceback is all that one sees."""
    error.request_id = request_id
    error.add_note(f"X-Request-Id: {request_id}")
    return error


def _kind(status: int, code: str) -> type[CallError]:
    if status == 429 and code.startswith("auth."):
        return NotPermitted
    return _KINDS.get(status, Unavailable if status >= 500 or status < 400 else InvalidInput)


def _problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem document; empty for an answer of something between us and the gateway."""
    if answer.headers.get("Content-Type", "").partition(";")[0] != _PROBLEM:
        return {}
    try:
        problem = answer.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _faults(problem: dict[str, Any]) -> list[FieldFault]:
    try:
        return _FAULTS.validate_python(problem.get("errors") or [])
    except ValidationError:
        return []


def _retry_after(answer: httpx.Response) -> float | None:
    try:
        seconds = float(answer.headers.get("Retry-After", ""))
    except ValueError:
        return None  # none, or a date, which the gateway never gives
    return max(0.0, seconds) if math.isfinite(seconds) else None
