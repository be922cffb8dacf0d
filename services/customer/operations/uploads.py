"""Files on their way in: begun, filled part by part, taken by what they are for, or forgotten after a day."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.customer.uploads import PART_BYTES, AppendUpload, BeginUpload, FinishUpload, GetUpload, Upload
from contracts.errors import Conflict, InvalidInput, fault
from servicekit import clock
from servicekit.context import Caller, caller
from servicekit.database import new_id
from servicekit.files import Files
from services.customer import models
from services.customer.queries import uploads as queries
from services.customer.rules import rights
from services.customer.settings import SETTINGS

MOST = 20
"""Uploads of one caller that nothing has taken yet."""
KEPT = timedelta(days=1)
_FORGOTTEN_AT_ONCE = 20


def begin(db: Session, files: Files, request: BeginUpload) -> Upload:
    """Announce a file."""
    person = _sender()
    if queries.count_of(db, person) >= MOST and not _made_room(db, files, person):
        raise Conflict("upload.too_many", f"{MOST} files of yours wait to be used; use them, or wait a day.")
    record = models.Upload(
        id=new_id(),
        name=request.name,
        size=0,
        parts=0,
        complete=False,
        created_by=person.id,
        created_at=clock.now(),
    )
    db.add(record)
    return queries.as_upload(record)


def append(db: Session, files: Files, request: AppendUpload) -> Upload:
    """Keep the next part; a repeated one is already there."""
    record = queries.upload_to_fill(db, _sender(), request.upload_id)
    if request.part < record.parts and files.part(record.id, request.part) == request.data:
        return queries.as_upload(record)
    if record.complete:
        raise Conflict("upload.complete", "This file is whole; begin another upload.")
    if request.part != record.parts or record.size != record.parts * PART_BYTES:
        message = f"Part {record.parts} comes next, and each but the last one has {PART_BYTES:,} bytes."
        raise Conflict("upload.out_of_order", message, data={"next_part": record.parts})
    if record.size + len(request.data) > SETTINGS.upload_bytes:
        raise fault("data", "upload.too_large", f"A file may have {SETTINGS.upload_bytes:,} bytes.")
    files.put(record.id, request.part, request.data)
    record.parts += 1
    record.size += len(request.data)
    return queries.as_upload(record)


def finish(db: Session, request: FinishUpload) -> Upload:
    """The file is whole."""
    record = queries.upload_to_fill(db, _sender(), request.upload_id)
    if record.size == 0:
        raise InvalidInput("upload.empty", "This file is empty.")
    record.complete = True
    return queries.as_upload(record)


def get(db: Session, request: GetUpload) -> Upload:
    """One's own file."""
    return queries.as_upload(queries.upload_to_fill(db, _sender(), request.upload_id))


def take(db: Session, person: Caller, upload_id: UUID) -> models.Upload:
    """The caller's whole file, which from now on belongs to what takes it: its parts stay, the upload ends.

    NotFound: upload.not_found. Conflict: upload.incomplete.
    """
    record = queries.upload_to_fill(db, person, upload_id)
    if not record.complete:
        raise Conflict("upload.incomplete", "This file has not arrived whole; send the rest of it first.")
    db.delete(record)
    return record


def _sender() -> Caller:
    person = caller()
    rights.check_may_add(person.role)
    return person


def _made_room(db: Session, files: Files, person: Caller) -> bool:
    """Throw away the caller's oldest file that never arrived whole, if there is one."""
    torn = queries.oldest_incomplete(db, person)
    if torn is None:
        return False
    files.delete(torn.id)
    db.delete(torn)
    return True


def forget_unused(db: Session, files: Files) -> bool:
    """Throw away what nothing took for a day; True when there may be more."""
    found = queries.older_than(db, clock.now() - KEPT, limit=_FORGOTTEN_AT_ONCE)
    for record in found:
        files.delete(record.id)
        db.delete(record)
    return len(found) == _FORGOTTEN_AT_ONCE
