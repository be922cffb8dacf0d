"""How the values of custom fields are read."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.customer.custom_fields import CustomField, FieldType
from contracts.customer.dictionaries import Labels
from contracts.errors import InvalidInput
from contracts.values import Role
from servicekit.database import new_id
from services.customer.rules.custom_values import (
    Known,
    read_changes,
    read_new,
    read_value,
    search_text,
    unique_values,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SIZES = {"small": True, "large": True, "huge": False}
DICTIONARY = UUID("01a20100-0000-7000-8000-00000000d1c7")


def field(key: str, type_: FieldType = FieldType.TEXT, **settings: Any) -> CustomField:
    """A field of companies."""
    dictionary = DICTIONARY if type_ in {FieldType.CHOICE, FieldType.MULTI_CHOICE} else None
    told = {"labels": Labels(en=key), "type": type_, "dictionary_id": dictionary, **settings}
    fixed = {"id": new_id(), "kind": "company", "key": key, "version": 1, "created_at": NOW, "updated_at": NOW}
    return CustomField(**{"active": True, "in_use": False, **fixed, **told})


def knowing(*fields: CustomField, users: tuple[UUID, ...] = (), customers: tuple[UUID, ...] = ()) -> Known:
    """What reading stands on, where companies have just these fields."""
    return Known({"company": fields}, {DICTIONARY: SIZES}, users, customers)


def faults_of(known: Known, given: dict[str, Any], role: str = Role.REP) -> list[tuple[str, str]]:
    """What is wrong with these values of a new company, field by field."""
    with pytest.raises(InvalidInput) as refused:
        read_new(known, "company", given, role=role)
    return [(fault.field, fault.code) for fault in refused.value.fields]


class TestReadValue:
    @pytest.mark.parametrize(
        ("type_", "written", "kept"),
        [
            (FieldType.TEXT, "  hello ", "hello"),
            (FieldType.NUMBER, 12, 12),
            (FieldType.NUMBER, 12.5, 12.5),
            (FieldType.NUMBER, "12.50", 12.5),
            (FieldType.NUMBER, "7.0", 7),
            (FieldType.MONEY, {"amount": "10", "currency": "USD"}, {"amount": "10.00", "currency": "USD"}),
            (FieldType.DATE, "2026-11-21", "2026-11-21"),
            (FieldType.CHOICE, "large", "large"),
            (FieldType.MULTI_CHOICE, ["large", "small", "large"], ["large", "small"]),
            (FieldType.FILE, str(DICTIONARY).upper(), str(DICTIONARY)),
        ],
    )
    def test_it_is_kept_in_one_writing(self, type_: FieldType, written: Any, kept: Any) -> None:
        assert read_value(type_, written, SIZES, field="custom.x") == kept

    @pytest.mark.parametrize(
        ("type_", "written", "code"),
        [
            (FieldType.TEXT, "", "custom.invalid"),
            (FieldType.TEXT, "a\x00b", "custom.invalid"),
            (FieldType.TEXT, 5, "custom.invalid"),
            (FieldType.TEXT, "x" * 2_001, "custom.invalid"),
            (FieldType.NUMBER, True, "custom.invalid"),
            (FieldType.NUMBER, "many", "custom.invalid"),
            (FieldType.NUMBER, 10**15, "custom.invalid"),
            (FieldType.MONEY, {"amount": 1.5, "currency": "USD"}, "custom.invalid"),
            (FieldType.MONEY, "10.00 USD", "custom.invalid"),
            (FieldType.DATE, "21.11.2026", "custom.invalid"),
            (FieldType.DATE, 0, "custom.invalid"),
            (FieldType.CHOICE, "tiny", "custom.unknown_choice"),
            (FieldType.CHOICE, "huge", "custom.unknown_choice"),
            (FieldType.CHOICE, ["large"], "custom.invalid"),
            (FieldType.MULTI_CHOICE, "large", "custom.invalid"),
            (FieldType.MULTI_CHOICE, ["large", "tiny"], "custom.unknown_choice"),
            (FieldType.USER, "Mei Lin", "custom.invalid"),
        ],
    )
    def test_what_does_not_suit_the_type_is_refused_by_name(self, type_: FieldType, written: Any, code: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            read_value(type_, written, SIZES, field="custom.x")
        assert [(fault.field, fault.code) for fault in refused.value.fields] == [("custom.x", code)]

    @given(
        st.sampled_from(FieldType),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
            max_leaves=5,
        ),
    )
    def test_whatever_is_written_it_is_refused_or_reads_the_same_again(self, type_: FieldType, written: Any) -> None:
        try:
            kept = read_value(type_, written, SIZES, field="custom.x")
        except InvalidInput:
            return
        assert read_value(type_, kept, SIZES, field="custom.x") == kept

    @given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
    def test_a_number_loses_no_digit(self, number: Decimal) -> None:
        assert Decimal(str(read_value(FieldType.NUMBER, str(number), {}, field="custom.x"))) == number

    @given(st.dates())
    def test_every_day_is_taken_as_it_is_written(self, day: date) -> None:
        assert read_value(FieldType.DATE, day.isoformat(), {}, field="custom.x") == day.isoformat()


class TestReadNew:
    def test_every_fault_is_named_at_once(self) -> None:
        known = knowing(field("since", FieldType.DATE), field("must", required=True))
        found = faults_of(known, {"since": "soon", "other": 1})
        assert found == [
            ("custom.since", "custom.invalid"),
            ("custom.other", "custom.unknown_field"),
            ("custom.must", "custom.required"),
        ]

    def test_a_default_stands_in_for_what_is_not_said(self) -> None:
        known = knowing(field("size", FieldType.CHOICE, default="small", required=True))
        assert read_new(known, "company", {}, role=Role.REP) == {"size": "small"}

    def test_null_says_nothing(self) -> None:
        assert read_new(knowing(field("hint")), "company", {"hint": None}, role=Role.REP) == {}

    def test_a_field_that_the_role_does_not_see_is_unknown_to_it(self) -> None:
        known = knowing(field("secret", visible_to=[Role.MANAGER], editable_by=[Role.MANAGER]))
        assert faults_of(known, {"secret": "x"}) == [("custom.secret", "custom.unknown_field")]
        assert read_new(known, "company", {"secret": "x"}, role=Role.ADMIN) == {"secret": "x"}

    def test_what_only_others_may_write_is_not_required_of_the_caller(self) -> None:
        known = knowing(field("rating", required=True, editable_by=[Role.MANAGER]))
        assert read_new(known, "company", {}, role=Role.REP) == {}
        assert faults_of(known, {"rating": "good"}) == [("custom.rating", "custom.read_only")]

    def test_an_inactive_field_takes_no_value(self) -> None:
        known = knowing(field("old", active=False, required=True, default="x"))
        assert read_new(known, "company", {}, role=Role.ADMIN) == {}
        assert faults_of(known, {"old": "y"}, Role.ADMIN) == [("custom.old", "custom.read_only")]

    def test_who_or_what_is_named_must_be_there(self) -> None:
        mei, acme = new_id(), new_id()
        known = knowing(
            field("buyer", FieldType.USER), field("partner", FieldType.CUSTOMER), users=(mei,), customers=(acme,)
        )
        named = {"buyer": str(mei), "partner": str(acme)}
        assert read_new(known, "company", named, role=Role.REP) == named
        assert faults_of(known, {"buyer": str(acme), "partner": str(mei)}) == [
            ("custom.buyer", "custom.unknown_user"),
            ("custom.partner", "custom.unknown_customer"),
        ]


class TestReadChanges:
    def test_what_is_not_named_stays_and_null_clears(self) -> None:
        known = knowing(field("one"), field("two"), field("three"))
        after = read_changes(
            known, "company", {"one": "new", "two": None}, before={"two": "b", "three": "c"}, role=Role.REP
        )
        assert after == {"one": "new", "three": "c"}

    def test_a_required_value_can_not_be_cleared(self) -> None:
        known = knowing(field("must", required=True))
        with pytest.raises(InvalidInput) as refused:
            read_changes(known, "company", {"must": None}, before={"must": "x"}, role=Role.REP)
        assert refused.value.code == "custom.required"

    def test_a_required_value_that_was_never_there_is_not_asked_for(self) -> None:
        known = knowing(field("must", required=True), field("other"))
        assert read_changes(known, "company", {"other": "x"}, before={}, role=Role.REP) == {"other": "x"}

    def test_what_is_hidden_from_the_caller_stays(self) -> None:
        known = knowing(field("open"), field("secret", visible_to=[Role.MANAGER], editable_by=[]))
        after = read_changes(known, "company", {"open": "x"}, before={"secret": "y"}, role=Role.REP)
        assert after == {"secret": "y", "open": "x"}


class TestUniqueValues:
    def test_case_and_blanks_do_not_make_a_difference(self) -> None:
        code = field("code", unique=True)
        assert unique_values([code], {"code": "A  b1"}) == unique_values([code], {"code": "a B1"}) == {code.id: "a b1"}


class TestSearchText:
    def test_it_holds_the_searchable_values_alone(self) -> None:
        fields = [field("nick", searchable=True), field("plan"), field("motto", searchable=True)]
        values = {"nick": "Big Blue", "plan": "hidden", "motto": "THINK"}
        assert search_text(fields, values) == "big blue\nthink"
