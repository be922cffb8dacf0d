"""What is read of imports, their rows, and the records that rows mean."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, false, func, or_, select, true
from sqlalchemy.orm import Session

from contracts.customer.import_jobs import (
    Import,
    ImportErrors,
    ImportKey,
    ImportPage,
    ImportState,
    ListImportErrors,
    ListImports,
    RefusedRow,
)
from contracts.customer.matches import Reason
from contracts.errors import NotFound
from contracts.values import Role, UserRef
from servicekit.context import Caller
from servicekit.paging import page
from services.customer import models
from services.customer.queries.rights import editable_by, visible_to

LEASE = timedelta(seconds=60)
"""How long a process that reads a file may be silent before another one begins anew."""

_TAKEN = ("created", "updated")
_KEPT_AS: dict[ImportKey, SQLColumnExpression[Any]] = {
    ImportKey.ID: models.Customer.id,
    ImportKey.NAME: func.replace(models.Customer.folded_name, " ", ""),
    ImportKey.REGISTRATION_NUMBER: models.Customer.registration_number,
    ImportKey.EMAIL: models.CustomerKey.value,
    ImportKey.PHONE: models.CustomerKey.value,
}
_LISTED = {ImportKey.EMAIL: Reason.EMAIL, ImportKey.PHONE: Reason.PHONE}
"""Those that a customer may have several of."""


def own_import(db: Session, caller: Caller, import_id: UUID) -> models.Import:
    """An import that the caller may see. NotFound: import.not_found."""
    return _found(db.scalar(select(models.Import).where(models.Import.id == import_id, _own(caller))))


def import_to_change(db: Session, caller: Caller, import_id: UUID) -> models.Import:
    """The same, held against workers and others until the transaction ends."""
    wanted = select(models.Import).where(models.Import.id == import_id, _own(caller))
    return _found(db.scalar(wanted.with_for_update()))


def imports(db: Session, caller: Caller, request: ListImports) -> ImportPage:
    """A page of the imports that the caller may see."""
    record = models.Import
    wanted = select(record).where(_own(caller))
    rows, next_cursor = page(
        db, wanted, record.created_at, record.id, limit=request.limit, cursor=request.cursor, descending=True
    )
    return ImportPage(items=[as_import(row[0]) for row in rows], next_cursor=next_cursor)


def unfinished_of(db: Session, caller: Caller) -> int:
    """How many imports of this caller are not over."""
    record = models.Import
    return db.scalar(select(func.count()).where(record.created_by == caller.id, record.finished_at.is_(None))) or 0


def errors(db: Session, request: ListImportErrors, *, columns: Sequence[str]) -> ImportErrors:
    """A page of an import's refused rows."""
    record = models.ImportRow
    wanted = select(record).where(
        record.import_id == request.import_id, record.outcome == "refused", record.cells.is_not(None)
    )
    rows, next_cursor = page(db, wanted, record.row, limit=request.limit, cursor=request.cursor)
    items = [RefusedRow(row=row.row, cells=row.cells or [], faults=row.faults or []) for (row,) in rows]
    return ImportErrors(columns=list(columns), items=items, next_cursor=next_cursor)


def next_to_read(db: Session) -> models.Import | None:
    """An import whose file nobody reads, held against other processes."""
    record = models.Import
    free = or_(record.leased_until.is_(None), record.leased_until < func.now())
    return _next(db, ImportState.READING, free)


def next_to_run(db: Session) -> models.Import | None:
    """The running import that has waited longest for its next batch, held against other processes."""
    return _next(db, ImportState.RUNNING, true())


def next_to_revert(db: Session) -> models.Import | None:
    """The same of those that are taken back."""
    return _next(db, ImportState.REVERTING, true())


def taken_rows(db: Session, import_id: UUID, *, before: int, limit: int) -> Sequence[models.ImportRow]:
    """Rows that customers were added or changed by, the last of them first; `before` is 0 for all."""
    record = models.ImportRow
    wanted = select(record).where(record.import_id == import_id, record.outcome.in_(_TAKEN))
    if before:
        wanted = wanted.where(record.row < before)
    return db.scalars(wanted.order_by(record.row.desc()).limit(limit)).all()


def waiting_rows(db: Session, import_id: UUID, *, after: int, limit: int) -> Sequence[models.ImportRow]:
    """Rows that wait for a parent, in order."""
    record = models.ImportRow
    waits = (record.import_id == import_id, record.outcome == "waiting", record.cells.is_not(None))
    return db.scalars(select(record).where(*waits, record.row > after).order_by(record.row).limit(limit)).all()


def matching(
    db: Session, caller: Caller, key: ImportKey, values: Collection[Any]
) -> list[tuple[Any, models.Customer, bool]]:
    """The customers that the caller sees and rows mean by these values: each value, customer, and whether to edit.

    They are held against other changes until the transaction ends, in the order of their ids.
    """
    column = _KEPT_AS[key]
    statement = (
        select(column, models.Customer, func.coalesce(editable_by(caller), false()))
        .where(column.in_(values), visible_to(caller))
        .order_by(models.Customer.id)
        .with_for_update(of=models.Customer, key_share=True)
    )
    if key in _LISTED:
        listed = models.CustomerKey
        statement = statement.join(listed, listed.customer_id == models.Customer.id).where(listed.kind == _LISTED[key])
    return [(value, record, allowed) for value, record, allowed in db.execute(statement)]


def named_customers(
    db: Session, caller: Caller, *, ids: Collection[UUID | None], numbers: Collection[str], names: Collection[str]
) -> list[tuple[models.Customer, bool]]:
    """The customers that the caller sees and rows name by id, registration number or name's key; whether to edit each.

    They are held against other changes until the transaction ends, in the order of their ids.
    """
    record = models.Customer
    wanted = ((ImportKey.ID, ids), (ImportKey.REGISTRATION_NUMBER, numbers), (ImportKey.NAME, names))
    meant = or_(false(), *(_KEPT_AS[key].in_(values) for key, values in wanted if values))
    found = select(record, func.coalesce(editable_by(caller), false())).where(meant, visible_to(caller))
    rows = db.execute(found.order_by(record.id).with_for_update(of=record, key_share=True))
    return [(customer, allowed) for customer, allowed in rows]


def note_version(db: Session, import_id: UUID, record_id: UUID, version: int) -> None:
    """A record is still as this import left it, though another of its rows, or of its steps back, has changed it."""
    row = models.ImportRow
    theirs = select(row).where(row.import_id == import_id, row.record_id == record_id, row.outcome.in_(_TAKEN))
    for each in db.scalars(theirs):
        each.version = version


def as_import(record: models.Import) -> Import:
    """An import as the contract names it."""
    told = Import.model_fields.keys() - {"done", "by"}
    by = UserRef(id=UUID(record.created_by), name=record.caller["name"])
    done = record.created + record.updated + record.refused
    return Import(**{name: getattr(record, name) for name in told}, done=done, by=by)


def _own(caller: Caller) -> ColumnElement[bool]:
    return true() if caller.role == Role.ADMIN else models.Import.created_by == caller.id


def _found(record: models.Import | None) -> models.Import:
    if record is None:
        raise NotFound("import.not_found", "There is no such import of yours.")
    return record


def _next(db: Session, state: ImportState, condition: ColumnElement[bool]) -> models.Import | None:
    record = models.Import
    wanted = select(record).where(record.state == state, record.finished_at.is_(None), condition)
    return db.scalar(wanted.order_by(record.worked_at).limit(1).with_for_update(skip_locked=True))
