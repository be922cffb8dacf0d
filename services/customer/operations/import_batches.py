"""An import's rows, batch by batch: what a batch changes, and that it is done, commit together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from contracts.customer.import_jobs import ImportFailure, ImportKey, ImportKind, ImportMode, ImportState
from contracts.errors import Unavailable
from servicekit import clock, context
from servicekit.context import Caller
from servicekit.database import Database
from servicekit.files import Files
from servicekit.logging import get_logger
from services.customer import models
from services.customer.operations.import_ends import end
from services.customer.operations.import_kinds import KINDS
from services.customer.operations.import_plans import Outcome, Plan
from services.customer.operations.import_reading import BATCH_ROWS, batch
from services.customer.queries import imports as queries
from services.customer.tables.table import Row

log = get_logger(__name__)

_ATTEMPTS = 5
_GIVEN_UP_AT_ONCE = 5_000


def run_next(database: Database, files: Files) -> bool:
    """Take the next batch of some import; False when there is none."""
    import_id: UUID | None = None
    try:
        with database.transaction() as db:
            job = queries.next_to_run(db)
            if job is None:
                return False
            import_id = job.id
            caller = as_caller(job)
            with context.working(replace(context.current(), caller=caller)):
                _step(db, files, job, caller)
                db.flush()
    except Unavailable:
        raise
    except Exception:
        log.exception("import failed", import_id=str(import_id))
        if import_id is None:
            raise
        with database.transaction() as db:
            _count_failure(db, files, import_id)
    return True


def as_caller(job: models.Import) -> Caller:
    """Who started an import, with the rights of that moment."""
    facts = job.caller
    department = facts["department"]
    return Caller(
        id=facts["id"],
        name=facts["name"],
        kind=facts["kind"],
        role=facts["role"],
        department=None if department is None else UUID(department),
        departments=tuple(map(UUID, facts["departments"])),
    )


def plan_of(job: models.Import) -> Plan:
    """How an import's rows are taken."""
    return Plan(
        ImportKind(job.kind),
        job.columns,
        job.mapping or {},
        ImportMode(job.mode),
        ImportKey(job.key),
        pool_id=job.pool_id,
        owner=job.owner,
    )


def _step(db: Session, files: Files, job: models.Import, caller: Caller) -> None:
    job.worked_at = clock.now()
    job.attempts = 0
    if job.position < job.batches:
        rows = batch(files, job.id, job.position)
        outcomes = KINDS[job.kind].take(db, caller, plan_of(job), rows)
        db.flush()
        db.execute(insert(models.ImportRow), _kept(job.id, rows, outcomes))
        _count(job, outcomes)
        job.position += 1
    elif waiting := queries.waiting_rows(db, job.id, after=job.swept, limit=BATCH_ROWS):
        _try_again(db, job, caller, waiting)
    elif job.placed > 0:  # those may be the parents of others
        job.swept = job.placed = 0
    elif still := queries.waiting_rows(db, job.id, after=0, limit=_GIVEN_UP_AT_ONCE):
        _give_up(db, job, still)
    else:
        end(db, files, job, ImportState.FINISHED)


def _try_again(db: Session, job: models.Import, caller: Caller, waiting: Sequence[models.ImportRow]) -> None:
    outcomes = KINDS[job.kind].take(db, caller, plan_of(job), [(row.row, row.cells or []) for row in waiting])
    db.flush()
    kept = _kept(job.id, [(row.row, row.cells or []) for row in waiting], outcomes)
    for record, facts in zip(waiting, kept, strict=True):
        for name, value in facts.items():
            setattr(record, name, value)
    _count(job, outcomes)
    job.placed += sum(outcome.outcome != "waiting" for outcome in outcomes.values())
    job.swept = waiting[-1].row


def _give_up(db: Session, job: models.Import, still: Sequence[models.ImportRow]) -> None:
    record = models.ImportRow
    numbers = [row.row for row in still]
    refuse = update(record).where(record.import_id == job.id, record.row.in_(numbers))
    db.execute(refuse.values(outcome="refused"), execution_options={"synchronize_session": False})
    job.refused += len(numbers)


def _kept(import_id: UUID, rows: Sequence[Row], outcomes: Mapping[int, Outcome]) -> list[dict[str, object]]:
    return [_row(import_id, number, cells, outcomes[number]) for number, cells in rows]


def _row(import_id: UUID, number: int, cells: list[str], outcome: Outcome) -> dict[str, object]:
    record = outcome.record
    return {
        "import_id": import_id,
        "row": number,
        "outcome": outcome.outcome,
        "record_id": None if record is None else record.id,
        "version": None if record is None else record.version,
        "before": outcome.before,
        "cells": cells if record is None else None,
        "faults": [fault.model_dump(mode="json") for fault in outcome.faults] if record is None else None,
    }


def _count(job: models.Import, outcomes: Mapping[int, Outcome]) -> None:
    counted = Counter(outcome.outcome for outcome in outcomes.values())
    job.created += counted["created"]
    job.updated += counted["updated"]
    job.refused += counted["refused"]


def _count_failure(db: Session, files: Files, import_id: UUID) -> None:
    """An error of ours is tried again a few times; then the import ends, and what it has taken stays."""
    job = db.get(models.Import, import_id, with_for_update=True)
    if job is None or job.state != ImportState.RUNNING:
        return
    job.attempts += 1
    job.worked_at = clock.now()
    if job.attempts >= _ATTEMPTS:
        detail = "Something went wrong here; it has been logged. The rows that were taken until now stay."
        end(db, files, job, ImportState.FAILED, failure=ImportFailure(code="internal.error", detail=detail, row=None))
