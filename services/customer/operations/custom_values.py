"""The values of customers' custom fields: read by the rules, kept unique, and found by a search."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from contracts.customer.custom_fields import CustomField, FieldType
from contracts.customer.customers import Kind
from contracts.errors import Conflict, FieldFault, Unavailable, fault
from servicekit.context import Caller
from servicekit.records import Changed
from services.customer import models
from services.customer.operations import others
from services.customer.queries import custom_fields as queries
from services.customer.queries.customers import visible_ids
from services.customer.rules import custom_values as rules
from services.customer.rules.conditions import Condition, attributes, read_filter
from services.customer.rules.custom_values import Known

Given = tuple[Kind, Mapping[str, Any]]
"""A kind of customer, and values as a caller writes them."""


def known(db: Session, person: Caller, written: Sequence[Given]) -> Known:
    """What reading these values stands on, looked up once for all of them."""
    fields = {kind: queries.custom_fields(db, kind) for kind in {kind for kind, _ in written}}
    told = [(fields[kind], values) for kind, values in written if values]
    users = _named(told, FieldType.USER)
    return Known(
        fields=fields,
        choices=queries.choices(db, _dictionaries(fields.values() if told else ())),
        users={user_id for user_id in users if others.is_active(db, user_id)},
        customers=visible_ids(db, person, _named(told, FieldType.CUSTOMER)),
    )


def filters(db: Session, person: Caller, written: Sequence[str]) -> list[Condition]:
    """What a list's `custom` asks for. InvalidInput: custom.unknown_field, custom.invalid_filter."""
    if not written:
        return []
    known_attributes = attributes(queries.custom_fields(db, *queries.KINDS), person.role)
    return [read_filter(known_attributes, text) for text in written]


def of_new(db: Session, person: Caller, kind: Kind, given: Mapping[str, Any]) -> tuple[Known, dict[str, Any]]:
    """What is known, and a new customer's values. InvalidInput names every fault."""
    found = known(db, person, [(kind, given)])
    return found, rules.read_new(found, kind, given, role=person.role)


def taken(db: Session, found: Known, given: Sequence[Given]) -> set[tuple[UUID, str]]:
    """Those of the unique values of many new customers that others have already, each with its field."""
    wanted = {pair for kind, values in given for pair in rules.unique_if_read(found.fields[kind], values).items()}
    return queries.taken_values(db, wanted)


def reserve(fields: Sequence[CustomField], values: Mapping[str, Any], taken: set[tuple[UUID, str]]) -> None:
    """Add a row's unique values to those that are taken. InvalidInput: custom.taken."""
    unique = rules.unique_values(fields, values)
    repeated = [each.key for each in fields if (each.id, unique.get(each.id)) in taken]
    if repeated:
        raise fault(f"custom.{repeated[0]}", "custom.taken", "Another customer has this value already.")
    taken.update(unique.items())


def keep_new(db: Session, found: Known, records: Sequence[models.Customer]) -> None:
    """Have the values of new customers found, and given to no others. Conflict: custom.taken."""
    rows = []
    for record in records:
        fields = found.fields[_kind(record)]
        record.folded_custom = rules.search_text(fields, record.custom)
        rows += _unique_rows(record, fields, record.custom)
    _mark_in_use(db, found, records)
    if rows:
        db.flush()  # the rows point at the customers
        _take(db, found, rows)


def given(record: models.Customer) -> dict[str, Changed]:
    """The values of a new customer, as its history names them."""
    return {f"custom.{key}": Changed(None, value) for key, value in record.custom.items()}


def change(db: Session, person: Caller, record: models.Customer, patch: dict[str, Any]) -> dict[str, Changed]:
    """Change the values that the patch's `custom` names, and leave all of them there; what changed as `custom.<key>`.

    InvalidInput names every fault. Conflict: custom.taken.
    """
    if "custom" not in patch:
        return {}
    kind, before = _kind(record), record.custom
    found = known(db, person, [(kind, patch["custom"])])
    after = rules.read_changes(found, kind, patch["custom"], before=before, role=person.role)
    changed = sorted(key for key in {**before, **after} if before.get(key) != after.get(key))
    if changed:
        record.custom = after
        record.folded_custom = rules.search_text(found.fields[kind], after)
        with db.no_autoflush:  # the record's version rises once, when all of it is changed
            _mark_in_use(db, found, [record])
            _take_instead(db, found, record, [each for each in found.fields[kind] if each.key in changed])
    patch["custom"] = record.custom
    return {f"custom.{key}": Changed(before.get(key), after.get(key)) for key in changed}


def put(db: Session, record: models.Customer, values: Mapping[str, Any]) -> dict[str, Changed]:
    """Let a customer have just these values, which were read before; what changed as `custom.<key>`."""
    before = record.custom
    record.custom = dict(values)
    record.folded_custom = rules.search_text(queries.custom_fields(db, _kind(record)), values)
    keys = sorted(key for key in {**before, **values} if before.get(key) != values.get(key))
    return {f"custom.{key}": Changed(before.get(key), values.get(key)) for key in keys}


def pass_on(db: Session, keys: Collection[str], *, from_id: UUID, to_id: UUID) -> None:
    """Let another customer have the unique values of these fields, which nobody else may have meanwhile either."""
    if keys:
        unique, field = models.UniqueValue, models.CustomField
        fields = select(field.id).where(field.key.in_(keys))
        theirs = update(unique).where(unique.customer_id == from_id, unique.field_id.in_(fields))
        db.execute(theirs.values(customer_id=to_id), execution_options={"synchronize_session": False})


def _take_instead(db: Session, found: Known, record: models.Customer, fields: Sequence[CustomField]) -> None:
    freed = models.UniqueValue
    turned = [each.id for each in fields if each.unique]
    if turned:
        db.execute(delete(freed).where(freed.customer_id == record.id, freed.field_id.in_(turned)))
        _take(db, found, _unique_rows(record, fields, record.custom))


def _take(db: Session, found: Known, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    free = queries.take_values(db, rows)
    taken = {row["field_id"] for row in rows if (row["field_id"], row["value"]) not in free}
    keys = sorted({each.key for fields in found.fields.values() for each in fields if each.id in taken})
    if keys:
        message = "Another customer has this value already."
        faults = [FieldFault(field=f"custom.{key}", code="custom.taken", message=message) for key in keys]
        raise Conflict("custom.taken", message, fields=faults)


def _mark_in_use(db: Session, found: Known, records: Iterable[models.Customer]) -> None:
    """A field whose first value this is must still be as the value was read by."""
    first: dict[UUID, int] = {}
    for record in records:
        for each in found.fields[_kind(record)]:
            if not each.in_use and each.key in record.custom:
                first[each.id] = each.version
    if first and not queries.mark_in_use(db, first):
        raise Unavailable("custom_field.changing", "The custom fields are being changed; try again.", retry_after=1)


def _unique_rows(
    record: models.Customer, fields: Iterable[CustomField], values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    unique = rules.unique_values(fields, values)
    return [{"field_id": key, "value": value, "customer_id": record.id} for key, value in unique.items()]


def _named(told: Iterable[tuple[Sequence[CustomField], Mapping[str, Any]]], type_: FieldType) -> set[UUID]:
    return {record_id for fields, values in told for record_id in rules.named(fields, values, type_)}


def _dictionaries(fields: Iterable[Sequence[CustomField]]) -> set[UUID]:
    return {each.dictionary_id for some in fields for each in some if each.dictionary_id is not None}


def _kind(record: models.Customer) -> Kind:
    return cast(Kind, record.kind)
