"""Pieces of Markdown: tables, links to headings, and a JSON Schema said in a few words."""

import json
import re
from collections.abc import Iterable, Sequence

from deploy.docs.schemas import Schema

GENERATED = "<!-- Written by `make docs` from contracts/ and the services' code; edit those. -->"

_BY_FORMAT = {
    "uuid": "id (UUID)",
    "date-time": "time (RFC 3339, UTC)",
    "date": "day (YYYY-MM-DD)",
    "email": "e-mail address",
}
_BY_TYPE = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false"}


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a `|` in a cell is escaped."""
    lines: list[Sequence[str]] = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def link(heading: str, text: str = "") -> str:
    """A link to a heading of the same page, by the anchor that Markdown viewers give it."""
    anchor = re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
    return f"[{text or heading}](#{anchor})"


def fields_table(schema: Schema, definitions: dict[str, Schema]) -> str:
    """A model's fields: the name, the type and what counts when it is absent, the docstring."""
    required = schema.get("required", [])
    rows = [
        (f"`{name}`", type_of(field, definitions) + _when_absent(name, field, required), field.get("description", ""))
        for name, field in schema["properties"].items()
    ]
    return table(("field", "type", "meaning"), rows)


def type_of(schema: Schema, definitions: dict[str, Schema]) -> str:
    """A schema in a few words; objects are links to their own heading."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return type_of(definitions[name], definitions) if "enum" in definitions[name] else link(name)
    if "anyOf" in schema:
        return ", or ".join(type_of(each, definitions) for each in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list{_bounds(schema, 'Items', 'entries')} of {type_of(schema['items'], definitions)}"
    return _plain(schema)


def _plain(schema: Schema) -> str:
    kind: str = schema.get("type", "any JSON")
    words = _BY_FORMAT.get(schema.get("format", ""), _BY_TYPE.get(kind, kind))
    pattern = f" like `{schema['pattern']}`" if "pattern" in schema else ""
    return words + _bounds(schema, "Length", "characters") + _bounds(schema, "imum", "") + pattern


def _bounds(schema: Schema, suffix: str, unit: str) -> str:
    """What JSON Schema says with min… and max…, e.g. ` (1 to 200 characters)`."""
    least, most = schema.get(f"min{suffix}"), schema.get(f"max{suffix}")
    match least, most:
        case None, None:
            return ""
        case None, _:
            words = f"at most {most}"
        case _, None:
            words = f"at least {least}"
        case _:
            words = f"{least} to {most}"
    return f" ({words} {unit}".rstrip() + ")"


def _when_absent(name: str, schema: Schema, required: Sequence[str]) -> str:
    if name in required or "const" in schema:
        return ""
    default = schema.get("default")
    if default is None:
        return "; optional"
    shown = default if isinstance(default, str) else json.dumps(default)
    return "; empty if absent" if default in ("", []) else f"; `{shown}` if absent"
