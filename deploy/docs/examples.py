"""An example of every event, the same on every run, written by the code that writes real ones."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zlib import crc32

from contracts.activity import ReminderDue
from contracts.base import Event
from contracts.notify import NoticeDelivered
from contracts.pool.rules import HoldingReclaimed, HoldingReclaimWarned
from contracts.values import Actor
from deploy.docs.schemas import Schema, schema_of
from servicekit.cloudevents import write_unnumbered

_BY_NAME = {
    "active": True,
    "amount": "1054.00",
    "changed": ["name"],
    "channel": "inbox",
    "competitor": "Contoso",
    "currency": "USD",
    "counted_kinds": ["call", "visit", "meeting", "email", "chat"],
    "customer_name": "Acme Trading Ltd",
    "days_left": 3,
    "due_at": "2026-11-23T09:00:00Z",
    "from_stage": "Prospecting",
    "full_name": "Mei Lin",
    "holidays_of": "PL",
    "kind": "reminder.due",
    "level": "A",
    "note": "Ask about the trial.",
    "pool_name": "Open customers",
    "probability": 20,
    "reason": "no_budget",
    "reasoning": {"en": "No follow-up since October 22, 2026. Limit in days: 30, to the end of November 21, 2026."},
    "rule": "no_follow_up",
    "seconds_in_stage": 259_200,
    "stage": "Prospecting",
    "tags": ["key account"],
    "time_zone": "Asia/Shanghai",
    "to_stage": "Engaging",
    "warn_days": [7, 3, 1],
}
_NAME_OF = {
    "contact": "Jan Kowalski",
    "customer": "Acme Trading Ltd",
    "opportunity": "Acme: 20 licences",
    "pool": "Key accounts",
    "user": "mei.lin",
}
"""What the `name` of each kind of record looks like."""
_BY_FORMAT = {"date-time": "2026-11-21T09:30:00Z", "date": "2026-11-21"}
_BY_TYPE = {"array": [], "boolean": False, "integer": 1, "number": 1.0}
_TIMED = {ReminderDue, NoticeDelivered, HoldingReclaimWarned, HoldingReclaimed}
"""Events that a service causes by itself, not a person."""


def example_of(event: type[Event]) -> dict[str, Any]:
    """The whole CloudEvent, as a subscriber gets it."""
    schema = schema_of(event)
    kind = event.topic.partition(".")[0]
    data = _object(schema, schema.get("$defs", {})) | ({"name": _NAME_OF[kind]} if kind in _NAME_OF else {})
    unnumbered = write_unnumbered(
        event.model_validate(data),
        id=_id("event"),
        time=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        actor=_actor(event),
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )
    written: dict[str, Any] = json.loads(unnumbered + "1}")
    return written


def _actor(event: type[Event]) -> Actor:
    if event in _TIMED:
        return Actor(kind="system", id=event.source, name=event.source)
    return Actor(kind="user", id=str(_id("owner_id")), name="Mei Lin")


def _object(schema: Schema, definitions: dict[str, Schema]) -> dict[str, Any]:
    return {name: _value(name, field, definitions) for name, field in schema["properties"].items()}


def _value(name: str, schema: Schema, definitions: dict[str, Schema]) -> Any:
    if "$ref" in schema:
        target = definitions[schema["$ref"].rpartition("/")[2]]
        return target["enum"][0] if "enum" in target else _object(target, definitions)
    if "anyOf" in schema:
        return _value(name, schema["anyOf"][0], definitions)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "uuid":
        return str(_id(name))
    return _plain(name, schema)


def _plain(name: str, schema: Schema) -> Any:
    if name in _BY_NAME:
        return _BY_NAME[name]
    return _BY_FORMAT.get(schema.get("format", "")) or _BY_TYPE.get(schema["type"], name.replace("_", " "))


def _id(name: str) -> UUID:
    """The same id for the same name, so that a customer is the same one in all examples."""
    return UUID(f"019aa6b2-0000-7000-8000-{crc32(name.encode()):012x}")
