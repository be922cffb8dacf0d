"""What is read of uploads: each caller knows of their own alone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts.customer.uploads import Upload
from contracts.errors import NotFound
from servicekit.context import Caller
from services.customer import models


def upload_to_fill(db: Session, caller: Caller, upload_id: UUID) -> models.Upload:
    """The caller's own upload, held against other parts until the transaction ends. NotFound: upload.not_found."""
    record = models.Upload
    mine = select(record).where(record.id == upload_id, record.created_by == caller.id)
    found = db.scalar(mine.with_for_update())
    if found is None:
        raise NotFound("upload.not_found", "There is no such upload of yours, or something has taken it.")
    return found


def count_of(db: Session, caller: Caller) -> int:
    """How many uploads of this caller nothing has taken yet."""
    return db.scalar(select(func.count()).where(models.Upload.created_by == caller.id)) or 0


def oldest_incomplete(db: Session, caller: Caller) -> models.Upload | None:
    """The caller's first upload that has not arrived whole, unless a part of it is arriving now."""
    record = models.Upload
    torn = select(record).where(record.created_by == caller.id, ~record.complete).order_by(record.created_at).limit(1)
    return db.scalar(torn.with_for_update(skip_locked=True))


def older_than(db: Session, moment: datetime, *, limit: int) -> Sequence[models.Upload]:
    """Uploads that nothing took since, held against other processes."""
    record = models.Upload
    statement = select(record).where(record.created_at < moment).order_by(record.created_at).limit(limit)
    return db.scalars(statement.with_for_update(skip_locked=True)).all()


def as_upload(record: models.Upload) -> Upload:
    """An upload as the contract names it."""
    return Upload(**{name: getattr(record, name) for name in Upload.model_fields})
