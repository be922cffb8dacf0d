"""The first pass over an import's file: read whole and kept as batches, before any record is written."""

import io
import zlib
from collections.abc import Iterator, Sequence
from itertools import count
from uuid import UUID

from pydantic_core import from_json, to_json
from sqlalchemy import func
from sqlalchemy.orm import Session

from contracts.customer.import_jobs import ImportFailure, ImportState
from contracts.customer.uploads import PART_BYTES
from servicekit import clock
from servicekit.database import Database
from servicekit.files import Files, PartsReader
from servicekit.threads import away
from services.customer import models
from services.customer.operations.import_ends import end
from services.customer.operations.import_kinds import KINDS
from services.customer.queries import imports as queries
from services.customer.rules.import_columns import guessed
from services.customer.tables.reading import read_table
from services.customer.tables.table import Row, Table, TableFault

BATCH_ROWS = 500
_BATCH_CHARACTERS = 2_000_000
_LOOKED_AFTER = 20
"""Batches between two looks at whether the import is still wanted; each look renews the lease."""


def read_next(database: Database, files: Files) -> bool:
    """Read the file of some import; False when there is none to read."""
    with database.transaction() as db:
        found = queries.next_to_read(db)
        if found is None:
            return False
        found.leased_until = func.now() + queries.LEASE
    try:
        _read(database, files, found)
    except TableFault as fault:
        failure = ImportFailure(code=fault.code, detail=fault.detail, row=fault.row)
        with database.transaction() as db:
            if (job := _still_read(db, found.id)) is not None:
                end(db, files, job, ImportState.FAILED, failure=failure)
    return True


def batch(files: Files, import_id: UUID, number: int) -> list[Row]:
    """The rows of a batch."""
    unpacked: list[Row] = [(row, cells) for row, cells in from_json(zlib.decompress(files.part(import_id, number)))]
    return unpacked


def _read(database: Database, files: Files, found: models.Import) -> None:
    raw = PartsReader(files, found.file_id, size=found.file_size, part_bytes=PART_BYTES)
    file = io.BufferedReader(raw, PART_BYTES)
    table = away(read_table, file, encoding=found.encoding, delimiter=found.delimiter)
    batches, total = 0, 0
    for batches in count():
        rows = away(_keep_next, files, found.id, batches, table.rows)
        total += rows
        if rows == 0 or batches % _LOOKED_AFTER == 0:
            with database.transaction() as db:
                job = _still_read(db, found.id)
                if job is None:
                    return
                job.total, job.leased_until = total, func.now() + queries.LEASE
                if rows == 0:
                    _make_ready(job, table, batches)
        if rows == 0:
            break
    files.delete(found.file_id)


def _keep_next(files: Files, import_id: UUID, number: int, rows: Iterator[Row]) -> int:
    """Keep the next batch; how many rows it has."""
    taken = _next_rows(rows)
    if taken:
        files.put(import_id, number, zlib.compress(to_json(taken), 1))
    return len(taken)


def _next_rows(rows: Iterator[Row]) -> Sequence[Row]:
    taken: list[Row] = []
    characters = 0
    for row in rows:
        taken.append(row)
        characters += sum(map(len, row[1]))
        if len(taken) == BATCH_ROWS or characters >= _BATCH_CHARACTERS:
            break
    return taken


def _make_ready(job: models.Import, table: Table, batches: int) -> None:
    if batches == 0:
        raise TableFault("import.empty", "There is no row below the headings.")
    job.state = ImportState.READY
    job.format, job.encoding, job.delimiter = table.form.format, table.form.encoding, table.form.delimiter
    job.columns = table.header
    job.mapping = guessed(table.header, KINDS[job.kind].headings)
    job.batches = batches
    job.leased_until = None
    job.worked_at = clock.now()


def _still_read(db: Session, import_id: UUID) -> models.Import | None:
    """The import, unless it was cancelled meanwhile, or another process was quicker."""
    job = db.get(models.Import, import_id, with_for_update=True)
    return job if job is not None and job.state == ImportState.READING else None
