"""Exactly once in effect: a handler's row for an event commits together with what the handler did."""

from collections.abc import Sequence, Set
from uuid import UUID

from sqlalchemy.orm import Session

from servicekit import clock
from servicekit.cloudevents import Incoming


def admit(db: Session, handler: str, incoming: Sequence[Incoming]) -> tuple[set[UUID], set[UUID]]:
    """Which of these the handler is to work on now, and which must wait behind an earlier event of their subject.

    In neither set: what it has done before. No id may come twice.
    """
    fresh = _insert(db, handler, incoming)
    left = {each.id for each in incoming} - fresh
    # Asked is what is surely done, not what waits: what one waited for may have been settled since.
    return fresh, left - _done(db, handler, left) if left else left


def admit_again(db: Session, handler: str, incoming: Incoming) -> bool:
    """Whether an event that was put off is still to be worked on; its turn has been seen to."""
    inserted = db.connection().exec_driver_sql(
        "INSERT INTO inbox (event_id, handler, processed_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (str(incoming.id), handler, clock.now()),
    )
    return inserted.rowcount == 1


def _insert(db: Session, handler: str, incoming: Sequence[Incoming]) -> set[UUID]:
    common = {"handler": handler, "now": clock.now()}
    if len(incoming) == 1:
        [one] = incoming
        asked = {"id": str(one.id), "source": one.source, "subject": str(one.subject), "sequence": one.sequence}
        rows = db.connection().exec_driver_sql(_INSERT_ONE, common | asked)
    else:
        columns = {
            "ids": [str(each.id) for each in incoming],
            "sources": [each.source for each in incoming],
            "subjects": [str(each.subject) for each in incoming],
            "sequences": [each.sequence for each in incoming],
        }
        rows = db.connection().exec_driver_sql(_INSERT_MANY, common | columns)
    return {UUID(row[0]) for row in rows}


def _done(db: Session, handler: str, ids: Set[UUID]) -> set[UUID]:
    rows = db.connection().exec_driver_sql(
        "SELECT event_id::text FROM inbox WHERE handler = %s AND event_id = ANY(%s::uuid[])",
        (handler, [str(each) for each in ids]),
    )
    return {UUID(row[0]) for row in rows}


# An event that itself waits for its next attempt counts as waiting: a second delivery must not jump the ladder.
_UNLESS_WAITING = """
WHERE NOT EXISTS (
    SELECT FROM event_retry AS earlier
    WHERE earlier.handler = %(handler)s AND earlier.subject = asked.subject AND earlier.source = asked.source
        AND earlier.sequence <= asked.sequence AND earlier.parked_at IS NULL
)
ON CONFLICT DO NOTHING RETURNING event_id::text
"""
# Most come alone, and one plain row costs the database about half of what arrays do.
_INSERT_ONE = f"""
INSERT INTO inbox (event_id, handler, processed_at)
SELECT %(id)s::uuid, %(handler)s, %(now)s
FROM (SELECT %(source)s::text AS source, %(subject)s::uuid AS subject, %(sequence)s::bigint AS sequence) AS asked
{_UNLESS_WAITING}
"""  # noqa: S608  no value goes into the text
_INSERT_MANY = f"""
INSERT INTO inbox (event_id, handler, processed_at)
SELECT id, %(handler)s, %(now)s
FROM unnest(%(ids)s::uuid[], %(sources)s::text[], %(subjects)s::uuid[], %(sequences)s::bigint[])
    AS asked (id, source, subject, sequence)
{_UNLESS_WAITING}
"""  # noqa: S608
