"""Which rows of an import can be placed: each below its parent, and no name twice."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """A row by its names, as rules.search.name_key gives them; the parent's is None where it has none by name."""

    key: str
    parent: str | None
    is_company: bool


def parents_first(rows: Mapping[int, Named], existing: Collection[str]) -> list[int]:
    """The rows in an order in which every parent is there before its children.

    A parent is a company of these rows or one of the `existing`. Rows whose parent is neither, or stands below them,
    are left out.
    """
    companies = set(existing)
    waiting = dict(rows)
    placed: list[int] = []
    while ready := [number for number, row in waiting.items() if row.parent is None or row.parent in companies]:
        placed += ready
        for number in ready:
            row = waiting.pop(number)
            if row.is_company:
                companies.add(row.key)
    return placed
