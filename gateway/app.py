"""The Flask application: every request gets an id and a deadline, every route its area, every error its document."""

import re
import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, g
from flask import request as http
from flask_swagger_ui import get_swaggerui_blueprint
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic_core import to_json
from werkzeug.middleware.proxy_fix import ProxyFix

from gateway import auth, backend, error_page, errors, openapi
from gateway.limits import Limits
from gateway.routes import AREAS
from gateway.settings import GatewaySettings
from gateway.stream import Streams
from gateway.uploads import Uploads
from servicekit import context
from servicekit.context import Work
from servicekit.database import new_id
from servicekit.logging import get_logger
from servicekit.metrics import HTTP_ANSWERED

log = get_logger(__name__)

_REQUEST_ID = re.compile(r"^[A-Za-z0-9._:-]{1,80}$")
_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
_ANSWERS_POLICY = "default-src 'none'; frame-ancestors 'none'"
_PAGES_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'"
)
"""The bundled viewer starts itself and sets its looks within the page."""

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def create_app(settings: GatewaySettings, callers: auth.Callers, streams: Streams) -> Flask:
    """The gateway, ready to be served."""
    app = Flask("gateway", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.body_bytes
    app.url_map.strict_slashes = False
    errors.mount(app)
    auth.mount(app, callers)
    for area in AREAS:
        area.mount(app)
    streams.mount(app)
    Uploads(settings).mount(app)
    _mount_own(app)
    _harden(app)
    _count(app)
    Limits(settings.requests_per_minute).mount(app)
    served: Any = _in_context(app.wsgi_app, settings.request_seconds)
    if settings.trusted_proxies:
        served = ProxyFix(served, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)
    app.wsgi_app = served  # type: ignore[method-assign]  # as Flask's own docs wrap it
    return app


def _mount_own(app: Flask) -> None:
    described = openapi.document()
    document, errors_page = to_json(described), error_page.page(described)

    def healthz() -> Response:
        return _json(b'{"status":"alive"}')

    def readyz() -> Response:
        states = backend.states()
        ready = all(state == "ok" for state in states.values())
        return _json(to_json({"services": states}), status=200 if ready else 503)

    def metrics() -> Response:
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    def openapi_json() -> Response:
        return _json(document)

    def errors_html() -> Response:
        return Response(errors_page, mimetype="text/html")

    for view in (healthz, readyz, metrics):
        app.add_url_rule(f"/{view.__name__}", view_func=auth.public(view))
    app.add_url_rule("/openapi.json", view_func=auth.public(openapi_json))
    app.add_url_rule("/docs/errors", view_func=auth.public(errors_html))
    # Without a validator: unless told so, the page sends the document's address to a public one.
    looks = {"app_name": "Tideline API", "validatorUrl": None}
    app.register_blueprint(get_swaggerui_blueprint("/docs", "/openapi.json", config=looks))
    for endpoint in [name for name in app.view_functions if name.startswith("swagger_ui.")]:
        app.view_functions[endpoint] = auth.public(app.view_functions[endpoint])


def _json(body: bytes, *, status: int = 200) -> Response:
    return Response(body, status=status, mimetype="application/json")


def _harden(app: Flask) -> None:
    """Tell browsers to guess no types, keep no records, and load nothing from other hosts."""

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        is_answer = http.path.startswith("/v1/")
        response.headers["Content-Security-Policy"] = _ANSWERS_POLICY if is_answer else _PAGES_POLICY
        if is_answer:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _count(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        route = http.url_rule.rule if http.url_rule else "unknown"
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        HTTP_ANSWERED.labels(http.method if http.url_rule else "", route, response.status_code).observe(seconds)
        log.info("answered", method=http.method, route=route, status=response.status_code, ms=round(seconds * 1000, 1))
        return response


def _in_context(app: Wsgi, seconds: float) -> Wsgi:
    """Do each request under its own id and deadline, and say the id in the answer."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            environ["wsgi.input_terminated"] = True  # eventlet ends such a body; unless told so, Flask reads none of it
        given = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _REQUEST_ID.match(given) else str(new_id())
        traceparent = environ.get("HTTP_TRACEPARENT", "")

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("X-Request-Id", request_id)], *rest)

        work = Work(
            request_id=request_id,
            traceparent=traceparent if _TRACEPARENT.match(traceparent) else "",
            address=environ.get("REMOTE_ADDR", ""),
        )
        with context.working(work), context.deadline_in(seconds):
            return app(environ, start)

    return serve
