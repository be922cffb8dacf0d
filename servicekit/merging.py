"""Records that were merged into others: where such a record leads, and how what hangs from it follows.

A table of such records has `merged_into_id`; a table of what hangs from them has a column for where a row that a merge
moved hung by itself. A row hangs from the end of the chain that begins there: docs/decisions/0008-merge.md.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

from servicekit.projections import project

_MERGES_LOCK = func.hashtext("merges")
_LONGEST_CHAIN = 100
"""A circle, as copies may show one while events are on their way, is given up after so many steps."""

Records = type[DeclarativeBase]


class Hanging(NamedTuple):
    """A table whose rows hang from records: the column that says from which, and that for where a merge found them."""

    at: InstrumentedAttribute[Any]
    moved_from: InstrumentedAttribute[Any]


def hold(db: Session, records: Records, record_id: UUID) -> None:
    """Let nobody merge or delete a record until the transaction ends; other changes of it go on.

    A statement of its own: what is read after it shows what whoever held the record before has done.
    """
    key = records.__table__.c["id"]
    db.execute(select(key).where(key == record_id).with_for_update(read=True, key_share=True))


def ends(db: Session, records: Records, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """The record that each of these leads to; one that was not merged leads to itself. A circle has no end."""
    columns = records.__table__.c
    reached = {asked: asked for asked in ids}
    leads: dict[UUID, UUID] = {}
    for _ in range(_LONGEST_CHAIN):
        merged = columns["id"].in_(set(reached.values())) & columns["merged_into_id"].is_not(None)
        rows = db.execute(select(columns["id"], columns["merged_into_id"]).where(merged))
        leads = {id_: into for id_, into in rows}  # noqa: C416  rows are no pairs to mypy
        if not leads:
            return reached
        reached = {asked: leads.get(at, at) for asked, at in reached.items()}
    return {asked: at for asked, at in reached.items() if at not in leads}


def follow(
    db: Session,
    copies: Records,
    record_id: UUID,
    *,
    into: UUID | None,
    deleted: bool,
    sequence: int,
    hanging: Sequence[Hanging] = (),
) -> set[UUID] | None:
    """Keep in a copy how its record stands, and move what hangs from it: the ids of that; None if this was no news.

    Merges come in turn, so that no chain changes while rows move along it. The record is locked before the copy is
    written: what was written under hold() is there to be moved, what comes later sees how the record stands.
    """
    db.execute(select(func.pg_advisory_xact_lock(_MERGES_LOCK)))
    key = copies.__table__.c["id"]
    db.execute(select(key).where(key == record_id).with_for_update())
    values = {"merged_into_id": into, "deleted": deleted}
    news = project(db, copies, record_id, sequence={"standing_sequence": sequence}, values=values)
    return _settle(db, copies, record_id, hanging) if news else None


def follow_facts(
    db: Session,
    copies: Records,
    record_id: UUID,
    *,
    into: UUID | None,
    deleted: bool,
    sequence: int,
    hanging: Sequence[Hanging] = (),
) -> set[UUID] | None:
    """The same for a fact; of most records it says what the copy says, and then nobody has to wait for a turn."""
    columns = copies.__table__.c
    known = db.execute(select(columns["merged_into_id"], columns["deleted"]).where(columns["id"] == record_id)).first()
    if (into, deleted) == (tuple(known) if known is not None else (None, False)):
        return None
    return follow(db, copies, record_id, into=into, deleted=deleted, sequence=sequence, hanging=hanging)


def _settle(db: Session, records: Records, record_id: UUID, hanging: Sequence[Hanging]) -> set[UUID]:
    """Hang what belongs to a record, or to those that were merged into it, from where it leads now."""
    end = ends(db, records, [record_id]).get(record_id)
    if end is None:
        return set()
    homes = _leading_to(db, records, record_id)
    ids: set[UUID] = set()
    for table in hanging:
        at, moved_from = table
        home = func.coalesce(moved_from, at)
        misplaced = or_(and_(moved_from.is_(None), at.in_(homes)), moved_from.in_(homes)) & (at != end)
        moved = update(at.class_).where(misplaced).values({at: end, moved_from: case((home != end, home))})
        key = at.class_.__table__.c["id"]
        ids |= set(db.scalars(moved.returning(key), execution_options={"synchronize_session": False}))
    return ids


def _leading_to(db: Session, records: Records, record_id: UUID) -> set[UUID]:
    """A record and all that were merged into it, directly or not."""
    columns = records.__table__.c
    found, latest = {record_id}, {record_id}
    while latest:
        merged = select(columns["id"]).where(columns["merged_into_id"].in_(latest))
        latest = set(db.scalars(merged)) - found
        found |= latest
    return found
