"""The people at a company customer."""

from datetime import datetime
from uuid import UUID

from contracts.base import ABSENT, Event, Message, Request
from contracts.customer.customers import Customer, Emails, Phones
from contracts.customer.duplicates import Suspicion
from contracts.customer.segments import SegmentRef
from contracts.values import CustomerRef, Line, Text, Value


class ContactFields(Message):
    """The fields of a person at a company customer."""

    name: Line
    title: Line | None = None
    department: Line | None = None
    reports_to: UUID | None = None
    """Another contact of the same customer."""
    phones: Phones = []
    emails: Emails = []
    note: Text = ""


class Contact(ContactFields):
    """A person at a company customer."""

    id: UUID
    customer_id: UUID
    version: int
    created_at: datetime
    updated_at: datetime


class ContactList(Message):
    """All contacts of one customer (at most 1,000), by name."""

    items: list[Contact]


class AddContact(Request[Contact], ContactFields, to="customer"):
    """Add a contact to a company that the caller may edit.

    InvalidInput: contact.foreign_superior (of another company), contact.not_a_company, phone.invalid, phone.repeated,
    phone.several_primary, email.invalid, email.repeated, email.several_primary. Conflict: contact.too_many (of 1,000).
    NotFound: customer.not_found, customer.merged. NotPermitted: customer.read_only.
    """

    customer_id: UUID


class ContactChanges(Message):
    """Fields to change, as a merge patch."""

    name: Line = ABSENT
    title: Line | None = None
    department: Line | None = None
    reports_to: UUID | None = None
    phones: Phones = ABSENT
    emails: Emails = ABSENT
    note: Text = ABSENT


class UpdateContact(Request[Contact], to="customer"):
    """Change a contact.

    Conflict: version.stale. InvalidInput: contact.reporting_cycle, contact.foreign_superior (of another company),
    phone.invalid, phone.repeated, phone.several_primary, email.invalid, email.repeated, email.several_primary.
    NotFound: customer.not_found, customer.merged, contact.not_found. NotPermitted: customer.read_only.
    """

    customer_id: UUID
    contact_id: UUID
    version: int
    changes: ContactChanges


class RemovedContact(Message):
    """The id of the contact that is gone."""

    id: UUID


class RemoveContact(Request[RemovedContact], to="customer"):
    """Remove a contact; those who reported to it report to its superior.

    Conflict: version.stale. NotFound: customer.not_found, customer.merged, contact.not_found. NotPermitted:
    customer.read_only.
    """

    customer_id: UUID
    contact_id: UUID
    version: int


class ListContacts(Request[ContactList], to="customer"):
    """The contacts of one customer. NotFound: customer.not_found, customer.merged."""

    customer_id: UUID


class GetContact(Request[Contact], to="customer"):
    """One contact of a customer. NotFound: customer.not_found, customer.merged, contact.not_found."""

    customer_id: UUID
    contact_id: UUID


class ChartLine(Value):
    """A contact's place in the organisation chart."""

    contact_id: UUID
    depth: int
    """0 for those who report to nobody here."""


class CustomerProfile(Message):
    """The customer's part of the 360 view."""

    customer: Customer
    contacts: list[Contact]
    """By name."""
    chart: list[ChartLine] = []
    """The organisation chart from top to bottom: each contact is followed by those who report to it."""
    above: list[CustomerRef] = []
    """The companies that this one belongs to, the topmost first; of those, what the caller may see."""
    below: list[CustomerRef] = []
    """The companies that belong to this one directly, by name: the first 50 of those that the caller may see."""
    suspicions: list[Suspicion] = []
    """Customers that may be the same, of those that the caller may see: the 20 strongest open suspicions."""
    segments: list[SegmentRef] = []
    """The segments that it is in, by name: 50 at most, of the first 200 that the caller sees."""


class GetCustomerProfile(Request[CustomerProfile], to="customer"):
    """A customer with its contacts and the companies around it, in one call.

    NotFound: customer.not_found, customer.merged.
    """

    customer_id: UUID


class ContactCreated(Event, type="contact.created", subject="contact_id"):
    """A contact was added to a company."""

    contact_id: UUID
    customer_id: UUID
    name: str


class ContactUpdated(Event, type="contact.updated", subject="contact_id"):
    """Fields of a contact changed; `changed` names them."""

    contact_id: UUID
    customer_id: UUID
    name: str
    changed: list[str]


class ContactRemoved(Event, type="contact.removed", subject="contact_id"):
    """A contact was removed."""

    contact_id: UUID
    customer_id: UUID
