"""Imports as their makers see them: begun with a file, tried, started, watched, stopped."""

from sqlalchemy.orm import Session

from contracts.customer.import_jobs import (
    CancelImport,
    CreateImport,
    GetImport,
    Import,
    ImportErrors,
    ImportKey,
    ImportKind,
    ImportMode,
    ImportPage,
    ImportPlan,
    ImportPreview,
    ImportState,
    ListImportErrors,
    ListImports,
    PreviewedRow,
    PreviewImport,
    StartImport,
)
from contracts.errors import Conflict, fault
from servicekit import clock
from servicekit.context import Caller, caller
from servicekit.database import new_id
from servicekit.files import Files
from services.customer import models
from services.customer.operations import uploads
from services.customer.operations.import_ends import end
from services.customer.operations.import_kinds import KINDS
from services.customer.operations.import_plans import Plan
from services.customer.operations.import_reading import batch
from services.customer.queries import imports as queries
from services.customer.rules import rights
from services.customer.rules.import_columns import check
from services.customer.rules.import_keys import KEY_FIELDS
from services.customer.tables.encodings import is_encoding

MOST = 10
"""Imports of one caller that are not over."""
_PREVIEWED_ROWS = 100


def create(db: Session, request: CreateImport) -> Import:
    """Have an uploaded file read."""
    person = _importer()
    if request.encoding is not None and not is_encoding(request.encoding):
        raise fault("encoding", "import.unknown_encoding", "There is no such encoding; utf-8 and gb18030 are two.")
    if queries.unfinished_of(db, person) >= MOST:
        raise Conflict("import.too_many", f"{MOST} imports of yours are not over; start or cancel some first.")
    file = uploads.take(db, person, request.upload_id)
    record = _new_record(request, file, person)
    db.add(record)
    return queries.as_import(record)


def get(db: Session, request: GetImport) -> Import:
    """How far an import is."""
    return queries.as_import(queries.own_import(db, _importer(), request.import_id))


def list_imports(db: Session, request: ListImports) -> ImportPage:
    """A page of the imports that the caller may see."""
    return queries.imports(db, _importer(), request)


def errors(db: Session, request: ListImportErrors) -> ImportErrors:
    """The rows that an import has refused so far."""
    job = queries.own_import(db, _importer(), request.import_id)
    return queries.errors(db, request, columns=job.columns)


def preview(db: Session, files: Files, request: PreviewImport) -> ImportPreview:
    """Take the first rows in by a plan, tell what became of them, and undo it all."""
    person = _importer()
    job = queries.own_import(db, person, request.import_id)
    plan, rows = _planned(job, request), batch(files, job.id, 0)[:_PREVIEWED_ROWS]
    trial = db.begin_nested()
    outcomes = KINDS[plan.kind].take(db, person, plan, rows)
    db.flush()
    trial.rollback()
    return ImportPreview(
        mapping=dict(plan.mapping),
        unmapped=[heading for heading in plan.columns if heading and heading not in plan.mapping.values()],
        fields=list(KINDS[plan.kind].headings),
        rows=[
            PreviewedRow(
                row=number,
                values=plan.texts(cells),
                outcome=outcomes[number].outcome,
                faults=list(outcomes[number].faults),
            )
            for number, cells in rows
        ],
    )


def start(db: Session, request: StartImport) -> Import:
    """Take the rows in by this plan from now on."""
    person = _importer()
    job = queries.import_to_change(db, person, request.import_id)
    plan = _planned(job, request)
    job.mapping, job.mode, job.key = dict(plan.mapping), plan.mode, plan.key
    job.pool_id, job.owner = plan.pool_id, plan.owner
    job.state, job.worked_at = ImportState.RUNNING, clock.now()
    job.caller = facts_of(person)
    return queries.as_import(job)


def cancel(db: Session, files: Files, request: CancelImport) -> Import:
    """Stop an import; what it has taken stays."""
    job = queries.import_to_change(db, _importer(), request.import_id)
    if job.finished_at is not None:
        raise Conflict("import.over", "This import is over.")
    end(db, files, job, ImportState.CANCELLED)
    return queries.as_import(job)


def facts_of(person: Caller) -> dict[str, object]:
    """What is kept of whoever an import works for."""
    return {
        "id": person.id,
        "name": person.name,
        "kind": person.kind,
        "role": person.role,
        "department": None if person.department is None else str(person.department),
        "departments": list(map(str, person.departments)),
    }


def _importer() -> Caller:
    person = caller()
    rights.check_may_import(person.role)
    return person


def _new_record(request: CreateImport, file: models.Upload, person: Caller) -> models.Import:
    now = clock.now()
    counters = (
        "batches",
        "position",
        "total",
        "created",
        "updated",
        "refused",
        "reverted",
        "swept",
        "placed",
        "attempts",
    )
    return models.Import(
        id=new_id(),
        kind=request.kind,
        name=file.name,
        state=ImportState.READING,
        file_id=file.id,
        file_size=file.size,
        encoding=request.encoding,
        delimiter=request.delimiter,
        columns=[],
        mode=ImportMode.CREATE,
        key=ImportKey.NAME,
        caller=facts_of(person),
        created_by=person.id,
        worked_at=now,
        created_at=now,
        **dict.fromkeys(counters, 0),
    )


def _planned(job: models.Import, wanted: ImportPlan) -> Plan:
    """What the caller asks for, with what was guessed where they don't say."""
    if job.state != ImportState.READY:
        message = "This import is still being read." if job.state == ImportState.READING else "It was started already."
        raise Conflict("import.not_ready", message, data={"state": job.state})
    kind = KINDS[job.kind]
    if wanted.pool_id is not None and wanted.owner is not None:
        raise fault("owner", "import.owner_and_pool", "Give either an owner or a pool, not both.")
    if job.kind == ImportKind.CONTACTS and (wanted.pool_id is not None or wanted.owner is not None):
        raise fault("owner", "import.no_holder", "Contacts go with their company; nobody else holds them.")
    if wanted.key not in kind.keys:
        raise fault("key", "import.wrong_key", f"Such rows are known by one of: {', '.join(sorted(kind.keys))}.")
    mapping = wanted.mapping if wanted.mapping is not None else job.mapping or {}
    first = "name" if wanted.mode is ImportMode.CREATE else KEY_FIELDS[wanted.key]
    check(mapping, job.columns, fields=kind.headings, needed=((first,), *kind.needed))
    pool_id, owner = wanted.pool_id, wanted.owner
    return Plan(ImportKind(job.kind), job.columns, mapping, wanted.mode, wanted.key, pool_id=pool_id, owner=owner)
