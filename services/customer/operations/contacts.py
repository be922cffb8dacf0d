"""A company's contacts and their chart; changes of one company's contacts hold its row and so come in turn."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.customer.contacts import (
    AddContact,
    ChartLine,
    Contact,
    ContactChanges,
    ContactCreated,
    ContactFields,
    ContactList,
    ContactRemoved,
    ContactUpdated,
    CustomerProfile,
    GetContact,
    GetCustomerProfile,
    ListContacts,
    RemoveContact,
    RemovedContact,
    UpdateContact,
)
from contracts.customer.duplicates import ListSuspicions
from contracts.customer.history import ChangeKind, RecordKind
from contracts.errors import Conflict, fault
from servicekit import clock
from servicekit.context import caller
from servicekit.database import new_id
from servicekit.outbox import publish
from servicekit.records import Changed, apply_changes, check_version
from services.customer import models
from services.customer.operations import history, segments
from services.customer.queries import contacts as queries
from services.customer.queries import groups
from services.customer.queries.customers import customer, customer_to_edit
from services.customer.queries.suspicions import suspicions
from services.customer.rules import charts, fields
from services.customer.settings import SETTINGS

MOST = 1_000
"""Contacts that one customer may have."""
_SUSPICIONS = 20


def add(db: Session, request: AddContact) -> Contact:
    """Add a contact to a company."""
    company = customer_to_edit(db, caller(), request.customer_id)
    if company.kind != "company":
        raise fault("customer_id", "contact.not_a_company", "Only a company has contacts.")
    return queries.as_contact(add_to(db, company, request))


def add_to(db: Session, company: models.Customer, given: ContactFields) -> models.Contact:
    """Add a contact to a company that is held. InvalidInput, Conflict: why not."""
    chart = queries.superiors(db, company.id)
    if len(chart) >= MOST:
        raise Conflict("contact.too_many", f"A company has at most {MOST:,} contacts; remove some first.")
    _check_superior(chart, given.reports_to)
    now = clock.now()
    values = {name: getattr(given, name) for name in ContactFields.model_fields}
    read = fields.read_contact(values, region=SETTINGS.region)
    record = models.Contact(id=new_id(), customer_id=company.id, **read, created_at=now, updated_at=now)
    db.add(record)
    _keep(db, record, ChangeKind.CREATED, history.given(record, ContactFields.model_fields))
    publish(db, ContactCreated(contact_id=record.id, customer_id=record.customer_id, name=record.name))
    db.flush()
    return record


def update(db: Session, request: UpdateContact) -> Contact:
    """Change the fields that a merge patch names."""
    company = customer_to_edit(db, caller(), request.customer_id)
    record = queries.contact(db, customer_id=company.id, contact_id=request.contact_id)
    check_version(record, request.version)
    change(db, record, request.changes)
    return queries.as_contact(record)


def change(db: Session, record: models.Contact, changes: ContactChanges) -> None:
    """Change the fields that a merge patch names, of a contact whose company is held. InvalidInput: why not."""
    given = {name: getattr(changes, name) for name in changes.model_fields_set}
    read = fields.read_contact(given, region=SETTINGS.region)
    _check_move(db, record, read)
    changed = apply_changes(record, changes.model_copy(update=read))
    if changed:
        _finish_change(db, record, changed)
    db.flush()


def remove(db: Session, request: RemoveContact) -> RemovedContact:
    """Remove a contact; those who reported to it report to its superior."""
    company = customer_to_edit(db, caller(), request.customer_id)
    record = queries.contact(db, customer_id=company.id, contact_id=request.contact_id)
    check_version(record, request.version)
    take_out(db, company, record)
    return RemovedContact(id=record.id)


def take_out(db: Session, company: models.Customer, record: models.Contact) -> Sequence[models.Contact]:
    """Remove a contact of a company that is held; those who reported to it, and now report to its superior."""
    reports = queries.reports_of(db, record.id)
    for report in reports:
        report.reports_to = record.reports_to
        _finish_change(db, report, {"reports_to": Changed(record.id, record.reports_to)})
    db.flush()  # nobody may point at it any more when it goes
    db.delete(record)
    _keep(db, record, ChangeKind.REMOVED, history.lost(record, ContactFields.model_fields))
    publish(db, ContactRemoved(contact_id=record.id, customer_id=company.id))
    return reports


def cut(db: Session, records: Iterable[models.Contact]) -> None:
    """Let these report to nobody."""
    for record in records:
        changed = {"reports_to": Changed(record.reports_to, None)}
        record.reports_to = None
        _finish_change(db, record, changed)


def get(db: Session, request: GetContact) -> Contact:
    """A contact of a customer that the caller may see."""
    seen = customer(db, caller(), request.customer_id)
    return queries.as_contact(queries.contact(db, customer_id=seen.id, contact_id=request.contact_id))


def list_contacts(db: Session, request: ListContacts) -> ContactList:
    """All contacts of a customer that the caller may see."""
    seen = customer(db, caller(), request.customer_id)
    return ContactList(items=queries.contacts(db, seen.id))


def profile(db: Session, request: GetCustomerProfile) -> CustomerProfile:
    """A customer that the caller may see, with its contacts and the companies around it."""
    person = caller()
    seen = customer(db, person, request.customer_id)
    suspected = suspicions(db, person, ListSuspicions(customer_id=seen.id, limit=_SUSPICIONS)).items
    inside = segments.segments_of(db, seen.id)
    if seen.kind == "person":
        return CustomerProfile(customer=seen, contacts=[], suspicions=suspected, segments=inside)
    contacts = queries.contacts(db, seen.id)
    chart = charts.top_down({contact.id: contact.reports_to for contact in contacts})
    return CustomerProfile(
        customer=seen,
        contacts=contacts,
        chart=[ChartLine(contact_id=contact_id, depth=depth) for contact_id, depth in chart],
        above=groups.above(db, person, seen),
        below=groups.below(db, person, seen),
        suspicions=suspected,
        segments=inside,
    )


def _check_move(db: Session, record: models.Contact, read: Mapping[str, Any]) -> None:
    superior = read.get("reports_to")
    if superior is None or superior == record.reports_to:
        return
    chart = queries.superiors(db, record.customer_id)
    _check_superior(chart, superior)
    if charts.closes_cycle(chart, record.id, superior):
        message = "A contact can't report to itself, nor to somebody who reports to it."
        raise fault("reports_to", "contact.reporting_cycle", message)


def _check_superior(chart: Mapping[UUID, UUID | None], superior: UUID | None) -> None:
    if superior is not None and superior not in chart:
        raise fault("reports_to", "contact.foreign_superior", "This company has no such contact.")


def _finish_change(db: Session, record: models.Contact, changed: Mapping[str, Changed]) -> None:
    record.updated_at = clock.now()
    _keep(db, record, ChangeKind.CHANGED, changed)
    facts = {"contact_id": record.id, "customer_id": record.customer_id, "name": record.name}
    publish(db, ContactUpdated(**facts, changed=list(changed)))


def _keep(db: Session, record: models.Contact, kind: ChangeKind, changed: Mapping[str, Changed]) -> None:
    history.record(db, record.customer_id, kind, changed, of=RecordKind.CONTACT, record_id=record.id)
