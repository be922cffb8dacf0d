"""How a route is declared: a function from a typed request to a typed reply; everything else follows from its types.

    @api.post("/v1/pools/{pool_id}/claims")
    def claim_customers(request: ClaimCustomers) -> ClaimResult:
        \"\"\"Take free customers out of a pool.\"\"\"
        return call(request)

The request's fields are taken from the path, then the query (GET) or the JSON body; unknown ones are refused by name.
A POST may bear an Idempotency-Key. A request with `version` needs If-Match; one with `changes` takes the body as a
merge patch. A reply with `version` answers with an ETag. Who reads below a customer that was merged into another one is
led there. docs/openapi.json is made from the same declaration.
"""

import inspect
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_type_hints
from uuid import UUID

from flask import Flask, Response
from flask import request as http
from pydantic import BaseModel

from contracts.errors import NotFound
from gateway import auth, downloads, parsing
from gateway.downloads import Download
from servicekit import context, tracing

Handler = Callable[[Any], BaseModel]
MERGED = "customer.merged"
"""The code of a customer that was merged into another one, whose id is in the error's data."""
_CUSTOMER = "customer_id"


@dataclass(frozen=True)
class Route:
    """One declared route."""

    method: str
    path: str
    handler: Handler
    request: type[BaseModel]
    reply: type[BaseModel]
    status: int
    public: bool
    area: str
    seconds: float | None = None
    """Its own deadline, where it takes longer than requests usually may."""
    media_type: str = "application/json"
    """What it answers."""

    @property
    def name(self) -> str:
        """The handler's name; unique, and the operation's id in the OpenAPI document."""
        return self.handler.__name__

    @property
    def leads_on(self) -> bool:
        """Whether it reads something of a customer, which may stand elsewhere by now."""
        return self.method == "GET" and _CUSTOMER in self.path_fields

    @property
    def path_fields(self) -> list[str]:
        """The request's fields that stand in the path."""
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]


@dataclass
class Api:
    """The routes of one area; `area` groups them in the documentation."""

    area: str
    routes: list[Route] = field(default_factory=list)

    def get(self, path: str) -> Callable[[Handler], Handler]:
        """Read something."""
        return self._declare("GET", path, 200)

    def post(self, path: str, *, status: int = 200, seconds: float | None = None) -> Callable[[Handler], Handler]:
        """Do something; 201 where it makes a record, whose place is told in Location."""
        return self._declare("POST", path, status, seconds=seconds)

    def download(self, path: str, media_type: str) -> Callable[[Handler], Handler]:
        """Read something as a file."""
        return self._declare("GET", path, 200, media_type=media_type)

    def put(self, path: str) -> Callable[[Handler], Handler]:
        """Put something whole in the place of what is there; again is the same."""
        return self._declare("PUT", path, 200)

    def patch(self, path: str) -> Callable[[Handler], Handler]:
        """Change fields of a record by JSON Merge Patch."""
        return self._declare("PATCH", path, 200)

    def delete(self, path: str) -> Callable[[Handler], Handler]:
        """Remove a record."""
        return self._declare("DELETE", path, 200)

    def public_get(self, path: str) -> Callable[[Handler], Handler]:
        """Read something without being signed in."""
        return self._declare("GET", path, 200, public=True)

    def public_post(self, path: str) -> Callable[[Handler], Handler]:
        """Do something without being signed in."""
        return self._declare("POST", path, 200, public=True)

    def mount(self, app: Flask) -> None:
        """Serve the routes."""
        for route in self.routes:
            app.add_url_rule(_flask_path(route), endpoint=route.name, view_func=_view(route), methods=[route.method])

    def _declare(
        self, method: str, path: str, status: int, *, public: bool = False, **more: Any
    ) -> Callable[[Handler], Handler]:
        """`more` are further fields of Route."""

        def register(handler: Handler) -> Handler:
            hints = get_type_hints(handler)
            parameter = next(iter(inspect.signature(handler).parameters))
            named = {"request": hints[parameter], "reply": hints["return"], "area": self.area}
            self.routes.append(Route(method, path, handler, status=status, public=public, **named, **more))
            return handler

        return register


def _flask_path(route: Route) -> str:
    """All that varies in a path is an id: with anything else in its place there is no such address, hence 404."""
    return route.path.replace("{", "<uuid:").replace("}", ">")


def _view(route: Route) -> Callable[..., Response]:
    parse = parsing.parser_of(route.method, route.request, route.path_fields)

    def view(**path: UUID) -> Response:
        if route.seconds is not None:
            context.amend(deadline=time.time() + route.seconds)
        if route.method == "POST":
            context.amend(idempotency_key=parsing.idempotency_key())
        with tracing.span(f"{route.method} {route.path}"):
            try:
                return answer(route, route.handler(parse(path)))
            except NotFound as error:
                if not (route.leads_on and error.code == MERGED):
                    raise
                return _led_on(route, path, str(error.data["survivor_id"]))

    return auth.public(view) if route.public else view


def _led_on(route: Route, path: Mapping[str, UUID], survivor_id: str) -> Response:
    """Temporarily, for a merge can be undone."""
    place = route.path
    for name, value in {**path, _CUSTOMER: survivor_id}.items():
        place = place.replace("{" + name + "}", str(value))
    asked = http.query_string.decode("ascii", "replace")
    return Response(status=307, headers={"Location": f"{place}?{asked}" if asked else place})


def answer(route: Route, reply: BaseModel) -> Response:
    """The HTTP answer for a reply: a file, or JSON with the record's place and version where it has them."""
    if isinstance(reply, Download):
        return downloads.answered(reply)
    response = Response(reply.model_dump_json(), status=route.status, mimetype="application/json")
    version = getattr(reply, "version", None)
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    made = getattr(reply, "id", None)
    if route.status == 201 and made is not None:
        response.headers["Location"] = f"{_filled(route, reply)}/{made}"
    return response


def _filled(route: Route, reply: BaseModel) -> str:
    path = route.path
    for name in route.path_fields:
        path = path.replace("{" + name + "}", str(getattr(reply, name, "")))
    return path
