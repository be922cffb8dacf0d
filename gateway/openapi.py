"""The OpenAPI 3.1 document, made from the declared routes and the contracts' JSON Schemas."""

import copy
import inspect
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from pydantic_core import core_schema

from contracts.customer.uploads import BeginUpload, Upload
from gateway import stream, uploads
from gateway.downloads import Download
from gateway.examples import Examples
from gateway.refusals import Refusal, refusals_of
from gateway.responses import (
    FILE,
    FILE_EXAMPLE,
    components,
    errors_by_status,
    problem_examples,
    problem_schema,
    responses_of,
)
from gateway.routes import AREAS
from gateway.routing import Route
from servicekit.docstrings import text_of
from servicekit.json_schema import ContractSchema
from servicekit.rpc import call

_Schema = dict[str, Any]
_ByModel = dict[type[BaseModel], _Schema]

_REF = "#/components/schemas/{model}"
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the record as the caller read it.",
    "schema": {"type": "string", "pattern": '^(W/)?"[0-9]{1,18}"$', "examples": ['"3"']},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "Makes it safe to repeat the request: within 24 hours the same key gives the first answer again. "
        "1 to 255 visible ASCII characters; take a fresh one for each new request."
    ),
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$", "examples": ["8e03978e-40d5-43e8-bc93-6894a57f9324"]},
}


class HttpSchema(ContractSchema):
    """As the contracts' schemas, in the words of a caller who has nothing but the schema to go by."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> dict[str, Any]:
        """Decimals travel as text; a whole number may be one, other JSON numbers lose digits."""
        digits, places = schema.get("max_digits"), schema.get("decimal_places")
        if self.mode == "serialization" or digits is None or places is None:
            text = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
            return text if self.mode == "serialization" else {"anyOf": [text, {"type": "integer"}]}
        whole = digits - places
        text = {"type": "string", "pattern": rf"^-?[0-9]{{1,{whole}}}(\.[0-9]{{1,{places}}})?$"}
        return {"anyOf": [text, {"type": "integer", "minimum": 1 - 10**whole, "maximum": 10**whole - 1}]}

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        """Unknown fields of a request are refused; answers may grow."""
        made = super().model_schema(schema)
        return made if self.mode == "serialization" else made | {"additionalProperties": False}

    def str_schema(self, schema: core_schema.StringSchema) -> dict[str, Any]:
        """What is trimmed and must not be empty must hold more than blanks."""
        made = super().str_schema(schema)
        if schema.get("strip_whitespace") and schema.get("min_length") and "pattern" not in made:
            made["pattern"] = r"\S"
        return made


def document() -> dict[str, Any]:
    """The whole document."""
    routes = [route for area in AREAS for route in area.routes]
    replies = {route.reply for route in routes} - {Download}
    inputs, outputs, schemas = _schemas({route.request for route in routes}, replies | {Upload})
    examples = Examples(schemas)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        operation = _operation(route, inputs[route.request], examples)
        operation["responses"] = responses_of(route, outputs.get(route.reply, FILE), examples)
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    paths[stream.PATH] = {"get": _stream()}
    paths[uploads.PATH] = {"post": _upload(outputs[Upload], examples)}
    refusals = [refusal for route in routes for refusal in refusals_of(route)] + _stream_refusals() + _upload_refusals()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tideline",
            "version": "0.1.0",
            "description": "Customers, public pools, opportunities and activities over HTTP.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"bearer": []}],
        "tags": [
            {"name": area.area, "description": _first_line(inspect.getmodule(area.routes[0].handler))} for area in AREAS
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "An access token, or an API key."}
            },
            "schemas": schemas | {"Problem": problem_schema()},
            "examples": problem_examples(sorted(set(refusals))),
            **components(),
        },
    }


def _stream() -> dict[str, Any]:
    schema = stream.ListenToEvents.model_json_schema(schema_generator=HttpSchema)
    parameters = [_parameter(name, "query", field, False) for name, field in schema["properties"].items()]
    parameters.append({"name": "Last-Event-ID", "in": "header", "required": False, "schema": {"type": "string"}})
    frame = 'id: eyJwb29sIjoi\nevent: holding.claimed\ndata: {"specversion": "1.0"}\n\n'
    return {
        "operationId": "stream_events",
        "tags": ["events"],
        "summary": "What happens, as it happens: server-sent events, resumable by Last-Event-ID.",
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "Frames of id, event and data.",
                "content": {"text/event-stream": {"schema": {"type": "string"}, "example": frame}},
            },
            **errors_by_status(_stream_refusals()),
        },
    }


def _stream_refusals() -> list[Refusal]:
    (log,) = [route for area in AREAS for route in area.routes if route.path == "/v1/events"]
    return sorted([*refusals_of(log), Refusal(503, "stream.full", "Too many streams are open on this gateway.")])


def _upload(reply: _Schema, examples: Examples) -> dict[str, Any]:
    """The one route whose body is no JSON."""
    route = _upload_route()
    form = {"type": "object", "properties": {"file": FILE}, "required": ["file"]}
    name = {"name": "name", "in": "query", "required": False, "schema": {"type": "string", "maxLength": 200}}
    return {
        "operationId": uploads.NAME,
        "tags": [route.area],
        "summary": "Send a file, for an import or an attachment to take.",
        "description": "As the whole body, named by `name`, or as the file of a form. It is kept for a day.",
        "parameters": [name, _IDEMPOTENCY_KEY],
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": FILE, "example": FILE_EXAMPLE},
                "multipart/form-data": {"schema": form, "example": {"file": FILE_EXAMPLE}},
            },
        },
        "responses": responses_of(route, reply, examples),
    }


def _upload_route() -> Route:
    """As one that would send on what it gets would be declared."""
    return Route("POST", uploads.PATH, call, BeginUpload, Upload, 201, False, "imports")


def _upload_refusals() -> list[Refusal]:
    return refusals_of(_upload_route())


def _schemas(requests: set[type[BaseModel]], replies: set[type[BaseModel]]) -> tuple[_ByModel, _ByModel, _Schema]:
    """Each request's own schema, a reference to each reply's, and all schemas by name without the requests' own."""
    wanted: list[tuple[type[BaseModel], Any]] = [(model, "validation") for model in requests]
    wanted += [(model, "serialization") for model in replies]
    wanted.sort(key=lambda each: (each[0].__name__, each[1]))
    by_model, definitions = models_json_schema(wanted, ref_template=_REF, schema_generator=HttpSchema)
    schemas = dict(sorted(definitions["$defs"].items()))
    inputs = {model: schemas.pop(by_model[model, "validation"]["$ref"].rpartition("/")[2]) for model in requests}
    outputs = {model: by_model[model, "serialization"] for model in replies}
    return inputs, outputs, schemas


def _operation(route: Route, schema: dict[str, Any], examples: Examples) -> dict[str, Any]:
    fields = dict(schema.get("properties", {}))
    required = set(schema.get("required", []))
    parameters = [_parameter(name, "path", fields.pop(name)) for name in route.path_fields]
    if fields.pop("version", None) is not None:
        parameters.append(_IF_MATCH)
    if route.method == "POST":
        parameters.append(_IDEMPOTENCY_KEY)
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.area],
        "summary": _first_line(route.handler),
        "description": text_of(route.request),
    }
    if route.method in {"GET", "DELETE"}:
        parameters += [_parameter(name, "query", field, name in required) for name, field in fields.items()]
    elif fields:
        operation["requestBody"] = _body(route, fields, required, examples)
    if parameters:
        operation["parameters"] = parameters
    if route.public:
        operation["security"] = []
    return operation


def _parameter(name: str, place: str, schema: dict[str, Any], required: bool = True) -> dict[str, Any]:
    schema = copy.deepcopy(schema)
    description = schema.pop("description", None)
    parameter = {"name": name, "in": place, "required": required, "schema": schema}
    if schema.get("type") == "array":
        parameter |= {"style": "form", "explode": False}  # one parameter, its values separated by commas
    return parameter | ({"description": description} if description else {})


def _body(route: Route, fields: dict[str, Any], required: set[str], examples: Examples) -> dict[str, Any]:
    name = route.request.__name__
    if set(fields) == {"changes"}:
        schema, media_type = fields["changes"], "application/merge-patch+json"
        return {"required": True, "content": {media_type: {"schema": schema, "example": examples.of(schema)}}}
    needed = [field for field in fields if field in required]
    schema = {"type": "object", "properties": fields, "additionalProperties": False}
    if needed:
        schema["required"] = needed
    content = {"application/json": {"schema": schema, "example": examples.of_request(name, schema)}}
    return {"required": bool(needed), "content": content}


def _first_line(documented: object) -> str:
    return (inspect.getdoc(documented) or "").partition("\n")[0]
