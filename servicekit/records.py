"""Changing a record that others may change too: the version that was read must still be the one that is there."""

from typing import Any, NamedTuple, Protocol

from contracts.base import Message
from contracts.errors import Conflict


class Versioned(Protocol):
    """A row with a version that rises with every change (SQLAlchemy's version_id_col)."""

    version: Any


class Changed(NamedTuple):
    """What a field held and what it holds."""

    before: Any
    after: Any


def check_version(record: Versioned, version: int) -> None:
    """Conflict `version.stale` unless the caller read this very version."""
    if record.version != version:
        raise stale(record.version)


def stale(version: int | None = None) -> Conflict:
    """The Conflict for a record that changed since it was read."""
    data = {} if version is None else {"version": version}
    return Conflict("version.stale", "Someone else changed this record meanwhile; read it again.", data=data)


def apply_changes(record: Any, changes: Message) -> dict[str, Changed]:
    """Set the fields that a merge patch names; returns those that really changed, in their order."""
    changed = {}
    for name in filter(changes.model_fields_set.__contains__, type(changes).model_fields):
        before, after = getattr(record, name), getattr(changes, name)
        if before != after:
            setattr(record, name, after)
            changed[name] = Changed(before, after)
    return changed
