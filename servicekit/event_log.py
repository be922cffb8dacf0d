"""The published rows of a service's outbox, read as a log.

Its order is that of publishing, (published_at, position): one relay marks rows, so a row never appears before one that
was read already. Position alone is no such order, since transactions commit later than they take their positions.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from pydantic_core import from_json
from sqlalchemy.orm import Session

from contracts.errors import NotPermitted, fault
from contracts.log import EventLog, ListEvents, LoggedEvent
from contracts.values import Role
from servicekit.context import Caller, caller

_WINDOW = 5_000
"""Rows looked at for one request, so that a filter that matches little does not walk the whole log."""
_READERS = {Role.ADMIN, Role.AUDITOR, Role.INTEGRATION}
_PLACE = re.compile(r"^(\d{4}-[0-9T:.+-]{20,40})_(\d{1,18})$")


def read(db: Session, request: ListEvents) -> EventLog:
    """A stretch of the log. NotPermitted: events.readers_only."""
    _check_may_read(caller())
    published_at, position = _after(request)
    asked = {"at": published_at, "position": position, "topics": topics_regex(request.topics), "window": _WINDOW}
    rows = db.connection().exec_driver_sql(_READ, asked | {"limit": request.limit}).all()
    matching = [row for row in rows if row.matches]
    items = [LoggedEvent(place=_place(row), event=from_json(row.body)) for row in matching]
    last = rows[-1] if rows else None
    return EventLog(
        items=items,
        place=request.after if last is None else _place(last),
        more=last is not None and (len(matching) == request.limit or last.looked_at == _WINDOW),
    )


def topics_regex(patterns: Sequence[str]) -> str:
    """A PostgreSQL regular expression for routing key patterns, over routing keys with a dot before each word."""
    return "^(" + "|".join("".join(_word_regex(word) for word in _words(each)) for each in patterns) + ")$"


def _words(pattern: str) -> list[str]:
    """`#.#` says what `#` says, but there are so many ways to read it that a match could take minutes."""
    words = pattern.split(".")
    return [word for before, word in pairwise(["", *words]) if (before, word) != ("#", "#")]


def _word_regex(word: str) -> str:
    any_word = r"\.[a-z_]+"
    return {"*": any_word, "#": f"({any_word})*"}.get(word, rf"\.{word}")


def _check_may_read(reader: Caller) -> None:
    if reader.kind != "system" and reader.role not in _READERS:
        raise NotPermitted("events.readers_only", "The log of events is for administrators, auditors and API keys.")


def _after(request: ListEvents) -> tuple[datetime | str, int]:
    since = request.since or "-infinity"
    if request.after is None:
        return since, 0
    found = _PLACE.match(request.after)
    try:
        if found is None:
            raise ValueError("not a place")
        return datetime.fromisoformat(found.group(1)), int(found.group(2))
    except ValueError:
        raise fault("after", "place.invalid", "This place is not one that the log gave.") from None


def _place(row: Any) -> str:
    return f"{row.published_at.isoformat()}_{row.position}"


# The window is looked at in order and cut at the last row wanted, so that the next stretch begins just behind it.
_READ = """
WITH looked AS (
    SELECT body, published_at, position, '.' || topic ~ %(topics)s AS matches
    FROM outbox
    WHERE published_at IS NOT NULL AND (published_at, position) > (%(at)s::timestamptz, %(position)s::bigint)
    ORDER BY published_at, position LIMIT %(window)s
), counted AS (
    SELECT *, count(*) FILTER (WHERE matches) OVER before AS matched, row_number() OVER before AS nth,
        count(*) OVER () AS looked_at
    FROM looked WINDOW before AS (ORDER BY published_at, position)
)
SELECT CASE WHEN matches THEN body END AS body, published_at, position, matches, looked_at
FROM counted
WHERE (matches AND matched <= %(limit)s) OR (nth = looked_at AND matched < %(limit)s)
ORDER BY published_at, position
"""
