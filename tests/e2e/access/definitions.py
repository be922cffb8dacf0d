"""What is asked of operations on what people define: dictionaries, custom fields, segments, classification."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from contracts.base import Request
from contracts.customer.classification import (
    ClassificationRule,
    ClassificationRuleChanges,
    CreateClassificationRule,
    GetClassificationRule,
    ListClassificationRules,
    OrderClassificationRules,
    PreviewClassification,
    RemoveClassificationRule,
    UpdateClassificationRule,
)
from contracts.customer.conditions import Rule
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
from contracts.customer.segments import (
    CreateSegment,
    GetSegment,
    ListSegmentMembers,
    ListSegments,
    RemoveSegment,
    Segment,
    SegmentChanges,
    UpdateSegment,
)
from contracts.values import Role
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


def _segment(cast: Cast) -> Segment:
    """One of the owner's that all roles see."""
    rule = Rule.model_validate({"field": "level", "op": "eq", "value": "A"})
    asked = CreateSegment(name=f"Access {new_id()}", rule=rule, shared_with=list(Role))
    owner = cast.people[Who.OWNER]
    seen = owner.call(ListSegments(limit=200)).items
    made = [each for each in seen if each.owner.id == UUID(owner.id) and each.shared_with]
    return made[0] if made else owner.call(asked)


def _segment_change(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    now = _segment(cast)
    return UpdateSegment(segment_id=now.id, version=now.version, changes=SegmentChanges(name=f"Access {new_id()}"))


_NOBODY = {"condition": {"field": "name", "op": "eq", "value": "access: nobody is called so"}, "level": "Z"}
"""What classifies no customer of any test."""


def _classification_rule(cast: Cast) -> ClassificationRule:
    """One that is there."""
    found = cast.company.admin.call(ListClassificationRules()).items
    asked = CreateClassificationRule.model_validate({"name": "Access", **_NOBODY})
    return found[0] if found else cast.company.admin.call(asked)


def _new_classification_rule(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    """A list has only so many."""
    for each in cast.company.admin.call(ListClassificationRules()).items[1:]:
        cast.company.admin.call(RemoveClassificationRule(rule_id=each.id, version=each.version))
    return CreateClassificationRule.model_validate({"name": "Once", **_NOBODY})


def _classification_change(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    now = _classification_rule(cast)
    changes = ClassificationRuleChanges(name=f"Access {new_id()}")
    return UpdateClassificationRule(rule_id=now.id, version=now.version, changes=changes)


def _classification_removal(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    now = _classification_rule(cast)
    return RemoveClassificationRule(rule_id=now.id, version=now.version)


def _classification_order(cast: Cast, _who: Who, _records: Records) -> Request[Any]:
    there = cast.company.admin.call(ListClassificationRules()).items
    return OrderClassificationRules(rule_ids=[each.id for each in there])


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
    "list_segments": lambda *_: ListSegments(limit=1),
    "create_segment": lambda *_: CreateSegment(
        name="Once", rule=Rule.model_validate({"field": "level", "op": "empty"})
    ),
    "get_segment": lambda cast, *_: GetSegment(segment_id=_segment(cast).id),
    "update_segment": _segment_change,
    "remove_segment": lambda cast, *_: RemoveSegment(segment_id=_segment(cast).id, version=_segment(cast).version),
    "list_classification_rules": lambda *_: ListClassificationRules(),
    "create_classification_rule": _new_classification_rule,
    "order_classification_rules": _classification_order,
    "preview_classification": lambda *_: PreviewClassification.model_validate(_NOBODY),
    "get_classification_rule": lambda cast, *_: GetClassificationRule(rule_id=_classification_rule(cast).id),
    "update_classification_rule": _classification_change,
    "remove_classification_rule": _classification_removal,
    "list_segment_members": lambda cast, *_: ListSegmentMembers(segment_id=_segment(cast).id, limit=1),
}
"""By the operation's id."""
