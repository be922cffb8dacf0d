"""docs/rpc.md: what each service answers, what it is asked with, and the errors it names."""

from typing import Any

from pydantic import BaseModel

from contracts.base import Request
from contracts.errors import KINDS
from deploy.docs import catalogue
from deploy.docs.catalogue import EVERY_SERVICE
from deploy.docs.markdown import GENERATED, fields_table, link, table
from deploy.docs.schemas import Schema, schema_of
from servicekit.docstrings import errors_of, text_of
from servicekit.rpc.codes import CODES_ANYWHERE

_OPENING = f"""{GENERATED}

# RPC

What the services ask of each other, and the gateway of them. Programs outside the suite use the HTTP API
([openapi.json](openapi.json)) or listen to [events](events.md).

In Python: `result = call(GetCustomer(customer_id=...))` with `servicekit.rpc.call` and the classes of `contracts/`.
On the wire it is nameko's RPC: exchange `nameko-rpc`, routing key `service.method`, the request's fields as `kwargs`
in a JSON body, the caller's token in the header `nameko.caller`. [Decision 1](decisions/0001-rpc.md) says why.

A request runs at most once. Fields that a reader doesn't know are ignored; money travels as text, times in UTC, ids as
UUIDs. Lists come in pages: pass `next_cursor` as `cursor` until it is null.

## Errors

Errors are of five kinds; the code says more. `detail` is a sentence for people.
"""

_EVERY_SERVICE = """## Every service

These are asked of each service by its own name, e.g. `pool.get_health`.
"""


def page() -> str:
    """The page."""
    definitions: dict[str, Schema] = {}
    sections = [_service(service, definitions) for service in catalogue.services()]
    every = [_EVERY_SERVICE, *(_rpc(request, definitions) for request in catalogue.requests_to(EVERY_SERVICE))]
    return "\n".join([_OPENING, _errors(), _contents(), *sections, *every, *_messages(definitions)])


def codes() -> set[str]:
    """Every error code that the page names."""
    return CODES_ANYWHERE.keys() | {error.code for request in catalogue.requests() for error in errors_of(request)}


def _errors() -> str:
    kinds = table(("kind", "means"), [(f"`{name}`", text_of(kind)) for name, kind in KINDS.items()])
    anywhere = [(f"`{kind}`", f"`{code}`", when) for code, (kind, when) in CODES_ANYWHERE.items()]
    return f"{kinds}\n\nAny RPC may answer with these:\n\n{table(('error', 'code', 'when'), anywhere)}\n"


def _contents() -> str:
    answering = [*catalogue.services(), EVERY_SERVICE]
    asked = [request for service in answering for request in catalogue.requests_to(service)]
    rows = [(link(_name(request)), text_of(request).partition("\n\n")[0]) for request in asked]
    return f"## All RPCs\n\n{table(('RPC', 'says'), rows)}\n"


def _service(service: str, definitions: dict[str, Schema]) -> str:
    sections = [_rpc(request, definitions) for request in catalogue.requests_to(service)]
    return "\n".join([f"## The {service} service\n", *sections])


def _rpc(request: type[Request[Any]], definitions: dict[str, Schema]) -> str:
    schema = _schema(request, definitions)
    _schema(request.reply_type, definitions)
    parts = [
        f"### {_name(request)}",
        text_of(request),
        f"Asked with `{request.__name__}`, answers {link(request.reply_type.__name__)}.",
        fields_table(schema, definitions) if schema["properties"] else "It takes no fields.",
    ]
    if errors := [(f"`{kind}`", f"`{code}`", remark) for kind, code, remark in errors_of(request)]:
        parts.append(table(("error", "code", "when"), errors))
    return "\n\n".join(parts) + "\n"


def _messages(definitions: dict[str, Schema]) -> list[str]:
    objects = {name: schema for name, schema in sorted(definitions.items()) if "properties" in schema}
    return [
        "## Messages\n",
        *(
            f"### {name}\n\n{schema['description']}\n\n{fields_table(schema, definitions)}\n"
            for name, schema in objects.items()
        ),
    ]


def _schema(model: type[BaseModel], definitions: dict[str, Schema]) -> Schema:
    """A model's schema; those inside it join the definitions, and so does the model itself unless it is a request."""
    schema = schema_of(model)
    definitions |= schema.pop("$defs", {})
    if not issubclass(model, Request):
        definitions[model.__name__] = schema
    return {"properties": {}} | schema


def _name(request: type[Request[Any]]) -> str:
    return request.method if request.service == EVERY_SERVICE else f"{request.service}.{request.method}"
