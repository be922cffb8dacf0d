"""Custom fields: read by who sees them, made and changed by admins."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.customer.custom_fields import (
    CreateCustomField,
    CustomField,
    CustomFieldList,
    CustomFieldSettings,
    GetCustomField,
    ListCustomFields,
    UpdateCustomField,
)
from contracts.errors import Conflict
from servicekit import clock
from servicekit.context import caller
from servicekit.database import flush_unique, new_id
from servicekit.records import apply_changes, check_version
from services.customer import models
from services.customer.queries import custom_fields as queries
from services.customer.rules import custom_fields as rules
from services.customer.rules import rights
from services.customer.rules.custom_values import sees

MOST = 100
"""Custom fields that one kind of customer may have."""


def list_custom_fields(db: Session, request: ListCustomFields) -> CustomFieldList:
    """Those that the caller sees."""
    kinds = queries.KINDS if request.kind is None else (request.kind,)
    role = caller().role
    return CustomFieldList(items=[each for each in queries.custom_fields(db, *kinds) if sees(each, role)])


def get(db: Session, request: GetCustomField) -> CustomField:
    """One that the caller sees."""
    record = db.get(models.CustomField, request.custom_field_id)
    found = None if record is None else queries.as_custom_field(record)
    if found is None or not sees(found, caller().role):
        raise queries.no_custom_field()
    return found


def create(db: Session, request: CreateCustomField) -> CustomField:
    """Add a custom field."""
    rights.check_admin(caller().role, code="custom_field.admins_only")
    queries.hold_custom_fields(db)
    if len(queries.custom_fields(db, request.kind)) >= MOST:
        raise Conflict("custom_field.too_many", f"There are at most {MOST} custom fields of a kind of customer.")
    now = clock.now()
    given = {name: getattr(request, name) for name in CustomFieldSettings.model_fields}
    fresh = {"id": new_id(), "key": request.key, "active": True, "in_use": False, "created_at": now, "updated_at": now}
    record = models.CustomField(**given, **fresh, kind=request.kind)
    record.default = _checked_default(db, request)
    _check_type(db, record)
    db.add(record)
    return _finish(db, record)


def update(db: Session, request: UpdateCustomField) -> CustomField:
    """Change the fields that a merge patch names."""
    rights.check_admin(caller().role, code="custom_field.admins_only")
    queries.hold_custom_fields(db)
    record = queries.custom_field_to_change(db, request.custom_field_id)
    check_version(record, request.version)
    before = queries.as_custom_field(record)
    changed = {name: getattr(request.changes, name) for name in request.changes.model_fields_set}
    after = before.model_copy(update=changed)
    rules.check_stays(before, after, key=after.key)
    patch = request.changes.model_copy(update={"default": _checked_default(db, after)})
    if apply_changes(record, patch):
        record.updated_at = clock.now()
    _check_type(db, record)
    return _finish(db, record)


def _checked_default(db: Session, settings: CustomFieldSettings) -> Any:
    ids = set() if settings.dictionary_id is None else {settings.dictionary_id}
    choices = queries.choices(db, ids)
    rules.check_settings(settings, choices)
    return rules.check_default(settings, next(iter(choices.values()), {}))


def _check_type(db: Session, record: models.CustomField) -> None:
    """Filters and segments ask for a key, whatever the kind of customer, so it means the same for both."""
    other = models.CustomField
    same_key = select(other.type).where(other.key == record.key, other.kind != record.kind, other.type != record.type)
    with db.no_autoflush:
        if db.scalars(same_key).first() is not None:
            message = "The other kind of customer has a field of this key with another type; take another key."
            raise Conflict("custom_field.other_type", message)


def _finish(db: Session, record: models.CustomField) -> CustomField:
    taken = Conflict("custom_field.key_taken", "There is a custom field of this key already; take another key.")
    flush_unique(db, "uq_custom_fields_kind_key", taken)
    return queries.as_custom_field(record)
