"""docs/asyncapi.json: the events as an AsyncAPI 3.0 document, for the tools that read it."""

from typing import Any

from contracts.base import Event
from deploy.docs import catalogue
from deploy.docs.examples import example_of
from deploy.docs.schemas import Schema, envelope, fixed_attributes, schema_of
from servicekit.cloudevents import CONTENT_TYPE
from servicekit.docstrings import text_of
from servicekit.events.topology import EXCHANGE, Queue

_REFS = "#/components/schemas/{model}"
_BINDING = {"bindingVersion": "0.3.0"}
_DESCRIPTION = f"""What the suite announces: CloudEvents 1.0 in structured mode on the topic exchange `{EXCHANGE}`.

An event is published if and only if its change was committed, and comes at least once: drop an `id` that you have seen.
About one subject, events of one source come in the order of `sequence`. To subscribe, have
`crm subscribers add NAME --events …` make you an account with a queue, bound to the routing keys you want; `*` stands
for one word and `#` for any number. The queues below are the suite's own."""


def document() -> dict[str, Any]:
    """The whole document."""
    events, queues = catalogue.events(), catalogue.queues()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tideline events",
            "version": "1.0.0",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "broker": {
                "host": "{host}:5672",
                "protocol": "amqp",
                "protocolVersion": "0-9-1",
                "description": "The suite's RabbitMQ.",
                "variables": {"host": {"default": "localhost"}},
            }
        },
        "channels": {
            **{_id(event.topic): _topic(event) for event in events},
            **{_id(queue.name): _queue(queue) for queue in queues},
        },
        "operations": {
            **{f"{event.source}_announces_{_id(event.topic)}": _send(event) for event in events},
            **{f"{queue.service}_{queue.method}": _receive(queue) for queue in queues},
        },
        "components": {"messages": {event.__name__: _message(event) for event in events}, "schemas": _schemas(events)},
    }


def _topic(event: type[Event]) -> Schema:
    """A routing key of the exchange; one event goes there."""
    exchange = {"name": EXCHANGE, "type": "topic", "durable": True, "autoDelete": False, "vhost": "/"}
    return {
        "address": event.topic,
        "description": text_of(event),
        "messages": {event.__name__: {"$ref": f"#/components/messages/{event.__name__}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, **_BINDING}},
    }


def _queue(queue: Queue) -> Schema:
    """A handler's queue."""
    kept = {"name": queue.name, "durable": True, "exclusive": False, "autoDelete": False, "vhost": "/"}
    names = [event.__name__ for event in _taken_by(queue)]
    return {
        "address": queue.name,
        "description": f"A queue of the {queue.service} service, bound to {', '.join(queue.topics)}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"amqp": {"is": "queue", "queue": kept, **_BINDING}},
    }


def _send(event: type[Event]) -> Schema:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{_id(event.topic)}"},
        "title": event.__name__,
        "summary": f"The {event.source} service announces: {text_of(event)}",
        "tags": [{"name": event.source}],
        "bindings": {"amqp": {"deliveryMode": 2, "mandatory": False, "timestamp": True, **_BINDING}},
        "messages": [{"$ref": f"#/channels/{_id(event.topic)}/messages/{event.__name__}"}],
    }


def _receive(queue: Queue) -> Schema:
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{_id(queue.name)}"},
        "summary": f"The {queue.service} service hears of it.",
        "tags": [{"name": queue.service}],
        "bindings": {"amqp": {"ack": True, **_BINDING}},
        "messages": [{"$ref": f"#/channels/{_id(queue.name)}/messages/{each.__name__}"} for each in _taken_by(queue)],
    }


def _message(event: type[Event]) -> Schema:
    data = {"data": {"$ref": _REFS.format(model=event.__name__)}}
    return {
        "name": event.wire_type(),
        "title": event.__name__,
        "summary": text_of(event),
        "contentType": CONTENT_TYPE,
        "bindings": {"amqp": {"messageType": event.wire_type(), **_BINDING}},
        "payload": {
            "allOf": [{"$ref": _REFS.format(model="CloudEvent")}, {"properties": fixed_attributes(event) | data}]
        },
        "examples": [{"name": event.__name__, "payload": example_of(event)}],
    }


def _schemas(events: list[type[Event]]) -> Schema:
    """The envelope, each event's data, and the values inside them."""
    schemas = {"CloudEvent": envelope()}
    for event in events:
        data = schema_of(event, refs=_REFS)
        schemas |= data.pop("$defs", {}) | {event.__name__: data}
    return schemas


def _id(address: str) -> str:
    """A channel's key: tools make names in code of it, where a dot would hurt."""
    return address.replace(".", "_")


def _taken_by(queue: Queue) -> list[type[Event]]:
    return [event for event in catalogue.events() if event.topic in queue.topics]
