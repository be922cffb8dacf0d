"""clients/python/tideline_client/routes.py: which route takes each request of the contracts, for the Python client."""

from itertools import groupby
from operator import itemgetter

from contracts.base import Request
from deploy.docs import catalogue
from gateway.downloads import Download
from gateway.routes import AREAS
from gateway.routing import Route

FILE = catalogue.ROOT / "clients" / "python" / "tideline_client" / "routes.py"
_WIDTH = 120


def text() -> str:
    """The whole module. What the gateway alone answers, and files, have no line in it."""
    answers = (route for area in AREAS for route in area.routes if route.reply is not Download)
    routes = [route for route in answers if issubclass(route.request, Request)]
    names = sorted(
        {("contracts.base", "Request"), *((each.request.__module__, each.request.__name__) for each in routes)}
    )
    return "\n".join(
        [
            '"""Which route takes each request. Written by `make docs` from the gateway\'s routes: don\'t edit it."""',
            "",
            "from typing import Any",
            "",
            *(_import(module, [name for _, name in group]) for module, group in groupby(names, itemgetter(0))),
            "from tideline_client.route import Route",
            "",
            "ROUTES: dict[type[Request[Any]], Route] = {",
            *map(_line, routes),
            "}",
            "",
        ]
    )


def _import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])


def _line(route: Route) -> str:
    seconds = "" if route.seconds is None else f", seconds={route.seconds}"
    name, facts = route.request.__name__, f'"{route.method}", "{route.path}"{seconds}'
    line = f"    {name}: Route({facts}),"
    return line if len(line) <= _WIDTH else f"    {name}: Route(\n        {facts}\n    ),"
