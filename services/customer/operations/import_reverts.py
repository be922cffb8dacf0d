"""A whole import taken back, batch by batch: what it added is deleted, what it changed is as it was before.

A record that somebody has changed since stays as it is, and so does one that its rights no longer reach. Companies
with others below them wait for those to go first.
"""

from dataclasses import replace

from sqlalchemy.orm import Session

from contracts.customer.import_jobs import Import, ImportState, RevertImport
from contracts.errors import CallError, Conflict, Unavailable
from servicekit import clock, context
from servicekit.context import Caller, caller
from servicekit.files import Files
from services.customer import models
from services.customer.operations.import_batches import as_caller
from services.customer.operations.import_ends import end
from services.customer.operations.import_jobs import facts_of
from services.customer.operations.import_kinds import KINDS
from services.customer.queries import imports as queries
from services.customer.rules import rights
from services.customer.rules.deletion import RESTORED_WITHIN

_ROWS_AT_ONCE = 200


def revert(db: Session, request: RevertImport) -> Import:
    """Take an import back from now on, with the rights that the caller has now."""
    person = caller()
    rights.check_may_import(person.role)
    job = queries.import_to_change(db, person, request.import_id)
    if job.finished_at is None:
        raise Conflict("import.not_over", "This import is not over: cancel it first.")
    if job.state == ImportState.REVERTED:
        raise Conflict("import.reverted", "This import was taken back already.")
    if clock.now() > job.finished_at + RESTORED_WITHIN:
        days = RESTORED_WITHIN.days
        raise Conflict("import.too_late", f"An import can be taken back for {days} days, and they are over.")
    job.state, job.finished_at, job.worked_at = ImportState.REVERTING, None, clock.now()
    job.caller, job.swept, job.placed = facts_of(person), 0, 0
    return queries.as_import(job)


def revert_next(db: Session, files: Files) -> bool:
    """Take back the next rows of some import; False when there is none."""
    job = queries.next_to_revert(db)
    if job is None:
        return False
    job.worked_at = clock.now()
    person = as_caller(job)
    rows = queries.taken_rows(db, job.id, before=job.swept, limit=_ROWS_AT_ONCE)
    with context.working(replace(context.current(), caller=person)):
        for row in rows:
            _take_back(db, person, job, row)
        db.flush()
    if len(rows) == _ROWS_AT_ONCE:
        job.swept = rows[-1].row
    elif job.placed > 0:  # those may have stood below others
        job.swept, job.placed = 0, 0
    else:
        end(db, files, job, ImportState.REVERTED)
    return True


def _take_back(db: Session, person: Caller, job: models.Import, row: models.ImportRow) -> None:
    try:
        with db.begin_nested():
            if not KINDS[job.kind].take_back(db, person, row):
                return
    except Unavailable:
        raise
    except CallError:  # it is no longer there, or its former values would be refused today: it stays
        return
    row.outcome = "reverted"
    job.reverted += 1
    job.placed += 1
