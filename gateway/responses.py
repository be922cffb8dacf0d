"""How answers stand in the OpenAPI document: bodies with examples, headers, and every error by its code."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from contracts.errors import FieldFault
from gateway.errors import TITLES, problem_body
from gateway.examples import Examples
from gateway.refusals import ANY_ROUTE, SIGNED_IN, Refusal, refusals_of
from gateway.routing import Route

PROBLEM = "application/problem+json"
FILE = {"type": "string"}
FILE_EXAMPLE = "Name,City\r\nAcme Trading Ltd,Shanghai\r\n"
_FAULT = FieldFault(field="name", code="missing", message="Field required")
_SHARED = [
    *(refusal for refusal in ANY_ROUTE if refusal.status != 400),
    *(refusal for refusal in SIGNED_IN if refusal.status == 401),
]
"""Where a route has no more to say, it says these in the words of all."""
_EXTRA_HEADERS = {401: ["WWW-Authenticate"], 409: ["Retry-After"], 429: ["Retry-After"], 503: ["Retry-After"]}
_TEXT = {"schema": {"type": "string"}}
HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-Id": _TEXT | {"description": "The request's id, the caller's own where one was sent; logs have it."},
    "ETag": {
        "description": "The record's version, for If-Match.",
        "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
    },
    "Location": {"description": "Where the new record is.", "schema": {"type": "string", "format": "uri-reference"}},
    "Retry-After": {"description": "Seconds until it is worth another try.", "schema": {"type": "integer"}},
    "WWW-Authenticate": _TEXT | {"description": "How to say who one is."},
    "RateLimit-Policy": {
        "description": "How many requests (`q`) in how many seconds (`w`) a caller may make of each gateway process.",
        "schema": {"type": "string", "examples": ['"default";q=600;w=60']},
    },
    "RateLimit": {
        "description": "How many of them are left (`r`), and for how many seconds they must do (`t`).",
        "schema": {"type": "string", "examples": ['"default";r=599;t=60']},
    },
}
_ALWAYS = ["X-Request-Id", "RateLimit-Policy", "RateLimit"]


_LED_ON = {
    "description": "The customer was merged into another one: what is asked for is there, until the merge is undone.",
    "headers": {
        name: {"$ref": f"#/components/headers/{name}{'-Required' if name == 'Location' else ''}"}
        for name in (*_ALWAYS, "Location")
    },
}


def responses_of(route: Route, reply: dict[str, Any], examples: Examples) -> dict[str, Any]:
    """All answers of a route by status; `reply` refers to the schema of the good one."""
    led_on = {"307": {"$ref": "#/components/responses/Merged"}} if route.leads_on else {}
    return {str(route.status): _good(route, reply, examples)} | led_on | errors_by_status(refusals_of(route))


def errors_by_status(refusals: Iterable[Refusal]) -> dict[str, Any]:
    """The answers for errors; those that every route gives alike stand once among the components."""
    return {
        str(status): _reference_or(status, list(each)) for status, each in groupby(refusals, lambda one: one.status)
    }


def components() -> dict[str, Any]:
    """What routes refer to: headers, shared answers, an example of each error."""
    shared = sorted(_SHARED, key=lambda refusal: refusal.status)
    return {
        "headers": HEADERS | {f"{name}-Required": header | {"required": True} for name, header in HEADERS.items()},
        "responses": {f"Problem{status}": _error(status, list(each)) for status, each in groupby(shared, _status)}
        | {"Merged": _LED_ON},
    }


def problem_examples(refusals: Iterable[Refusal]) -> dict[str, Any]:
    """An example of each error, by its code."""
    return {refusal.code: _problem_example(refusal) for refusal in refusals}


def problem_schema() -> dict[str, Any]:
    """RFC 9457's document as this API writes it."""
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "RFC 9457 problem details.",
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": text,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": text,
            "code": text | {"description": "For programs, e.g. `pool.limit_reached`."},
            "errors": {"type": "array", "items": FieldFault.model_json_schema()},
            "data": {"type": "object"},
            "request_id": text,
        },
        "required": ["type", "title", "status", "detail", "code", "request_id"],
    }


def _status(refusal: Refusal) -> int:
    return refusal.status


def _good(route: Route, reply: dict[str, Any], examples: Examples) -> dict[str, Any]:
    fields = route.reply.model_fields
    named = [*_ALWAYS, *(["ETag"] if "version" in fields else [])]
    named += ["Location"] if route.status == 201 and "id" in fields else []
    example = FILE_EXAMPLE if reply is FILE else examples.of(reply)
    return {
        "description": (route.reply.__doc__ or "").strip().partition("\n")[0],
        "headers": {name: {"$ref": f"#/components/headers/{name}-Required"} for name in named},
        "content": {route.media_type: {"schema": reply, "example": example}},
    }


def _reference_or(status: int, refusals: list[Refusal]) -> dict[str, Any]:
    shared = {refusal.code for refusal in _SHARED if refusal.status == status}
    if {refusal.code for refusal in refusals} == shared:
        return {"$ref": f"#/components/responses/Problem{status}"}
    return _error(status, refusals)


def _error(status: int, refusals: list[Refusal]) -> dict[str, Any]:
    lines = [f"- `{refusal.code}`" + (f": {refusal.when}" if refusal.when else "") for refusal in refusals]
    named = [*_ALWAYS, *_EXTRA_HEADERS.get(status, [])]
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": {
            refusal.code: {"$ref": f"#/components/examples/{refusal.code}"}
            for refusal in sorted(refusals, key=lambda refusal: refusal.code)
        },
    }
    return {
        "description": "\n".join([f"{TITLES[status]}:", "", *lines]),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in named},
        "content": {PROBLEM: content},
    }


def _problem_example(refusal: Refusal) -> dict[str, Any]:
    more = {"errors": [_FAULT.model_dump()]} if refusal.code == "fields.invalid" else {}
    detail = refusal.when or TITLES[refusal.status]
    body = problem_body(refusal.status, refusal.code, detail, **more)
    return {"summary": TITLES[refusal.status], "value": body | {"request_id": "019aa6b2-0000-7000-8000-0000000000aa"}}
