"""What is read of the history of customers."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.customer.history import Change, ChangePage, ListChanges
from servicekit.paging import page, total
from services.customer import models


def changes(db: Session, customer_id: UUID, request: ListChanges, *, hidden: Collection[str]) -> ChangePage:
    """A page of a customer's history without hidden fields, latest first; who may see it at all is decided before."""
    record = models.Change
    wanted = select(record).where(record.customer_id == customer_id)
    if request.record is not None:
        wanted = wanted.where(record.record == request.record)
    if request.record_id is not None:
        wanted = wanted.where(record.record_id == request.record_id)
    if request.field is not None:
        wanted = wanted.where(record.fields.contains([{"field": request.field}]))
    keys = (record.at, record.id)
    rows, next_cursor = page(db, wanted, *keys, limit=request.limit, cursor=request.cursor, descending=True)
    return ChangePage(
        items=[_as_change(found, hidden) for (found,) in rows],
        next_cursor=next_cursor,
        total=total(db, wanted) if request.count else None,
    )


def _as_change(record: models.Change, hidden: Collection[str]) -> Change:
    change = Change.model_validate(record, from_attributes=True)
    return change.model_copy(update={"fields": [each for each in change.fields if each.field not in hidden]})
