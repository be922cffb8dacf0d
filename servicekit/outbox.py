"""Events leave if and only if their transaction commits; see docs/decisions/0002-outbox-order.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import event as hooks
from sqlalchemy.orm import Session, SessionTransaction

from contracts.base import Event
from servicekit import clock, context
from servicekit.cloudevents import source_of, write_unnumbered
from servicekit.database import new_id

CHANNEL = "outbox"
"""What PostgreSQL's NOTIFY calls when rows were committed."""


@dataclass(frozen=True, slots=True)
class _Pending:
    id: UUID
    event: Event
    time: datetime
    unnumbered: str


# Per transaction, not per session: what a savepoint published goes when the savepoint is rolled back.
_pending: WeakKeyDictionary[SessionTransaction, list[_Pending]] = WeakKeyDictionary()


def publish(db: Session, *events: Event) -> None:
    """Announce these when the transaction commits. NotPermitted: auth.required, when nobody stands behind the work."""
    work = context.current()
    actor = context.caller().actor
    transaction = db.get_nested_transaction() or db.get_transaction() or db.begin()
    for event in events:
        id, time = new_id(), clock.now()  # noqa: A001
        text = write_unnumbered(event, id=id, time=time, actor=actor, traceparent=work.traceparent)
        _pending.setdefault(transaction, []).append(_Pending(id, event, time, text))


@hooks.listens_for(Session, "before_commit")
def _before_commit(db: Session) -> None:
    savepoint = db.get_nested_transaction()
    transaction = savepoint or db.get_transaction()
    if transaction is None or not (pending := _pending.pop(transaction, None)):
        return
    if savepoint is not None and savepoint.parent is not None:
        _pending.setdefault(savepoint.parent, []).extend(pending)
        return
    db.flush()  # the counters are locked last, so that they stay locked shortest
    columns = _columns(pending)
    if len(pending) == 1:
        db.connection().exec_driver_sql(_WRITE_ONE, {name: values[0] for name, values in columns.items()})
    else:
        db.connection().exec_driver_sql(_WRITE_MANY, columns)


def _columns(pending: Sequence[_Pending]) -> dict[str, list[object]]:
    return {
        "id": [str(one.id) for one in pending],
        "topic": [one.event.topic for one in pending],
        "type": [one.event.wire_type() for one in pending],
        "source": [source_of(type(one.event)) for one in pending],
        "subject": [str(one.event.subject) for one in pending],
        "time": [one.time for one in pending],
        "unnumbered": [one.unnumbered for one in pending],
    }


# One round trip: count up each subject (in the order of ids, against deadlocks), number its events, write, notify.
# A row can be written only after its subject's counter is locked, so positions rise with sequences.
# Most transactions announce one thing; said without arrays it costs the database a quarter.
_WRITE_ONE = f"""
WITH moved AS (
    INSERT INTO outbox_sequence AS counter (subject, last) VALUES (%(subject)s, 1)
    ON CONFLICT (subject) DO UPDATE SET last = counter.last + 1
    RETURNING last
), written AS (
    INSERT INTO outbox (id, topic, type, source, subject, sequence, occurred_at, body)
    SELECT %(id)s::uuid, %(topic)s, %(type)s, %(source)s, %(subject)s::uuid, last, %(time)s::timestamptz,
        %(unnumbered)s || last || '}}'
    FROM moved
)
SELECT pg_notify('{CHANNEL}', '')
"""  # noqa: S608  CHANNEL is ours
_WRITE_MANY = f"""
WITH asked AS (
    SELECT * FROM unnest(
        %(id)s::uuid[], %(topic)s::text[], %(type)s::text[], %(source)s::text[], %(subject)s::uuid[],
        %(time)s::timestamptz[], %(unnumbered)s::text[]
    ) WITH ORDINALITY AS asked (id, topic, type, source, subject, occurred_at, unnumbered, nth)
), counted AS (
    SELECT subject, count(*) AS events FROM asked GROUP BY subject
), moved AS (
    INSERT INTO outbox_sequence AS counter (subject, last)
    SELECT subject, events FROM counted ORDER BY subject
    ON CONFLICT (subject) DO UPDATE SET last = counter.last + excluded.last
    RETURNING subject, last
), numbered AS (
    SELECT asked.*, last - events + row_number() OVER (PARTITION BY subject ORDER BY nth) AS sequence
    FROM asked JOIN counted USING (subject) JOIN moved USING (subject)
), written AS (
    INSERT INTO outbox (id, topic, type, source, subject, sequence, occurred_at, body)
    SELECT id, topic, type, source, subject, sequence, occurred_at, unnumbered || sequence || '}}'
    FROM numbered ORDER BY nth
)
SELECT pg_notify('{CHANNEL}', '')
"""  # noqa: S608  CHANNEL is ours
