"""From an HTTP request to a typed one; what is wrong with it is told field by field."""

import re
from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from eventlet.wsgi import ChunkReadError
from flask import request as http
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from contracts.errors import FieldFault, InvalidInput
from servicekit.rpc.wire import invalid_input

_VERSION = re.compile(r'^(?:W/)?"(\d{1,18})"$')
_KEY = re.compile(r"^[!-~]{1,255}$")
_WHOLE_AT_MOST = 2**53
"""Larger ones lose digits as JSON numbers are commonly read."""
_JSON_TYPES = {"application/json", "application/merge-patch+json"}

Parser = Callable[[dict[str, UUID]], BaseModel]


def parser_of(method: str, model: type[BaseModel], path_fields: list[str]) -> Parser:
    """What turns the HTTP request in hand into this typed request."""
    versioned = "version" in model.model_fields
    patched = "changes" in model.model_fields

    def parse(path: dict[str, UUID]) -> BaseModel:
        given: dict[str, Any] = _query() if method in {"GET", "DELETE"} else _body()
        reserved = [*path_fields, *(["version"] if versioned else [])]
        fields = {"changes": given} if patched else given
        _refuse_reserved(fields, reserved)
        fields = {**fields, **path, **({"version": _if_match()} if versioned else {})}
        if method in {"GET", "DELETE"}:
            return validated(model, fields)
        return _validated_json(model, fields, skip=1 if patched else 0)

    return parse


def validated(model: type[BaseModel], fields: dict[str, Any]) -> BaseModel:
    """The typed request. InvalidInput names each fault; unknown fields are faults."""
    try:
        return model.model_validate(fields, extra="forbid")
    except ValidationError as error:
        raise invalid_input(error) from None


def _validated_json(model: type[BaseModel], fields: dict[str, Any], *, skip: int) -> BaseModel:
    """As validated, where fields have JSON's types: in a body, "5" and true are no numbers, and 0 is no day."""
    try:
        return model.model_validate_json(to_json(fields), strict=True, extra="forbid")
    except ValidationError as error:
        raise invalid_input(error, skip=skip) from None


def refuse_parameters_but(known: Collection[str]) -> None:
    """InvalidInput names each parameter of the address that means nothing here."""
    faults = [
        FieldFault(field=name, code="extra_forbidden", message="is no parameter of this")
        for name in http.args
        if name not in known
    ]
    if faults:
        raise InvalidInput("fields.invalid", "Some parameters are not known.", fields=faults)


def _query() -> dict[str, Any]:
    repeated = [name for name, values in http.args.lists() if len(values) > 1]
    if repeated:
        faults = [FieldFault(field=name, code="repeated", message="is given more than once") for name in repeated]
        raise InvalidInput("fields.invalid", "Some parameters are given more than once.", fields=faults)
    return http.args.to_dict()


def _body() -> dict[str, Any]:
    try:
        raw = http.get_data(cache=False)
        if http.content_length is None:
            http.stream.read(1)  # 413 where more follows; reading to the end would cut a body in chunks at the limit
    except ChunkReadError:
        raise InvalidInput("request.malformed", "The body's chunks are not what chunks must be.") from None
    if not raw:
        return {}
    if http.mimetype not in _JSON_TYPES:
        raise InvalidInput("request.media_type", "Send the body as application/json.")
    try:
        body = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidInput("request.malformed", f"The body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise InvalidInput("request.malformed", "The body must be a JSON object.")
    return {name: _with_whole_numbers(value) for name, value in body.items()}


def _with_whole_numbers(node: Any) -> Any:
    """JSON has one kind of number, in which 5.0 is 5."""
    if isinstance(node, float) and node.is_integer() and abs(node) <= _WHOLE_AT_MOST:
        return int(node)
    if isinstance(node, dict):
        return {name: _with_whole_numbers(value) for name, value in node.items()}
    return [_with_whole_numbers(each) for each in node] if isinstance(node, list) else node


def _refuse_reserved(fields: dict[str, Any], reserved: list[str]) -> None:
    faults = [
        FieldFault(field=name, code="extra_forbidden", message="comes from the address or a header, not from here")
        for name in reserved
        if name in fields
    ]
    if faults:
        raise InvalidInput("fields.invalid", "Some fields are not valid.", fields=faults)


def idempotency_key() -> str:
    """The key under which the client may repeat this request; empty without one."""
    given = http.headers.get("Idempotency-Key")
    if given is not None and not _KEY.match(given):
        raise InvalidInput("request.malformed", "An Idempotency-Key has 1 to 255 visible ASCII characters.")
    return given or ""


def _if_match() -> int:
    given = http.headers.get("If-Match")
    if given is None:
        raise InvalidInput("request.precondition_required", "Send If-Match with the ETag that you read.")
    found = _VERSION.match(given.strip())
    if found is None:
        raise InvalidInput("request.malformed", "If-Match must be an ETag as this API gives it.")
    return int(found.group(1))
