"""JSON Schemas (2020-12) of what travels, with the contracts' docstrings as descriptions."""

from typing import Any

from pydantic import BaseModel

from contracts.base import Event
from servicekit.cloudevents import source_of
from servicekit.json_schema import ContractSchema

Schema = dict[str, Any]

_ID = {"type": "string", "format": "uuid"}
_ATTRIBUTES: dict[str, Schema] = {
    "specversion": {"const": "1.0", "description": "The version of CloudEvents."},
    "id": _ID | {"description": "The event's own id. One that comes again is the same event: drop it."},
    "source": {"type": "string", "format": "uri-reference", "description": "The service that announces it."},
    "type": {"type": "string", "description": "What happened, and the version of its `data`."},
    "subject": _ID | {"description": "The id of the record it tells of."},
    "time": {"type": "string", "format": "date-time", "description": "When it happened, in UTC."},
    "datacontenttype": {"const": "application/json", "description": "What `data` is."},
    "actor": {
        "type": "string",
        "pattern": "^(user|system):.",
        "description": "Who did it: `user:` and a person's id, or `system:` and a service's name.",
    },
    "actorname": {"type": "string", "description": "The actor's name, for people to read."},
    "sequence": {
        "type": "integer",
        "minimum": 1,
        "description": "Rises by one with every event of this source about this subject; the larger is the later fact.",
    },
    "traceparent": {
        "type": "string",
        "pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$",
        "description": "The W3C trace that led to it, where there is one.",
    },
    "data": {"type": "object", "description": "What there is to tell; its fields depend on `type`."},
}
"""What stands round an event's data, and the data."""
_OPTIONAL = {"traceparent"}


def schema_of(model: type[BaseModel], *, refs: str = "#/$defs/{model}") -> Schema:
    """How a model looks when it travels."""
    return model.model_json_schema(mode="serialization", schema_generator=ContractSchema, ref_template=refs)


def envelope() -> Schema:
    """The CloudEvents envelope of any event."""
    return {
        "type": "object",
        "description": "A CloudEvents 1.0 event in structured mode. Read on over fields that you don't know.",
        "properties": dict(_ATTRIBUTES),
        "required": [name for name in _ATTRIBUTES if name not in _OPTIONAL],
    }


def event_schema(event: type[Event]) -> Schema:
    """One event whole, as it stands in a message's body."""
    data = schema_of(event)
    definitions = data.pop("$defs", {})
    schema = envelope()
    schema["properties"] |= fixed_attributes(event)
    schema["properties"]["data"] = data
    opening = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{event.wire_type()}.json",
        "title": event.__name__,
    }
    return opening | schema | {"description": data["description"]} | ({"$defs": definitions} if definitions else {})


def fixed_attributes(event: type[Event]) -> dict[str, Schema]:
    """The attributes whose values an event's class decides."""
    fixed = {
        "source": {"const": source_of(event)},
        "type": {"const": event.wire_type()},
        "subject": _ID | {"description": f"The `{event.subject_field}` of `data`."},
    }
    return {name: {"description": _ATTRIBUTES[name]["description"]} | schema for name, schema in fixed.items()}
