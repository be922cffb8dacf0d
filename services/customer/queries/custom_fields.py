"""What is read of custom fields: their settings, and the customers that have a value."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.customer.custom_fields import CustomField
from contracts.customer.customers import Kind
from contracts.errors import NotFound
from contracts.values import Role
from services.customer import models
from services.customer.rules.custom_values import Choices

KINDS: tuple[Kind, ...] = get_args(Kind)
_LOCK = func.hashtext("custom fields")


def custom_fields(db: Session, *kinds: Kind) -> list[CustomField]:
    """The fields of these kinds of customer, in the order in which they are shown."""
    record = models.CustomField
    statement = select(record).where(record.kind.in_(kinds)).order_by(record.kind, record.position, record.key)
    return [as_custom_field(found) for found in db.scalars(statement)]


def hold_custom_fields(db: Session) -> None:
    """Let no other admin change fields until this transaction ends: two could give one key two types."""
    db.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def custom_field_to_change(db: Session, custom_field_id: UUID) -> models.CustomField:
    """One field, held against first values until the transaction ends. NotFound: custom_field.not_found."""
    statement = select(models.CustomField).where(models.CustomField.id == custom_field_id)
    record = db.scalar(statement.with_for_update())
    if record is None:
        raise no_custom_field()
    return record


def mark_in_use(db: Session, versions: Mapping[UUID, int]) -> bool:
    """Say of these fields that they have values, unless one of them is no longer as it was read."""
    record = models.CustomField
    held = select(record).where(record.id.in_(versions)).order_by(record.id).with_for_update()
    found = db.scalars(held.execution_options(populate_existing=True)).all()
    if any(versions[one.id] != one.version for one in found):
        return False
    # Not through the records: this is no change that the version counts.
    db.execute(update(record).where(record.id.in_(versions)).values(in_use=True))
    return True


def choices(db: Session, dictionary_ids: Collection[UUID]) -> dict[UUID, Choices]:
    """The choices of those of these dictionaries that exist."""
    record = models.Dictionary
    rows = db.scalars(select(record).where(record.id.in_(dictionary_ids))) if dictionary_ids else ()
    return {found.id: {item.key: item.active for item in found.items} for found in rows}


def hidden_from(db: Session, role: str) -> set[tuple[str, str]]:
    """Kind and key of the fields whose values this role may not see."""
    if role == Role.ADMIN:
        return set()
    record = models.CustomField
    rows = db.execute(select(record.kind, record.key).where(~record.visible_to.contains([role])))
    return {(kind, key) for kind, key in rows}


def taken_values(db: Session, values: Collection[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Those of these values, each with its field, that some customer has."""
    if not values:
        return set()
    record = models.UniqueValue
    wanted = or_(*(and_(record.field_id == field_id, record.value == value) for field_id, value in values))
    rows = db.execute(select(record.field_id, record.value).where(wanted))
    return {(field_id, value) for field_id, value in rows}


def take_values(db: Session, rows: Sequence[dict[str, Any]]) -> set[tuple[UUID, str]]:
    """Give customers their unique values; returns those that were still free, each with its field."""
    record = models.UniqueValue
    in_order = sorted(rows, key=lambda row: (row["field_id"], row["value"]))  # so that no two wait for each other
    added = insert(record).values(in_order).on_conflict_do_nothing()
    return {(row[0], row[1]) for row in db.execute(added.returning(record.field_id, record.value))}


def as_custom_field(record: models.CustomField) -> CustomField:
    """The row in the contract's shape."""
    return CustomField(**{name: getattr(record, name) for name in CustomField.model_fields})


def no_custom_field() -> NotFound:
    """The refusal of a field that isn't there, or that the caller doesn't see."""
    return NotFound("custom_field.not_found", "There is no such custom field.")
