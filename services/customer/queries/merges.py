"""What is read of merges, and the customers that are merged, held for it."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import Session

from contracts.customer.merges import ListMerges, Merge, MergePage, MovedRecords
from contracts.errors import NotFound
from contracts.values import Actor
from servicekit.context import Caller
from servicekit.paging import page, total
from services.customer import models
from services.customer.queries.customers import customer_as_it_is, no_customer
from services.customer.queries.rights import answered_for_by, editable_by, in_sight_of, visible_to
from services.customer.rules.merges import UNDONE_WITHIN


class Held(NamedTuple):
    """A customer, held until the transaction ends, and what the caller may do with it."""

    record: models.Customer
    editable: bool
    answered_for: bool


def customers_to_merge(db: Session, caller: Caller, ids: Collection[UUID]) -> dict[UUID, Held]:
    """Customers that the caller may see, held in one order. NotFound: customer.not_found, customer.merged."""
    held = _held(db, _rights(caller).where(visible_to(caller)), ids)
    for customer_id in ids:
        if customer_id not in held:
            raise no_customer(db, caller, customer_id)
    return held


def customers_to_part(db: Session, caller: Caller, merge: models.Merge) -> dict[UUID, Held]:
    """The two of a merge, held in one order, as if they were there."""
    held = _held(db, _rights(caller), (merge.survivor_id, merge.loser_id))
    db.refresh(merge)  # another undoing may have come before
    return held


def children(db: Session, customer_id: UUID) -> Sequence[UUID]:
    """The companies that belong to one, held in one order."""
    record = models.Customer
    below = select(record.id).where(record.parent_id == customer_id).order_by(record.id)
    return db.scalars(below.with_for_update(key_share=True)).all()


def contact_ids(db: Session, customer_id: UUID) -> list[UUID]:
    """A company's contacts."""
    return list(db.scalars(select(models.Contact.id).where(models.Contact.customer_id == customer_id)))


def collaborator_ids(db: Session, customer_id: UUID) -> list[UUID]:
    """A customer's collaborators."""
    shared = models.Collaborator
    return list(db.scalars(select(shared.user_id).where(shared.customer_id == customer_id)))


def merge(db: Session, caller: Caller, merge_id: UUID) -> models.Merge:
    """A merge whose survivor the caller may see. NotFound: merge.not_found."""
    found = db.scalar(_merges(caller).where(models.Merge.id == merge_id))
    if found is None:
        raise NotFound("merge.not_found", "There is no such merge.")
    return found


def list_merges(db: Session, caller: Caller, request: ListMerges) -> MergePage:
    """A page of the merges whose survivor the caller may see, latest first."""
    statement, record = _merges(caller), models.Merge
    if request.customer_id is not None:
        theirs = or_(record.survivor_id == request.customer_id, record.loser_id == request.customer_id)
        statement = statement.where(theirs)
    rows, next_cursor = page(db, statement, record.number, limit=request.limit, cursor=request.cursor, descending=True)
    return MergePage(
        items=[as_merge(db, caller, row[0]) for row in rows],
        next_cursor=next_cursor,
        total=total(db, statement) if request.count else None,
    )


def in_the_way(db: Session, merge: models.Merge) -> UUID | None:
    """The latest merge that the survivor took part in afterwards, and that was not undone."""
    record = models.Merge
    theirs = or_(record.survivor_id == merge.survivor_id, record.loser_id == merge.survivor_id)
    later = select(record.id).where(theirs, record.number > merge.number, record.undone_at.is_(None))
    return db.scalar(later.order_by(record.number.desc()).limit(1))


def as_merge(db: Session, caller: Caller, record: models.Merge) -> Merge:
    """A merge as the contract names it."""
    return Merge(
        id=record.id,
        survivor_id=record.survivor_id,
        loser_id=record.loser_id,
        survivor=customer_as_it_is(db, caller, record.survivor_id),
        moved=MovedRecords(
            contacts=len(record.contact_ids),
            collaborators=len(record.collaborator_ids),
            children=len(record.child_ids),
            attachments=len(record.attachment_ids),
        ),
        reason=record.reason,
        by=Actor.model_validate(record.by),
        at=record.at,
        undo_until=record.at + UNDONE_WITHIN,
        undone_at=record.undone_at,
    )


def _merges(caller: Caller) -> Select[models.Merge]:
    survivor = models.Customer
    seen = select(models.Merge).join(survivor, survivor.id == models.Merge.survivor_id)
    return seen.where(in_sight_of(caller), survivor.deleted_at.is_(None))


def _rights(caller: Caller) -> Select[models.Customer, bool, bool]:
    may_edit, answers = (func.coalesce(right(caller), false()) for right in (editable_by, answered_for_by))
    return select(models.Customer, may_edit, answers)


def _held(db: Session, statement: Select[models.Customer, bool, bool], ids: Collection[UUID]) -> dict[UUID, Held]:
    record = models.Customer
    locked = statement.where(record.id.in_(ids)).order_by(record.id).with_for_update(of=record)
    return {row[0].id: Held(*row) for row in db.execute(locked)}
