"""What a custom field may be, and what of it stays once it has values."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from contracts.customer.custom_fields import CustomField, CustomFieldSettings, FieldType
from contracts.errors import Conflict, FieldFault, InvalidInput, fault
from contracts.values import Role
from services.customer.rules.custom_values import Choices, read_value

CHOICES = frozenset({FieldType.CHOICE, FieldType.MULTI_CHOICE})
_UNIQUE = frozenset({FieldType.TEXT, FieldType.NUMBER, FieldType.DATE, FieldType.USER, FieldType.CUSTOMER})
_REFERENCES = frozenset({FieldType.USER, FieldType.CUSTOMER, FieldType.FILE})
_FIXED_IN_USE = ("key", "type", "dictionary_id", "unique", "searchable")


def check_settings(settings: CustomFieldSettings, choices: Mapping[UUID, Choices]) -> None:
    """InvalidInput for settings that don't fit together; `choices` are those of the dictionaries there are."""
    faults = list(_faults(settings, choices))
    if faults:
        raise InvalidInput(faults[0].code, faults[0].message, fields=faults)


def check_default(settings: CustomFieldSettings, choices: Choices) -> Any:
    """The default as it is kept. InvalidInput: custom_field.no_default, and what a value of the type may lack."""
    if settings.default is None:
        return None
    if settings.unique or settings.type in _REFERENCES:
        raise fault("default", "custom_field.no_default", "This field can't have the same value everywhere.")
    return read_value(settings.type, settings.default, choices, field="default")


def check_stays(before: CustomField, after: CustomFieldSettings, *, key: str) -> None:
    """Conflict when something changes that values hang from."""
    told = {**dict(after), "key": key}
    turned = [name for name in _FIXED_IN_USE if told[name] != getattr(before, name)]
    if before.in_use and turned:
        message = f"Customers have values: {', '.join(turned)} can't change. Make this field inactive and add another."
        raise Conflict("custom_field.in_use", message)
    if before.searchable and set(after.visible_to) != set(before.visible_to):
        raise Conflict("custom_field.in_use", "Everybody finds customers by this field: visible_to can't change.")


def _faults(settings: CustomFieldSettings, choices: Mapping[UUID, Choices]) -> Iterator[FieldFault]:
    if (settings.type in CHOICES) != (settings.dictionary_id is not None):
        message = "A choice needs a dictionary, and other fields have none."
        yield _fault("dictionary_id", "custom_field.dictionary", message)
    elif settings.dictionary_id is not None and settings.dictionary_id not in choices:
        yield _fault("dictionary_id", "custom_field.dictionary", "There is no such dictionary.")
    if settings.unique and settings.type not in _UNIQUE:
        yield _fault("unique", "custom_field.not_unique", "Fields of this type can't be unique.")
    if settings.searchable and (settings.type is not FieldType.TEXT or set(settings.visible_to) != set(Role)):
        message = "Only a text that every role sees can be searched."
        yield _fault("searchable", "custom_field.not_searchable", message)
    if not set(settings.editable_by) - {Role.ADMIN} <= set(settings.visible_to):
        yield _fault("editable_by", "custom_field.editors_see", "Who edits a field must see it.")


def _fault(field: str, code: str, message: str) -> FieldFault:
    return FieldFault(field=field, code=code, message=message)
