"""The errors each route may answer with: those its request's docstring names, those of its shape, those of any call."""

from collections.abc import Iterator
from typing import NamedTuple

from contracts.base import Request
from contracts.errors import KINDS
from gateway.errors import status_of
from gateway.routing import MERGED, Route
from servicekit.docstrings import errors_of
from servicekit.rpc.codes import CODES_ANYWHERE

_CURSORS = {"cursor", "after"}


class Refusal(NamedTuple):
    """One error: how it is answered, its code, and when it comes about."""

    status: int
    code: str
    when: str


_ANYWHERE = {code: Refusal(status_of(KINDS[kind], code), code, when)
             for code, (kind, when) in CODES_ANYWHERE.items()}  # fmt: skip
ANY_ROUTE = [
    Refusal(400, "http.400", "The request is not what HTTP says that one is; the connection ends."),
    Refusal(408, "http.408", "The request did not arrive in time; the connection ends."),
    Refusal(414, "http.414", "The address has more than 8,000 bytes; the connection ends."),
    Refusal(431, "http.431", "The headers have more than 64 KiB, or are more than 100; the connection ends."),
    Refusal(429, "limit.reached", "The caller asked more often than once a minute's limit allows."),
    *(refusal for refusal in _ANYWHERE.values() if refusal.status in {500, 503}),
    Refusal(503, "http.503", "This client address has too many connections open."),
]
SIGNED_IN = [
    *(_ANYWHERE[code] for code in ("auth.required", "auth.invalid_token", "auth.expired_token")),
    Refusal(401, "auth.invalid_api_key", "The API key is not one of this suite's, has expired, or was revoked."),
    Refusal(403, "auth.users_only", "This is for people, not for programs."),
    Refusal(403, "auth.scope_missing", "The API key lacks the scope that this needs."),
]
_WITH_BODY = [
    Refusal(400, "request.malformed", "The body is not a JSON object, or a header is not of its form."),
    Refusal(413, "http.413", "The body is too large."),
    Refusal(415, "request.media_type", "The body is not JSON."),
]
_VERSIONED = [
    Refusal(400, "request.malformed", "If-Match is not an ETag as this API gives it."),
    Refusal(412, "version.stale", "It changed since the caller read it."),
    Refusal(428, "request.precondition_required", "If-Match is missing."),
]
_REPEATABLE = [
    Refusal(409, "idempotency.in_progress", "The first request under this key still runs."),
    Refusal(422, "idempotency.key_reused", "The key was used for another request."),
]
_SECRET = Refusal(409, "idempotency.answer_not_kept", "It was done, and its answer held a secret that is kept nowhere.")
_NO_ID = Refusal(404, "http.404", "What stands for an id in the address is none.")


def refusals_of(route: Route) -> list[Refusal]:
    """Every error that a route may answer with, each code once, by status."""
    found: dict[str, Refusal] = {}
    for refusal in (*_named(route), *_by_shape(route), *ANY_ROUTE):
        found.setdefault(refusal.code, refusal)
    return sorted(found.values(), key=lambda refusal: refusal.status)


def _named(route: Route) -> Iterator[Refusal]:
    for error in errors_of(route.request):
        if route.leads_on and error.code == MERGED:
            continue  # who reads is led on
        yield Refusal(status_of(KINDS[error.kind], error.code), error.code, error.remark)


def _by_shape(route: Route) -> Iterator[Refusal]:
    fields = route.request.model_fields
    yield _ANYWHERE["fields.invalid"]
    if not route.public:
        yield from SIGNED_IN
    if route.path_fields:
        yield _NO_ID
    if not _CURSORS.isdisjoint(fields):
        yield _ANYWHERE["cursor.invalid"]
    if "version" in fields:
        yield from _VERSIONED
    if route.method in {"POST", "PUT", "PATCH"}:
        yield from _WITH_BODY
    if route.method == "POST" and not route.public:
        yield from _REPEATABLE
        if issubclass(route.request, Request) and route.request.shown_once:
            yield _SECRET
