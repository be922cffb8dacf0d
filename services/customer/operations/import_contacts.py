"""Rows of a file taken in as contacts: each at its company, changed where it is there already, else added."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import to_jsonable_python
from sqlalchemy.orm import Session

from contracts.customer.contacts import ContactChanges, ContactFields
from contracts.customer.import_jobs import ImportKey
from contracts.errors import CallError, Conflict, InvalidInput, NotPermitted, fault
from contracts.values import ImportFault
from servicekit.context import Caller
from servicekit.rpc.wire import invalid_input
from services.customer import models
from services.customer.operations import contacts
from services.customer.operations.import_plans import Outcome, Plan
from services.customer.queries import imports as queries
from services.customer.queries.contacts import contacts_of
from services.customer.queries.customers import customer_to_edit, hold_imports
from services.customer.rules.cells import read_cells
from services.customer.rules.import_contacts import Colleagues, company_of
from services.customer.rules.import_keys import known_by, with_new_emails, with_new_phones
from services.customer.rules.search import name_key
from services.customer.settings import SETTINGS
from services.customer.tables.table import Row

COMPANY_FIELDS = ("customer", "customer_id", "customer_registration_number")
"""What a row may name its company by."""
_NOT_ITS_OWN = {*COMPANY_FIELDS, "id", "reports_to"}
"""What a row says that is no field of the contact as it is written."""

_Companies = Mapping[tuple[str, Any], Sequence[tuple[models.Customer, bool]]]
"""By a field and what it says: customers, and whether the caller may edit them."""
_Colleagues = Colleagues[models.Contact]


def take(db: Session, person: Caller, plan: Plan, rows: Sequence[Row]) -> dict[int, Outcome]:
    """Add or change a contact by each row that is in order; the outcomes by the rows' numbers."""
    hold_imports(db)
    outcomes: dict[int, Outcome] = {}
    read: dict[int, dict[str, Any]] = {}
    for number, cells in rows:
        try:
            read[number] = read_cells(plan.texts_of_row(cells))
        except InvalidInput as error:
            outcomes[number] = _refused(number, error)
    companies = _companies(db, person, read)
    at: defaultdict[UUID, dict[int, dict[str, Any]]] = defaultdict(dict)
    records: dict[UUID, models.Customer] = {}
    for number, given in read.items():
        try:
            company = _company(companies, given)
        except (InvalidInput, NotPermitted, Conflict) as error:
            outcomes[number] = _refused(number, error)
        else:
            records[company.id] = company
            at[company.id][number] = given
    for company_id, theirs in at.items():  # one after the other: a batch never holds the contacts of all
        outcomes |= _take_at(db, plan, records[company_id], theirs)
    return outcomes


def take_back(db: Session, person: Caller, row: models.ImportRow) -> bool:
    """Remove a contact that a row added, or undo its change, unless somebody has changed it since; whether it was so.

    CallError: why not.
    """
    record = None if row.record_id is None else db.get(models.Contact, row.record_id)
    if record is None:
        return False
    company = customer_to_edit(db, person, record.customer_id)
    db.refresh(record)
    if record.version != row.version:
        return False
    if row.outcome == "created":
        for report in contacts.take_out(db, company, record):
            queries.note_version(db, row.import_id, report.id, report.version)
    else:
        contacts.change(db, record, ContactChanges.model_validate(row.before))
        db.flush()
        queries.note_version(db, row.import_id, record.id, record.version)
    return True


def _companies(db: Session, person: Caller, read: Mapping[int, Mapping[str, Any]]) -> _Companies:
    named = {said for given in read.values() if (said := company_of(given)) is not None}
    ids = {_id(text) for field, text in named if field == "customer_id"}
    numbers = {text for field, text in named if field == "customer_registration_number"}
    names = {name_key(text) for field, text in named if field == "customer"}
    found: defaultdict[tuple[str, Any], list[tuple[models.Customer, bool]]] = defaultdict(list)
    for record, allowed in queries.named_customers(db, person, ids=ids - {None}, numbers=numbers, names=names):
        known = {
            "customer_id": record.id,
            "customer_registration_number": record.registration_number,
            "customer": name_key(record.name),
        }
        for field, value in known.items():
            found[field, value].append((record, allowed))
    return found


def _company(companies: _Companies, given: Mapping[str, Any]) -> models.Customer:
    """The company that a row names. InvalidInput, Conflict, NotPermitted: why it can't be had."""
    said = company_of(given)
    if said is None:
        raise fault("customer", "import.unknown_customer", "This row names no company.")
    field, text = said
    value = {"customer_id": _id, "customer": name_key}.get(field, str)(text)
    found = companies.get((field, value), [])
    if not found:
        raise fault(field, "import.unknown_customer", "There is no such customer.")
    if len(found) > 1:
        raise Conflict("import.ambiguous", "Several customers are called so; name the company by its id.")
    record, allowed = found[0]
    if not allowed:
        raise NotPermitted("customer.read_only", "You may look at this customer but not change it.")
    if record.kind != "company":
        raise fault(field, "contact.not_a_company", "Only a company has contacts.")
    return record


def _take_at(
    db: Session, plan: Plan, company: models.Customer, given: Mapping[int, dict[str, Any]]
) -> dict[int, Outcome]:
    colleagues = Colleagues(contacts_of(db, company.id), region=SETTINGS.region)
    outcomes: dict[int, Outcome] = {}
    for number, fields in given.items():
        try:
            outcomes[number] = _taken(db, plan, company, colleagues, number, fields)
        except (InvalidInput, Conflict) as error:
            outcomes[number] = _refused(number, error)
    return outcomes


def _taken(
    db: Session, plan: Plan, company: models.Customer, colleagues: _Colleagues, number: int, given: Mapping[str, Any]
) -> Outcome:
    superior = None
    if "reports_to" in given:
        found = colleagues.known_by(ImportKey.NAME, name_key(given["reports_to"]))
        if not found:
            return Outcome("waiting", faults=(_no_superior(number),))
        if len(found) > 1:
            raise Conflict("import.ambiguous", f"Several people at this company are called {given['reports_to']}.")
        superior = found[0].id
    means = None if plan.creates_only else known_by(plan.key, given, region=SETTINGS.region)
    meant = colleagues.known_by(plan.key, means)
    if len(meant) > 1:
        raise Conflict("import.ambiguous", "Several people at this company are known by this.")
    fields = _fields({"name": meant[0].name, **given} if meant else given, reports_to=superior)
    if meant:
        outcome = Outcome("updated", meant[0], _changed(db, plan, meant[0], fields))
    elif colleagues.there(fields):
        raise Conflict("contact.exists", "This company has this contact already, or it is above in this file.")
    else:
        outcome = Outcome("created", contacts.add_to(db, company, fields))
    colleagues.know(cast(models.Contact, outcome.record))
    return outcome


def _changed(db: Session, plan: Plan, record: models.Contact, fields: ContactFields) -> dict[str, Any]:
    """Change the fields that are given; as they were before."""
    wanted = {name: getattr(fields, name) for name in fields.model_fields_set}
    if plan.key is ImportKey.EMAIL:
        wanted["emails"] = with_new_emails(record.emails, fields.emails)
    if plan.key is ImportKey.PHONE:
        wanted["phones"] = with_new_phones(record.phones, fields.phones, region=SETTINGS.region)
    before = {name: getattr(record, name) for name in wanted}
    contacts.change(db, record, ContactChanges.model_construct(_fields_set=set(wanted), **wanted))
    changed = {name: value for name, value in before.items() if getattr(record, name) != value}
    told: dict[str, Any] = to_jsonable_python(changed)
    return told


def _fields(given: Mapping[str, Any], *, reports_to: UUID | None) -> ContactFields:
    own = {name: value for name, value in given.items() if name not in _NOT_ITS_OWN}
    above = {} if reports_to is None else {"reports_to": reports_to}
    try:
        return ContactFields.model_validate({**own, **above})
    except ValidationError as error:
        raise invalid_input(error) from None


def _no_superior(number: int) -> ImportFault:
    message = "There is nobody of this name at the company, here or in the file."
    return ImportFault(row=number, field="reports_to", code="contact.foreign_superior", message=message)


def _refused(number: int, error: CallError) -> Outcome:
    said = [(each.field, each.code, each.message) for each in error.fields] or [("", error.code, error.detail)]
    faults = (ImportFault(row=number, field=field, code=code, message=message) for field, code, message in said)
    return Outcome("refused", faults=tuple(faults))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
