"""Customers that are to be deleted or restored, held for it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts.errors import NotFound, NotPermitted
from servicekit.context import Caller
from services.customer import models
from services.customer.queries.customers import held
from services.customer.queries.rights import answered_for_by, in_sight_of


def customer_to_delete(db: Session, caller: Caller, customer_id: UUID) -> models.Customer:
    """A customer that the caller answers for. NotFound: customer.not_found. NotPermitted: customer.owners_only."""
    refusal = NotPermitted("customer.owners_only", "Only who holds this customer, and their manager, may delete it.")
    # Held against all that would hang from it: nobody may put a company below it meanwhile.
    db.execute(select(models.Customer.id).where(models.Customer.id == customer_id).with_for_update())
    return held(db, caller, customer_id, allowed=answered_for_by(caller), otherwise=refusal)


def customer_to_restore(db: Session, caller: Caller, customer_id: UUID) -> models.Customer:
    """A customer that the caller saw before it was deleted. NotFound: customer.not_found."""
    record = models.Customer
    seen = select(record).where(record.id == customer_id, record.merged_into_id.is_(None), in_sight_of(caller))
    found = db.scalar(seen.with_for_update(of=record))
    if found is None:
        raise NotFound("customer.not_found", "There is no such customer.")
    return found


def count_children(db: Session, customer_id: UUID) -> int:
    """How many companies belong to one."""
    record = models.Customer
    theirs = select(func.count()).where(record.parent_id == customer_id, record.deleted_at.is_(None))
    return db.scalar(theirs) or 0


def parent_deleted_at(db: Session, record: models.Customer) -> datetime | None:
    """When the company that one belongs to was deleted; held, so that it is not at this very moment."""
    parent = models.Customer
    found = select(parent.deleted_at).where(parent.id == record.parent_id)
    return db.scalar(found.with_for_update(read=True, key_share=True))
