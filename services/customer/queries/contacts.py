"""What is read of contacts."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from contracts.customer.contacts import Contact
from contracts.errors import NotFound
from services.customer import models


def contacts(db: Session, customer_id: UUID) -> list[Contact]:
    """The contacts of a customer, by name; whether the caller may see it is decided before."""
    record = models.Contact
    statement = select(record).where(record.customer_id == customer_id).order_by(func.lower(record.name), record.id)
    return [as_contact(found) for found in db.scalars(statement)]


def contacts_of(db: Session, customer_id: UUID) -> Sequence[models.Contact]:
    """The records of a company's contacts, in the order of their ids."""
    record = models.Contact
    return db.scalars(select(record).where(record.customer_id == customer_id).order_by(record.id)).all()


def contact(db: Session, *, customer_id: UUID, contact_id: UUID) -> models.Contact:
    """A contact of just this customer. NotFound: contact.not_found."""
    record = models.Contact
    found = db.scalar(select(record).where(record.id == contact_id, record.customer_id == customer_id))
    if found is None:
        raise NotFound("contact.not_found", "There is no such contact.")
    return found


def superiors(db: Session, customer_id: UUID) -> dict[UUID, UUID | None]:
    """The whole chart of a customer: each contact's id and whom they report to."""
    record = models.Contact
    rows = db.execute(select(record.id, record.reports_to).where(record.customer_id == customer_id))
    return {id_: reports_to for id_, reports_to in rows}  # noqa: C416  rows are no pairs to mypy


def reports_of(db: Session, contact_id: UUID) -> Sequence[models.Contact]:
    """Those who report to a contact directly."""
    record = models.Contact
    return db.scalars(select(record).where(record.reports_to == contact_id).order_by(record.id)).all()


def crossing_reports(db: Session, customer_ids: Sequence[UUID]) -> Sequence[models.Contact]:
    """The contacts of these customers who report to somebody at another one."""
    record, superior = models.Contact, aliased(models.Contact)
    crossing = select(record).join(superior, superior.id == record.reports_to)
    theirs = record.customer_id.in_(customer_ids), superior.customer_id != record.customer_id
    return db.scalars(crossing.where(*theirs).order_by(record.id)).all()


def as_contact(record: models.Contact) -> Contact:
    """A contact as the contract names it."""
    return Contact(**{name: getattr(record, name) for name in Contact.model_fields})
