"""What is asked of operations on what admins define: dictionaries, custom fields."""

from collections.abc import Callable
from typing import Any

from contracts.base import Request
from contracts.customer.custom_fields import (
    CreateCustomField,
    CustomField,
    CustomFieldChanges,
    GetCustomField,
    ListCustomFields,
    UpdateCustomField,
)
from contracts.customer.dictionaries import (
    CreateDictionary,
    Dictionary,
    DictionaryChanges,
    GetDictionary,
    ListDictionaries,
    UpdateDictionary,
)
from deploy.docs.access import Who
from servicekit.database import new_id
from tests.e2e.access.scene import Cast, Records

Ask = Callable[[Cast, Who, Records], Request[Any]]


def _dictionary(cast: Cast) -> Dictionary:
    """One that every company starts with."""
    first, *_ = cast.company.admin.call(ListDictionaries()).items
    return first


def _dictionary_change(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    now = _dictionary(cast)
    changes = DictionaryChanges(labels=now.labels)
    return UpdateDictionary(dictionary_id=now.id, version=now.version, changes=changes)


def _custom_field(cast: Cast) -> CustomField:
    """One that all roles see."""
    found = [each for each in cast.company.admin.call(ListCustomFields()).items if each.key == "access"]
    asked = CreateCustomField.model_validate({"kind": "person", "key": "access", "labels": {"en": "X"}, "type": "text"})
    return found[0] if found else cast.company.admin.call(asked)


def _custom_field_change(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    now = _custom_field(cast)
    changes = CustomFieldChanges(position=now.position + 1)
    return UpdateCustomField(custom_field_id=now.id, version=now.version, changes=changes)


DEFINITIONS: dict[str, Ask] = {
    "list_dictionaries": lambda *_: ListDictionaries(),
    "create_dictionary": lambda *_: CreateDictionary.model_validate(
        {"key": f"access_{new_id().hex}", "labels": {"en": "Once"}}
    ),
    "get_dictionary": lambda cast, *_: GetDictionary(dictionary_id=_dictionary(cast).id),
    "update_dictionary": _dictionary_change,
    "list_custom_fields": lambda *_: ListCustomFields(),
    "create_custom_field": lambda *_: CreateCustomField.model_validate(
        {"kind": "person", "key": f"access_{new_id().hex}", "labels": {"en": "Once"}, "type": "text"}
    ),
    "get_custom_field": lambda cast, *_: GetCustomField(custom_field_id=_custom_field(cast).id),
    "update_custom_field": _custom_field_change,
}
"""By the operation's id."""
