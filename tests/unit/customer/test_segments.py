"""What a segment's rule means, and what is refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from contracts.customer.conditions import Op, Rule
from contracts.customer.segments import CreateSegment
from contracts.errors import InvalidInput
from contracts.values import Role
from services.customer.rules.conditions import attributes
from services.customer.rules.segments import Group, fields_of, may_change, read_rule

KNOWN = attributes([], Role.REP)
LEVEL = {"field": "level", "op": "eq", "value": "A"}


def faults_of(rule: dict[str, Any]) -> list[tuple[str, str]]:
    """Where the rule fails, and why."""
    with pytest.raises(InvalidInput) as refused:
        read_rule(Rule.model_validate(rule), KNOWN)
    return [(fault.field, fault.code) for fault in refused.value.fields]


def nested(depth: int) -> dict[str, Any]:
    """A rule of so many levels."""
    return LEVEL if depth == 1 else {"not": nested(depth - 1)}


class TestRule:
    def test_it_travels_as_it_was_written(self) -> None:
        written = {"name": "x", "rule": {"any": [{"not": LEVEL}, LEVEL]}}
        sent = CreateSegment.model_validate(written).model_dump(mode="json", exclude_unset=True)
        assert sent == written

    @pytest.mark.parametrize(
        "rule", [{}, {"field": "level"}, {"op": "eq"}, {"all": [LEVEL], "not": LEVEL}, {"all": []}]
    )
    def test_it_is_just_one_thing(self, rule: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            Rule.model_validate(rule)


class TestReadRule:
    def test_groups_hold_their_parts_in_order(self) -> None:
        node = read_rule(Rule.model_validate({"all": [LEVEL, {"not": LEVEL}]}), KNOWN)
        assert isinstance(node, Group)
        assert (node.way, len(node.parts)) == ("all", 2)

    @pytest.mark.parametrize(
        ("condition", "field", "code"),
        [
            ({"field": "shoe", "op": "eq", "value": 1}, "field", "condition.unknown_field"),
            ({"field": "custom.shoe", "op": "eq", "value": 1}, "field", "condition.unknown_field"),
            ({"field": "level", "op": "gte", "value": "A"}, "op", "condition.wrong_op"),
            ({"field": "tags", "op": "eq", "value": "A"}, "op", "condition.wrong_op"),
            ({"field": "size", "op": "gte", "value": "many"}, "value", "condition.invalid_value"),
            ({"field": "size", "op": "gte", "value": True}, "value", "condition.invalid_value"),
            ({"field": "size", "op": "empty", "value": 1}, "value", "condition.invalid_value"),
            ({"field": "level", "op": "in", "value": []}, "value", "condition.invalid_value"),
            ({"field": "level", "op": "in", "value": ["A", 1]}, "value", "condition.invalid_value"),
            ({"field": "owner_id", "op": "eq", "value": "me"}, "value", "condition.invalid_value"),
            ({"field": "created_at", "op": "gte", "value": "2026-01-01T00:00:00"}, "value", "condition.invalid_value"),
            ({"field": "created_at", "op": "within_days", "value": -1}, "value", "condition.invalid_value"),
            ({"field": "won_amount", "op": "gte", "value": "10 USD"}, "value", "condition.invalid_value"),
        ],
    )
    def test_each_fault_is_found_at_its_place(self, condition: dict[str, Any], field: str, code: str) -> None:
        assert faults_of({"any": [LEVEL, {"not": condition}]}) == [(f"rule.any.1.not.{field}", code)]

    def test_a_rule_has_a_bound(self) -> None:
        assert faults_of({"all": [{"any": [LEVEL] * 26}] * 2}) == [("rule", "condition.too_many")]
        assert faults_of(nested(6)) == [("rule", "condition.too_deep")]
        read_rule(Rule.model_validate(nested(5)), KNOWN)


class TestFieldsOf:
    def test_it_names_the_field_of_each_condition(self) -> None:
        rule = Rule.model_validate({"all": [LEVEL, {"not": {"field": "size", "op": Op.EMPTY}}]})
        assert list(fields_of(rule)) == ["level", "size"]


class TestMayChange:
    @pytest.mark.parametrize(
        ("role", "owns", "may"),
        [(Role.REP, True, True), (Role.REP, False, False), (Role.ADMIN, False, True), (Role.AUDITOR, True, False)],
    )
    def test_owners_and_admins_do(self, role: Role, owns: bool, may: bool) -> None:
        assert may_change(role, owns=owns) is may
