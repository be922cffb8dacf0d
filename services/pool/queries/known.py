"""What this service knows of customers."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ScalarSelect, or_, select
from sqlalchemy.orm import Session

from services.pool import models
from services.pool.rules.handing import Person


def known_customers(db: Session, customer_ids: Collection[UUID]) -> set[UUID]:
    """Those of these customers that somebody holds or a pool has."""
    return set(db.scalars(select(models.Holding.customer_id).where(models.Holding.customer_id.in_(set(customer_ids)))))


def rests(customer_id: UUID) -> ScalarSelect[bool]:
    """Whether a customer was merged into another one, or deleted; for a statement that writes it down."""
    record = models.Customer
    return (
        select(or_(record.merged_into_id.is_not(None), record.deleted))
        .where(record.id == customer_id)
        .scalar_subquery()
    )


def merged_into(db: Session, customer_id: UUID) -> UUID | None:
    """The customer that one was merged into."""
    return db.scalar(select(models.Customer.merged_into_id).where(models.Customer.id == customer_id))


def person(db: Session, user_id: UUID) -> Person | None:
    """A colleague that this service has heard of."""
    record = db.get(models.User, user_id)
    return None if record is None else Person(record.id, record.department_id, record.active, record.role)
