"""Keep a copy of another service's record: an event changes it unless the copy has seen something later.

docs/decisions/0005-projections.md says how a copy is rebuilt.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

from contracts.base import FactsPage, ListFacts
from contracts.operations import RebuiltBatch
from servicekit.messaging_tables import outbox_sequence
from servicekit.rpc import call_as_self

F = TypeVar("F")


@dataclass(frozen=True)
class Projection(Generic[F]):
    """A copy that can be rebuilt: the source's request for pages of facts, and what keeps one fact."""

    facts: type[ListFacts[Any]]
    keep: Callable[[Session, F], bool]
    """Tells whether the copy lacked the fact."""

    def rebuild(self, db: Session, cursor: str | None) -> RebuiltBatch:
        """Keep the page of facts at this cursor."""
        page: FactsPage[Any] = call_as_self(self.facts(cursor=cursor))
        changed = sum(self.keep(db, fact) for fact in page.items)
        return RebuiltBatch(read=len(page.items), changed=changed, next_cursor=page.next_cursor)


def latest_sequence(record_id: InstrumentedAttribute[UUID]) -> ColumnElement[int]:
    """The sequence of the latest event about a record of this service, 0 if there was none.

    Selected beside the record itself it belongs to just that state: both are written by one transaction.
    """
    last = select(outbox_sequence.c["last"]).where(outbox_sequence.c["subject"] == record_id).scalar_subquery()
    return func.coalesce(last, 0)


def project(
    db: Session,
    model: type[DeclarativeBase],
    key: UUID,
    *,
    sequence: Mapping[str, int],
    values: Mapping[str, Any],
) -> bool:
    """Write the values unless the copy has seen a later fact of that source, or says just this; whether it was written.

    `sequence` names the column that keeps the source's sequence, and the event's: `{"customer_sequence": 7}`. Several
    sources may feed one row, in any order: each has its own column, and the columns of the others need defaults (0 for
    their sequences).
    """
    written = insert(model).values(id=key, **sequence, **values)
    told = {name: written.excluded[name] for name in (*sequence, *values)}
    news = _is_news(model, told, sequence=sequence, values=values)
    upsert = written.on_conflict_do_update(index_elements=["id"], set_=told, where=news)
    return db.execute(upsert.returning(model.__table__.c["id"])).first() is not None


def amend(
    db: Session,
    model: type[DeclarativeBase],
    key: UUID,
    *,
    sequence: Mapping[str, int],
    values: Mapping[str, Any],
) -> bool:
    """The same for columns of a record that another source has to create first."""
    told = {**sequence, **values}
    news = _is_news(model, told, sequence=sequence, values=values)
    columns = model.__table__.c
    statement = update(model).where(columns["id"] == key, news).values(told).returning(columns["id"])
    return db.execute(statement, execution_options={"synchronize_session": False}).first() is not None


def _is_news(
    model: type[DeclarativeBase], told: Mapping[str, Any], *, sequence: Mapping[str, int], values: Mapping[str, Any]
) -> ColumnElement[bool]:
    """Later than the copy; or of the same moment and different: the copy was damaged, or keeps more than it did."""
    columns = model.__table__.c
    later = or_(*(columns[name] < told[name] for name in sequence))
    same_moment = and_(*(columns[name] == told[name] for name in sequence))
    differs = or_(*(columns[name].is_distinct_from(told[name]) for name in values))
    return or_(later, and_(same_moment, differs))
