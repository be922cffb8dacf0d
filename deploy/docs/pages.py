"""Every generated file and what it should hold: those of docs/, and the routes of the Python client."""

import json
from pathlib import Path
from typing import Any

from contracts.base import Event
from deploy.docs import access, asyncapi, catalogue, client_routes, events_page, rpc_page
from deploy.docs.schemas import event_schema
from gateway import openapi

FOLDER = catalogue.ROOT / "docs"
SCHEMAS = FOLDER / "schemas"


def pages() -> dict[Path, str]:
    """The text of each generated file."""
    return {
        FOLDER / "events.md": events_page.page(),
        FOLDER / "rpc.md": rpc_page.page(),
        FOLDER / "access.md": access.page(),
        FOLDER / "openapi.json": _json(openapi.document()),
        FOLDER / "asyncapi.json": _json(asyncapi.document()),
        client_routes.FILE: client_routes.text(),
        **{schema_file(event): _json(event_schema(event)) for event in catalogue.events()},
    }


def schema_file(event: type[Event]) -> Path:
    """The file of an event's JSON Schema."""
    return SCHEMAS / f"{event.wire_type()}.json"


def left_over() -> list[Path]:
    """Schemas of events that are no more."""
    return sorted(set(SCHEMAS.glob("*.json")) - {schema_file(event) for event in catalogue.events()})


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
