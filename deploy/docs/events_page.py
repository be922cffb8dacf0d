"""docs/events.md: every event, what it carries, and who hears it."""

import json

from contracts.base import Event
from deploy.docs import catalogue
from deploy.docs.examples import example_of
from deploy.docs.markdown import GENERATED, fields_table, link, table
from deploy.docs.schemas import Schema, envelope, schema_of
from servicekit.cloudevents import CONTENT_TYPE, source_of
from servicekit.docstrings import text_of
from servicekit.events.topology import EXCHANGE

_OPENING = f"""{GENERATED}

# Events

An event is published if and only if the change it tells of was committed. Every subscriber gets it at least once:
drop one whose `id` you have seen. About one subject, events of one source come in the order of their `sequence`; across
subjects there is no order.

Events go to the durable topic exchange `{EXCHANGE}` of RabbitMQ, with the topic as routing key. To subscribe, have
an account and a durable queue made for the topics you want, `holding.claimed`, `customer.*` (all about customers) or
`#` (all): `./crm subscribers add billing --events 'holding.claimed,customer.*'` ([how](integration.md)). The exchange
forgets an event that no queue is bound for, so subscribe before you rely on it; what was missed is read from
`GET /v1/events`.

The body is one [CloudEvents 1.0](https://cloudevents.io) event in structured mode, content type
`{CONTENT_TYPE}`. Its `id`, `type`, `source` and `time` stand in the AMQP properties
`message_id`, `type`, `app_id` and `timestamp` too.

For programs: a JSON Schema per event in [schemas/](schemas/), all of it as [AsyncAPI](asyncapi.json).

## What may change

Within a version, `data` only gains fields, and a new one may be missing from an older event. Anything else is a new
type (`….v2`), published beside the old one. Read on over fields and types that you don't know.
"""


def page() -> str:
    """The page."""
    definitions: dict[str, Schema] = {}
    sections = [_section(event, definitions) for event in catalogue.events()]
    opening = f"{_OPENING}\n## The envelope\n\n{fields_table(envelope(), {})}\n"
    return "\n".join([opening, _contents(), *sections, *_values(definitions)])


def _contents() -> str:
    rows = [
        (link(event.topic), f"`{source_of(event)}`", text_of(event).partition("\n\n")[0])
        for event in catalogue.events()
    ]
    return f"## All events\n\n{table(('topic', 'source', 'tells'), rows)}\n"


def _section(event: type[Event], definitions: dict[str, Schema]) -> str:
    schema = schema_of(event)
    definitions |= schema.get("$defs", {})
    return f"""## {event.topic}

{text_of(event)}

- topic: `{event.topic}`
- type: [`{event.wire_type()}`](schemas/{event.wire_type()}.json)
- source: `{source_of(event)}`
- subject: the `{event.subject_field}`
- heard by: {_listeners(event)}

{fields_table(schema, schema.get("$defs", {}))}

<details><summary>Example</summary>

```json
{json.dumps(example_of(event), indent=2, ensure_ascii=False)}
```

</details>
"""


def _listeners(event: type[Event]) -> str:
    listeners = [f"{queue.service} (queue `{queue.name}`)" for queue in catalogue.queues_for(event)]
    return ", ".join(listeners) or "no service of the suite; it is there for other systems"


def _values(definitions: dict[str, Schema]) -> list[str]:
    """The objects inside data; what is one of a few words is told where it stands."""
    objects = {name: schema for name, schema in sorted(definitions.items()) if "properties" in schema}
    return [
        f"## {name}\n\n{schema['description']}\n\n{fields_table(schema, definitions)}\n"
        for name, schema in objects.items()
    ]
