"""From a typed request to an HTTP one: the gateway's reading of it, the other way round."""

from typing import Any
from uuid import uuid4

import httpx
from pydantic import BaseModel

from tideline_client.route import Route


def written(http: httpx.Client, route: Route, request: BaseModel) -> httpx.Request:
    """The HTTP request of one call. Its id is new; a POST bears it as its Idempotency-Key too, as do all repeats."""
    fields = request.model_dump(mode="json", exclude_unset=True)
    path = route.path.format_map({name: fields.pop(name) for name in route.path_fields})
    call_id = str(uuid4())
    headers = {"X-Request-Id": call_id}
    if route.method == "POST":
        headers["Idempotency-Key"] = call_id
    if "version" in fields:
        headers["If-Match"] = f'"{fields.pop("version")}"'
    if route.method in {"GET", "DELETE"}:
        query = {name: _listed(value) for name, value in fields.items() if value is not None}
        return http.build_request(route.method, path, params=query, headers=headers)
    return http.build_request(route.method, path, json=fields.get("changes", fields), headers=headers)


def _listed(value: Any) -> Any:
    """Several values go in one parameter, separated by commas."""
    return ",".join(map(str, value)) if isinstance(value, list) else value
