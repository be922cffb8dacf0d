"""Events as they travel: CloudEvents 1.0 in structured mode, written by the outbox and read by handlers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, ValidationError

from contracts.base import Event, Message, Received
from contracts.values import Actor, Line

CONTENT_TYPE = "application/cloudevents+json"
_LARGEST = 1_000_000


class Unreadable(Exception):
    """Not an event of this suite."""


class _Envelope(Message):
    specversion: Literal["1.0"]
    id: UUID
    source: Line
    type: Line
    subject: UUID
    time: AwareDatetime
    sequence: Annotated[int, Field(ge=1, lt=2**63)]
    actor: Annotated[str, Field(pattern=r"^(user|system):.")]
    actorname: str = ""
    traceparent: str | None = None
    data: Any


@dataclass(frozen=True, slots=True)
class Incoming:
    """An event that came in: what it says of itself, and its typed content unless a fault forbids to handle it."""

    id: UUID
    source: str
    type: str
    subject: UUID
    sequence: int
    body: str
    event: Received[Any] | None
    fault: str = ""

    @property
    def traceparent(self) -> str:
        """The trace this event continues, if any."""
        return (self.event and self.event.traceparent) or ""


def source_of(event: type[Event]) -> str:
    """The CloudEvents `source` of what a service announces, e.g. `/crm/pool`."""
    return f"/crm/{event.source}"


def write_unnumbered(event: Event, *, id: UUID, time: datetime, actor: Actor, traceparent: str) -> str:  # noqa: A002
    """The event's body up to its sequence, which only the commit knows: append the number and a closing brace."""
    attributes = {
        "specversion": "1.0",
        "id": str(id),
        "source": source_of(type(event)),
        "type": event.wire_type(),
        "subject": str(event.subject),
        "time": time.isoformat(),
        "datacontenttype": "application/json",
        "actor": f"{actor.kind}:{actor.id}",
        "actorname": actor.name,
    }
    if traceparent:
        attributes["traceparent"] = traceparent
    opened = json.dumps(attributes, ensure_ascii=False, separators=(",", ":"))[:-1]
    return f'{opened},"data":{event.model_dump_json()},"sequence":'


def write(event: Event, *, id: UUID, time: datetime, actor: Actor, sequence: int) -> str:  # noqa: A002
    """An event's whole body."""
    return f"{write_unnumbered(event, id=id, time=time, actor=actor, traceparent='')}{sequence}}}"


def read(body: bytes | str, known: Mapping[str, type[Event]]) -> Incoming:
    """Take a body apart; `known` gives the class for each CloudEvents type. Raises Unreadable."""
    if len(body) > _LARGEST:
        raise Unreadable(f"an event has at most {_LARGEST} bytes")
    try:
        text = body if isinstance(body, str) else bytes(body).decode()
        envelope = _Envelope.model_validate_json(text)
    except ValueError as error:
        raise Unreadable(f"not a CloudEvent of this suite: {_summary(error)}") from None
    event, fault = _typed(envelope, known, text)
    return Incoming(
        id=envelope.id,
        source=envelope.source,
        type=envelope.type,
        subject=envelope.subject,
        sequence=envelope.sequence,
        body=text,
        event=event,
        fault=fault,
    )


def _typed(envelope: _Envelope, known: Mapping[str, type[Event]], body: str) -> tuple[Received[Any] | None, str]:
    event_class = known.get(envelope.type)
    if event_class is None:
        return None, f"unknown type or version {envelope.type}"
    try:
        data = event_class.model_validate(envelope.data)
    except ValidationError as error:
        return None, f"data does not match {envelope.type}: {_summary(error)}"
    kind, _, actor_id = envelope.actor.partition(":")
    # What goes in has been validated; constructing saves doing it again.
    received = Received[Any].model_construct(
        id=envelope.id,
        source=envelope.source,
        type=envelope.type,
        subject=envelope.subject,
        time=envelope.time,
        sequence=envelope.sequence,
        actor=Actor.model_validate({"kind": kind, "id": actor_id, "name": envelope.actorname}),
        traceparent=envelope.traceparent,
        data=data,
        body=body,
    )
    return received, ""


def _summary(error: ValueError) -> str:
    """What is wrong, without the values, which may be personal."""
    if not isinstance(error, ValidationError):
        return type(error).__name__
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in error.errors()[:5])
