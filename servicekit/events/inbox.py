"""Exactly once in effect: a handler's row for an event commits together with what the handler did."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from servicekit import clock
from servicekit.cloudevents import Incoming


def admit(db: Session, handler: str, incoming: Sequence[Incoming]) -> tuple[set[UUID], set[UUID]]:
    """Which of these the handler is to work on now, and which must wait behind an earlier event of their subject.

    In neither set: what it has done before.
    """
    rows = db.connection().exec_driver_sql(
        _ADMIT,
        {
            "handler": handler,
            "now": clock.now(),
            "ids": [str(each.id) for each in incoming],
            "sources": [each.source for each in incoming],
            "subjects": [str(each.subject) for each in incoming],
            "sequences": [each.sequence for each in incoming],
        },
    )
    fresh: set[UUID] = set()
    behind: set[UUID] = set()
    for event_id, is_fresh in rows:
        (fresh if is_fresh else behind).add(UUID(event_id))
    return fresh, behind


def admit_again(db: Session, handler: str, incoming: Incoming) -> bool:
    """Whether an event that was put off is still to be worked on; its turn has been seen to."""
    inserted = db.connection().exec_driver_sql(
        "INSERT INTO inbox (event_id, handler, processed_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (str(incoming.id), handler, clock.now()),
    )
    return inserted.rowcount == 1


# An event that itself waits for its next attempt counts as waiting: a second delivery must not jump the ladder.
_ADMIT = """
WITH asked AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(sources)s::text[], %(subjects)s::uuid[], %(sequences)s::bigint[])
        AS asked (id, source, subject, sequence)
), behind AS (
    SELECT id FROM asked WHERE EXISTS (
        SELECT FROM event_retry AS earlier
        WHERE earlier.handler = %(handler)s AND earlier.subject = asked.subject AND earlier.source = asked.source
            AND earlier.sequence <= asked.sequence AND earlier.parked_at IS NULL
    )
), fresh AS (
    INSERT INTO inbox (event_id, handler, processed_at)
    SELECT id, %(handler)s, %(now)s FROM asked WHERE id NOT IN (SELECT id FROM behind)
    ON CONFLICT DO NOTHING
    RETURNING event_id
)
SELECT event_id::text, true FROM fresh UNION ALL SELECT id::text, false FROM behind
"""
