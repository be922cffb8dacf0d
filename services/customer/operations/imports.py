"""Many customers at once: each row is taken or refused by itself, and a repeated import adds nothing."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.customer.customers import CustomerFields, Kind
from contracts.customer.history import ChangeKind
from contracts.customer.imports import CustomerRow, ImportCustomers
from contracts.customer.matches import Reason
from contracts.errors import InvalidInput, NotPermitted, fault
from contracts.pool.pools import DEFAULT_POOL_ID
from contracts.values import ImportedRow, ImportFault, ImportResult
from servicekit.context import Caller, caller
from servicekit.database import new_id
from servicekit.outbox import publish
from services.customer import models
from services.customer.operations import classification, custom_values, duplicates, history, others, scores
from services.customer.operations.announcing import created
from services.customer.operations.customers import giver, new_record, unknown_pool
from services.customer.queries import customers as queries
from services.customer.rules import fields, rights
from services.customer.rules.custom_values import Known, read_new
from services.customer.rules.duplicates import Described, Match, compared_as
from services.customer.rules.imports import Named, parents_first
from services.customer.rules.lifecycle import check_junk_reason
from services.customer.rules.search import name_key
from services.customer.settings import SETTINGS

_NO_PARENT = "There is not just one company of this name, here or in the import, that you may put others below."

_FIELDS = {Reason.PHONE: "phones", Reason.EMAIL: "emails"}
"""The fields that hold several."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rows refer to, read once for all of them."""

    giver: rights.Giver
    role: str
    people: Mapping[str, rights.Person]
    pools: Collection[UUID]
    custom: Known
    taken_values: set[tuple[UUID, str]]
    """What customers, and the rows that were read so far, have in unique custom fields."""
    companies: Mapping[UUID, str]
    """Those of the companies named as parents that the caller may edit, with their names' keys."""
    taken: set[str]
    """The keys of names that customers have, and the rows that were read so far."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A row without fault, but for its parent's name perhaps."""

    id: UUID
    kind: Kind
    values: dict[str, Any]
    owner_id: UUID | None
    pool_id: UUID | None
    named: Named


@dataclass(frozen=True, slots=True)
class Added:
    """What became of rows, by their numbers: customers, faults, and rows whose parent is missing."""

    records: dict[int, models.Customer]
    refused: list[ImportFault]
    orphans: list[int]
    """Their parent is not there, or not yet."""
    warnings: list[ImportFault]
    """Those that were added and may be there already."""


def import_customers(db: Session, request: ImportCustomers) -> ImportResult:
    """Add the rows that can be added, in one transaction."""
    person = caller()
    rights.check_may_import(person.role)
    added = add(db, person, dict(enumerate(request.rows, start=1)))
    refused = added.refused + [orphan(number) for number in added.orphans]
    return ImportResult(
        imported=[ImportedRow(row=number, id=added.records[number].id) for number in sorted(added.records)],
        refused=sorted(refused, key=lambda one: one.row),
        warnings=added.warnings,
    )


def add(db: Session, person: Caller, rows: Mapping[int, CustomerRow]) -> Added:
    """Add the rows that can be added; each answers by itself."""
    known = _look_up(db, person, list(rows.values()))
    read: dict[int, _Read] = {}
    refused: list[ImportFault] = []
    for number, row in rows.items():
        try:
            read[number] = _read(row, known)
        except (InvalidInput, NotPermitted) as error:
            refused += refusals(number, error)
    described = {row.id: compared_as(row.kind, row.values) for row in read.values()}
    sifted = duplicates.sift(db, described)
    refused += [_duplicate(number, sifted.refused[row.id]) for number, row in read.items() if row.id in sifted.refused]
    read = {number: row for number, row in read.items() if row.id not in sifted.refused}
    records = _below_parents(read, known)
    _keep(db, records.values(), described, sifted)
    custom_values.keep_new(db, known.custom, list(records.values()))
    scores.begin(db, records.values())
    classification.classify(db, [record.id for record in records.values()])
    warnings = [
        _suspected(number, sifted.suspected[record.id])
        for number, record in sorted(records.items())
        if record.id in sifted.suspected
    ]
    return Added(records, refused, sorted(read.keys() - records.keys()), warnings)


def refusals(number: int, error: InvalidInput | NotPermitted) -> list[ImportFault]:
    """The faults that an error tells of a row."""
    if not error.fields:  # the only thing that a row may not do is give to somebody
        return [ImportFault(row=number, field="owner", code=error.code, message=error.detail)]
    return [
        ImportFault(row=number, field=fault.field, code=fault.code, message=fault.message) for fault in error.fields
    ]


def orphan(number: int) -> ImportFault:
    """The refusal of a row whose parent is not there."""
    return ImportFault(row=number, field="parent", code="customer.unknown_parent", message=_NO_PARENT)


def _keep(
    db: Session, records: Collection[models.Customer], described: Mapping[UUID, Described], sifted: duplicates.Sifted
) -> None:
    db.add_all(records)
    added = {record.id for record in records}
    duplicates.keep_new(db, {customer_id: described[customer_id] for customer_id in added})
    left_out = described.keys() - added
    suspected = {
        customer_id: [match for match in matches if match.customer_id not in left_out]
        for customer_id, matches in sifted.suspected.items()
        if customer_id in added
    }
    duplicates.suspect(db, suspected)
    for record in records:
        history.record(db, record.id, ChangeKind.CREATED, {})  # what it holds stands in the file, and in the record
    publish(db, *(created(record) for record in records))


def _look_up(db: Session, person: Caller, rows: Sequence[CustomerRow]) -> _Known:
    written = [(row.kind, row.custom) for row in rows]
    custom = custom_values.known(db, person, written)
    people = others.known_people(db, {_login(row.owner) for row in rows if row.owner is not None})
    pools = others.open_pools(db, {row.pool_id or DEFAULT_POOL_ID for row in rows if row.owner is None})
    # Only now, as what stands above may wait for others; what stands below must see the imports that went before.
    queries.hold_imports(db)
    parents = {name_key(row.parent) for row in rows if row.parent is not None}
    parent_ids = {row.parent_id for row in rows if row.parent_id is not None}
    return _Known(
        giver=giver(person),
        role=person.role,
        people=people,
        pools=pools,
        custom=custom,
        taken_values=custom_values.taken(db, custom, written),
        companies=queries.companies_to_edit(db, person, keys=parents, ids=parent_ids),
        taken=queries.taken_names(db, {name_key(row.name) for row in rows}),
    )


def _read(row: CustomerRow, known: _Known) -> _Read:
    """A row as it will be kept. InvalidInput, NotPermitted: why it can't be."""
    key = name_key(row.name)
    if key in known.taken:
        raise fault("name", "customer.exists", "There is a customer of this name already.")
    owner_id, pool_id = _holder(row, known)
    given = {name: getattr(row, name) for name in CustomerRow.model_fields}
    values = fields.read_customer(row.kind, given, region=SETTINGS.region)
    check_junk_reason(row.lifecycle, row.junk_reason)
    values["custom"] = read_new(known.custom, row.kind, row.custom, role=known.role)
    if row.parent is not None and row.parent_id is not None:
        raise fault("parent", "customer.two_parents", "Name the parent or give its id, not both.")
    if row.parent_id is not None and row.parent_id not in known.companies:
        raise fault("parent_id", "customer.unknown_parent", _NO_PARENT)
    custom_values.reserve(known.custom.fields[row.kind], values["custom"], known.taken_values)
    known.taken.add(key)
    parent = None if row.parent is None else name_key(row.parent)
    kept = {name: values[name] for name in CustomerFields.model_fields}
    return _Read(new_id(), row.kind, kept, owner_id, pool_id, Named(key, parent, is_company=row.kind == "company"))


def _holder(row: CustomerRow, known: _Known) -> tuple[UUID | None, UUID | None]:
    rights.check_one_holder(row.owner, row.pool_id)
    if row.owner is not None:
        person = known.people.get(_login(row.owner))
        return rights.check_may_give(person, giver=known.giver, field="owner").id, None
    pool_id = row.pool_id or DEFAULT_POOL_ID
    if pool_id not in known.pools:
        raise unknown_pool()
    return None, pool_id


def _below_parents(read: Mapping[int, _Read], known: _Known) -> dict[int, models.Customer]:
    """The records of the rows whose parents are there, parents first: their children point at them."""
    ids = _unmistakable(known.companies)
    records: dict[int, models.Customer] = {}
    for number in parents_first({number: one.named for number, one in read.items()}, ids.keys()):
        row = read[number]
        if row.named.parent is not None:
            row.values["parent_id"] = ids[row.named.parent]
        record = new_record(row.id, row.kind, row.values, owner_id=row.owner_id, pool_id=row.pool_id)
        records[number] = record
        if row.named.is_company:
            ids[row.named.key] = record.id
    return records


def _unmistakable(companies: Mapping[UUID, str]) -> dict[str, UUID]:
    """The ids of companies whose name no other of them has."""
    names = Counter(companies.values())
    return {key: company_id for company_id, key in companies.items() if names[key] == 1}


def _duplicate(number: int, matches: Sequence[Match]) -> ImportFault:
    reason = matches[0].reasons[0]
    message = f"A customer like this is there already, or above in this import; the same: {reason.replace('_', ' ')}."
    return ImportFault(row=number, field=_FIELDS.get(reason, reason), code="customer.duplicate", message=message)


def _suspected(number: int, matches: Sequence[Match]) -> ImportFault:
    message = f"It was added, but may be there already: {len(matches)} alike."
    return ImportFault(row=number, field="name", code="customer.suspected_duplicate", message=message)


def _login(owner: str) -> str:
    return owner.casefold()
