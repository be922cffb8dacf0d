"""How a contract may change: it grows by optional fields. Whatever else became of a message is told in sentences."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode

from contracts.base import Request
from servicekit.json_schema import ContractSchema

Schema = dict[str, Any]


def schema_now(model: type[BaseModel]) -> Schema:
    """A message's shape without its texts: a request as the service takes it, others as their sender writes them."""
    mode: JsonSchemaMode = "validation" if issubclass(model, Request) else "serialization"
    bare = _bare(model.model_json_schema(mode=mode, schema_generator=ContractSchema))
    assert isinstance(bare, dict)
    return bare


def breaks(name: str, before: Schema, now: Schema) -> list[str]:
    """What would hurt somebody who still has the message as it was, one sentence each."""
    parts_before, parts_now = _parts(name, before), _parts(name, now)
    return [
        sentence
        for part in sorted(parts_before.keys() & parts_now.keys())
        for sentence in _changes(part, parts_before[part], parts_now[part])
    ]


def _parts(name: str, schema: Schema) -> dict[str, Schema]:
    """The message itself and every value inside it, by name."""
    return {name: {key: value for key, value in schema.items() if key != "$defs"}, **schema.get("$defs", {})}


def _changes(name: str, before: Schema, now: Schema) -> Iterator[str]:
    for key in sorted((before.keys() | now.keys()) - {"properties", "required"}):
        if before.get(key) != now.get(key):
            yield f"{name}: `{key}` was {_shown(before.get(key))} and is {_shown(now.get(key))}."
    fields_before, fields_now = before.get("properties", {}), now.get("properties", {})
    required_before, required_now = before.get("required", []), now.get("required", [])
    for field in fields_before:
        if field not in fields_now:
            yield f"{name}.{field} is gone, but others still send or read it."
        elif fields_before[field] != fields_now[field]:
            yield f"{name}.{field} was {_shown(fields_before[field])} and is {_shown(fields_now[field])}."
        elif field in required_now and field not in required_before:
            yield f"{name}.{field} was optional and is required, but others still leave it out."
        elif field in required_before and field not in required_now:
            yield f"{name}.{field} was required and is optional, but others still count on it."
    for field in fields_now:
        if field not in fields_before and field in required_now:
            yield f"{name}.{field} is new and required, but others don't send it yet: give it a default."


def _shown(value: object) -> str:
    return "not there" if value is None else json.dumps(value, sort_keys=True)


def _bare(schema: Any) -> Any:
    """The schema without titles and descriptions; fields may well be called so."""
    if isinstance(schema, list):
        return [_bare(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: _bare(each) for name, each in value.items()} if key in {"properties", "$defs"} else _bare(value)
        for key, value in schema.items()
        if key not in {"title", "description"}
    }
