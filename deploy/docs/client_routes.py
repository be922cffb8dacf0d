"""clients/python/tideline_client/routes.py: which route takes each request of the contracts, for the Python client."""

from contracts.base import Request
from deploy.docs import catalogue
from gateway.routes import AREAS
from gateway.routing import Route

FILE = catalogue.ROOT / "clients" / "python" / "tideline_client" / "routes.py"
_WIDTH = 120


def text() -> str:
    """The whole module. What the gateway alone answers is no request of the contracts, and has no line in it."""
    routes = [route for area in AREAS for route in area.routes if issubclass(route.request, Request)]
    modules = ", ".join(sorted({_module(route) for route in routes}))
    return "\n".join(
        [
            '"""Which route takes each request. Written by `make docs` from the gateway\'s routes: don\'t edit it."""',
            "",
            "from typing import Any",
            "",
            f"from contracts import {modules}",
            "from contracts.base import Request",
            "from tideline_client.route import Route",
            "",
            "ROUTES: dict[type[Request[Any]], Route] = {",
            *map(_line, routes),
            "}",
            "",
        ]
    )


def _line(route: Route) -> str:
    seconds = "" if route.seconds is None else f", seconds={route.seconds}"
    name, facts = f"{_module(route)}.{route.request.__name__}", f'"{route.method}", "{route.path}"{seconds}'
    line = f"    {name}: Route({facts}),"
    return line if len(line) <= _WIDTH else f"    {name}: Route(\n        {facts}\n    ),"


def _module(route: Route) -> str:
    return route.request.__module__.rpartition(".")[2]
