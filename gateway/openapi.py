"""The OpenAPI 3.1 document, made from the declared routes and the contracts' JSON Schemas."""

import copy
import inspect
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from contracts.errors import FieldFault
from gateway import stream
from gateway.errors import TITLES
from gateway.routes import AREAS
from gateway.routing import Route

_REF = "#/components/schemas/{model}"
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def document() -> dict[str, Any]:
    """The whole document."""
    routes = [route for area in AREAS for route in area.routes]
    inputs, schemas = _schemas([route.request for route in routes], [route.reply for route in routes])
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, inputs[route.request])
    paths[stream.PATH] = {"get": _stream()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tideline",
            "version": "0.1.0",
            "description": "Customers, public pools, opportunities and activities over HTTP.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"bearer": []}],
        "tags": [{"name": area.area} for area in AREAS],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas | {"Problem": _problem_schema()},
        },
    }


def _stream() -> dict[str, Any]:
    fields = stream.ListenToEvents.model_json_schema()["properties"]
    parameters = [_parameter(name, "query", _without_null_defaults(field), False) for name, field in fields.items()]
    parameters.append({"name": "Last-Event-ID", "in": "header", "required": False, "schema": {"type": "string"}})
    problem = {"content": {"application/problem+json": {"schema": _PROBLEM}}}
    return {
        "operationId": "stream_events",
        "tags": ["events"],
        "summary": "What happens, as it happens: server-sent events, resumable by Last-Event-ID.",
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "Frames of id, event and data.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            **{str(status): {"description": TITLES[status], **problem} for status in (400, 401, 422, 503)},
        },
    }


def _schemas(
    requests: list[type[BaseModel]], replies: list[type[BaseModel]]
) -> tuple[dict[type[BaseModel], dict[str, Any]], dict[str, Any]]:
    """Each request's own schema, and all schemas by name; requests themselves are not among them."""
    wanted: list[tuple[type[BaseModel], Any]] = [(model, "validation") for model in requests]
    wanted += [(model, "serialization") for model in replies]
    by_model, definitions = models_json_schema(wanted, ref_template=_REF)
    schemas = _without_null_defaults(definitions["$defs"])
    inputs = {}
    for model in requests:
        name = by_model[model, "validation"]["$ref"].rpartition("/")[2]
        inputs[model] = schemas[name]
    return inputs, schemas


def _without_null_defaults(schema: Any) -> Any:
    """A default of null says no more than `not required` does, and is wrong for fields that can't be null."""
    if isinstance(schema, dict):
        return {
            key: _without_null_defaults(value) for key, value in schema.items() if key != "default" or value is not None
        }
    return [_without_null_defaults(each) for each in schema] if isinstance(schema, list) else schema


def _operation(route: Route, schema: dict[str, Any]) -> dict[str, Any]:
    fields = dict(schema.get("properties", {}))
    required = set(schema.get("required", []))
    parameters = [_parameter(name, "path", fields.pop(name)) for name in route.path_fields]
    if fields.pop("version", None) is not None:
        parameters.append({"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}})
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.area],
        "summary": (route.handler.__doc__ or "").strip().partition("\n")[0],
        "description": inspect.cleandoc(route.request.__doc__ or ""),
    }
    if route.method in {"GET", "DELETE"}:
        parameters += [_parameter(name, "query", field, name in required) for name, field in fields.items()]
    elif fields:
        operation["requestBody"] = _body(fields, required)
    if parameters:
        operation["parameters"] = parameters
    if route.public:
        operation["security"] = []
    operation["responses"] = _responses(route)
    return operation


def _parameter(name: str, place: str, schema: dict[str, Any], required: bool = True) -> dict[str, Any]:
    schema = copy.deepcopy(schema)
    description = schema.pop("description", None)
    parameter = {"name": name, "in": place, "required": required, "schema": schema}
    return parameter | ({"description": description} if description else {})


def _body(fields: dict[str, Any], required: set[str]) -> dict[str, Any]:
    if set(fields) == {"changes"}:
        return {"required": True, "content": {"application/merge-patch+json": {"schema": fields["changes"]}}}
    needed = [name for name in fields if name in required]
    schema = {"type": "object", "properties": fields, "additionalProperties": False}
    if needed:
        schema["required"] = needed
    return {"required": bool(needed), "content": {"application/json": {"schema": schema}}}


def _responses(route: Route) -> dict[str, Any]:
    good: dict[str, Any] = {
        "description": (route.reply.__doc__ or "").strip().partition("\n")[0],
        "content": {"application/json": {"schema": {"$ref": _REF.format(model=route.reply.__name__)}}},
    }
    responses = {str(route.status): good}
    for status in _errors_of(route):
        content = {"application/problem+json": {"schema": _PROBLEM}}
        responses[str(status)] = {"description": TITLES[status], "content": content}
    return responses


def _errors_of(route: Route) -> list[int]:
    statuses = {400, 422, 500, 503}
    if not route.public:
        statuses |= {401, 403}
    else:
        statuses |= {401, 429}
    if route.path_fields:
        statuses.add(404)
    if route.method in {"POST", "PATCH", "DELETE"}:
        statuses |= {404, 409, 413, 415}
    if "version" in route.request.model_fields:
        statuses |= {412, 428}
    return sorted(statuses)


def _problem_schema() -> dict[str, Any]:
    fault = FieldFault.model_json_schema()
    return {
        "type": "object",
        "description": "RFC 9457 problem details.",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string", "description": "For programs, e.g. `pool.limit_reached`."},
            "errors": {"type": "array", "items": fault},
            "data": {"type": "object"},
            "request_id": {"type": "string"},
        },
        "required": ["type", "title", "status", "detail", "code", "request_id"],
    }
