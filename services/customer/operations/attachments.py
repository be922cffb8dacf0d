"""Files on customers: taken from uploads, read part by part, removed; docs/decisions/0015 says why so."""

from datetime import timedelta

from sqlalchemy.orm import Session

from contracts.customer.attachments import (
    AddAttachment,
    Attachment,
    AttachmentPage,
    AttachmentPart,
    GetAttachment,
    GetAttachmentPart,
    ListAttachments,
    RemoveAttachment,
    RemovedAttachment,
)
from contracts.customer.history import ChangeKind, RecordKind
from contracts.errors import Conflict
from servicekit import clock
from servicekit.context import caller
from servicekit.files import Files
from services.customer import models
from services.customer.operations import history, uploads
from services.customer.queries import attachments as queries
from services.customer.queries.customers import customer, customer_to_edit

MOST = 500
"""Files that one customer may have."""
KEPT = timedelta(days=1)
"""How long the content of a removed file stays, for downloads that have begun."""
_FORGOTTEN_AT_ONCE = 20
_TOLD = ("name", "size")
"""What the history keeps of a file."""


def add(db: Session, request: AddAttachment) -> Attachment:
    """Let a customer have an upload of the caller's."""
    person = caller()
    record = customer_to_edit(db, person, request.customer_id)
    if queries.count_of(db, record.id) >= MOST:
        raise Conflict("attachment.too_many", f"A customer has at most {MOST} files; remove some first.")
    upload = uploads.take(db, person, request.upload_id)
    added = models.Attachment(
        id=upload.id,
        customer_id=record.id,
        name=request.name or upload.name,
        size=upload.size,
        parts=upload.parts,
        added_at=clock.now(),
        added_by=person.actor.model_dump(mode="json"),
    )
    db.add(added)
    told = history.given(added, _TOLD)
    history.record(db, record.id, ChangeKind.ATTACHED, told, of=RecordKind.ATTACHMENT, record_id=added.id)
    return queries.as_attachment(added)


def list_attachments(db: Session, request: ListAttachments) -> AttachmentPage:
    """A page of the files on a customer that the caller may see."""
    seen = customer(db, caller(), request.customer_id)
    return queries.attachments(db, seen.id, request)


def get(db: Session, request: GetAttachment) -> Attachment:
    """One of them."""
    return queries.as_attachment(_seen(db, request))


def part(db: Session, files: Files, request: GetAttachmentPart) -> AttachmentPart:
    """A piece of its content."""
    found = _seen(db, request)
    if request.part >= found.parts:
        raise queries.no_attachment()
    return AttachmentPart(data=files.part(found.id, request.part))


def remove(db: Session, request: RemoveAttachment) -> RemovedAttachment:
    """Hide a file; its content goes later."""
    record = customer_to_edit(db, caller(), request.customer_id)
    found = queries.attachment(db, customer_id=record.id, attachment_id=request.attachment_id)
    found.removed_at = clock.now()
    told = history.lost(found, _TOLD)
    history.record(db, record.id, ChangeKind.DETACHED, told, of=RecordKind.ATTACHMENT, record_id=found.id)
    return RemovedAttachment(id=found.id)


def forget_removed(db: Session, files: Files) -> bool:
    """Throw away what was removed a day ago; True when there may be more."""
    found = queries.removed_before(db, clock.now() - KEPT, limit=_FORGOTTEN_AT_ONCE)
    for record in found:
        files.delete(record.id)
        db.delete(record)
    return len(found) == _FORGOTTEN_AT_ONCE


def _seen(db: Session, request: GetAttachment | GetAttachmentPart) -> models.Attachment:
    seen = customer(db, caller(), request.customer_id)
    return queries.attachment(db, customer_id=seen.id, attachment_id=request.attachment_id)
