"""The one place that knows how the five kinds of error look in HTTP: RFC 9457 problem details."""

import logging
from typing import Any

from flask import Flask, Response
from pydantic_core import to_json
from werkzeug.exceptions import HTTPException

from contracts.errors import CallError, Conflict, InvalidInput, NotFound, NotPermitted, Unavailable
from servicekit import context

log = logging.getLogger(__name__)

_STATUS_OF_KIND: dict[type[CallError], int] = {
    InvalidInput: 422,
    NotPermitted: 403,
    NotFound: 404,
    Conflict: 409,
    Unavailable: 503,
}
_STATUS_OF_CODE = {
    "request.malformed": 400,
    "request.media_type": 415,
    "request.precondition_required": 428,
    "cursor.invalid": 400,
    "auth.required": 401,
    "auth.invalid_token": 401,
    "auth.expired_token": 401,
    "auth.invalid_api_key": 401,
    "auth.bad_credentials": 401,
    "auth.locked": 429,
    "auth.session_ended": 401,
    "auth.provider_refused": 401,
    "version.stale": 412,
    "internal.error": 500,
}
TITLES = {
    400: "Malformed request",
    401: "Not signed in",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    409: "Conflict",
    412: "Changed meanwhile",
    413: "Too large",
    414: "Address too long",
    415: "Wrong media type",
    422: "Invalid fields",
    428: "If-Match required",
    429: "Too many requests",
    431: "Headers too large",
    500: "Internal error",
    501: "Not implemented",
    503: "Unavailable",
    505: "HTTP version not supported",
}


def status_of(kind: type[CallError], code: str) -> int:
    """The HTTP status of an error: by its code where one is listed, else by its kind."""
    return _STATUS_OF_CODE.get(code) or _STATUS_OF_KIND[kind]


def problem_body(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """RFC 9457's document."""
    return {
        "type": f"/docs/errors#{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
        **more,
        "request_id": context.current().request_id,
    }


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """An `application/problem+json` answer."""
    body = problem_body(status, code, detail, **more)
    return Response(to_json(body), status=status, mimetype="application/problem+json")


def of_call(error: CallError) -> Response:
    """The answer for one of the five errors."""
    more: dict[str, Any] = {}
    if error.fields:
        more["errors"] = error.fields
    if error.data:
        more["data"] = error.data
    status = status_of(type(error), error.code)
    response = problem(status, error.code, error.detail, **more)
    if error.retry_after is not None or status == 503:
        response.headers["Retry-After"] = str(max(1, round(error.retry_after or 1)))
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="crm"'
    return response


def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    code = f"http.{status}"
    response = problem(status, code, error.description or TITLES.get(status, ""))
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _of_bug(_error: Exception) -> Response:
    log.exception("request failed")
    return problem(500, "internal.error", "Something went wrong here; it has been logged.")


def mount(app: Flask) -> None:
    """Turn every error of the app into a problem document."""
    app.register_error_handler(CallError, of_call)
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _of_bug)
