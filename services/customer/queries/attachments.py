"""What is read of files on customers; who may see the customer is decided before."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from contracts.customer.attachments import Attachment, AttachmentPage, ListAttachments
from contracts.errors import NotFound
from contracts.values import Actor
from servicekit.paging import page, total
from services.customer import models


def attachments(db: Session, customer_id: UUID, request: ListAttachments) -> AttachmentPage:
    """A page of a customer's files, latest first."""
    record, wanted = models.Attachment, _there(customer_id)
    keys = (record.added_at, record.id)
    rows, next_cursor = page(db, wanted, *keys, limit=request.limit, cursor=request.cursor, descending=True)
    return AttachmentPage(
        items=[as_attachment(found) for (found,) in rows],
        next_cursor=next_cursor,
        total=total(db, wanted) if request.count else None,
    )


def attachment(db: Session, *, customer_id: UUID, attachment_id: UUID) -> models.Attachment:
    """A file of just this customer. NotFound: attachment.not_found."""
    found = db.scalar(_there(customer_id).where(models.Attachment.id == attachment_id))
    if found is None:
        raise no_attachment()
    return found


def no_attachment() -> NotFound:
    """The refusal of a file, or a part of one, that isn't there."""
    return NotFound("attachment.not_found", "There is no such file on this customer.")


def attachment_ids(db: Session, customer_id: UUID) -> list[UUID]:
    """A customer's files."""
    return list(db.scalars(_there(customer_id).with_only_columns(models.Attachment.id)))


def count_of(db: Session, customer_id: UUID) -> int:
    """How many files a customer has."""
    return db.scalar(_there(customer_id).with_only_columns(func.count())) or 0


def removed_before(db: Session, moment: datetime, *, limit: int) -> Sequence[models.Attachment]:
    """Files that were removed before, held against other processes."""
    record = models.Attachment
    statement = select(record).where(record.removed_at < moment).order_by(record.removed_at).limit(limit)
    return db.scalars(statement.with_for_update(skip_locked=True)).all()


def as_attachment(record: models.Attachment) -> Attachment:
    """A file as the contract names it."""
    columns = {name: getattr(record, name) for name in Attachment.model_fields.keys() - {"added_by"}}
    return Attachment(**columns, added_by=Actor.model_validate(record.added_by))


def _there(customer_id: UUID) -> Select[models.Attachment]:
    record = models.Attachment
    return select(record).where(record.customer_id == customer_id, record.removed_at.is_(None))
