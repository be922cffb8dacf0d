"""Custom fields: their settings, values, filters and search, against a real database."""

from typing import Any

import pytest

from contracts.customer.custom_fields import (
    CreateCustomField,
    CustomField,
    CustomFieldChanges,
    GetCustomField,
    ListCustomFields,
    UpdateCustomField,
)
from contracts.customer.customers import ListCustomers
from contracts.customer.dictionaries import CreateDictionary, Dictionary, DictionaryItem, Labels
from contracts.customer.history import ListChanges
from contracts.customer.imports import CustomerRow, ImportCustomers
from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.values import Role
from servicekit.database import new_id
from servicekit.testing import refused, user_of
from tests.integration.customer.office import Office, at_once


def make(office: Office, key: str, type_: str = "text", **settings: Any) -> CustomField:
    """A custom field of companies."""
    asked = {"kind": "company", "key": key, "labels": {"en": key}, "type": type_, **settings}
    return office.ask(office.admin, CreateCustomField.model_validate(asked))


def change(office: Office, field: CustomField, **changes: Any) -> CustomField:
    """The field, changed by an admin from the version it has now."""
    now = office.ask(office.admin, GetCustomField(custom_field_id=field.id))
    patch = CustomFieldChanges.model_validate(changes)
    return office.ask(office.admin, UpdateCustomField(custom_field_id=field.id, version=now.version, changes=patch))


def sizes(office: Office) -> Dictionary:
    """A dictionary of sizes."""
    items = [DictionaryItem(key=key, labels=Labels(en=key)) for key in ("small", "large")]
    return office.ask(office.admin, CreateDictionary(key=f"s{new_id().hex}", labels=Labels(en="Sizes"), items=items))


class TestCreate:
    @pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
    def test_only_admins_make_one(self, office: Office, role: Role) -> None:
        with refused(NotPermitted, "custom_field.admins_only"):
            office.ask(
                user_of(role), CreateCustomField(kind="company", key="mine", labels=Labels(en="Mine"), type="text")
            )

    @pytest.mark.parametrize(
        ("code", "settings"),
        [
            ("custom_field.dictionary", {"type": "choice"}),
            ("custom_field.dictionary", {"type": "choice", "dictionary_id": str(new_id())}),
            ("custom_field.dictionary", {"type": "text", "dictionary_id": str(new_id())}),
            ("custom_field.not_unique", {"type": "money", "unique": True}),
            ("custom_field.not_searchable", {"type": "number", "searchable": True}),
            ("custom_field.not_searchable", {"type": "text", "searchable": True, "visible_to": ["rep", "manager"]}),
            ("custom_field.editors_see", {"type": "text", "visible_to": ["manager"], "editable_by": ["rep"]}),
            ("custom_field.no_default", {"type": "text", "unique": True, "default": "x"}),
            ("custom.invalid", {"type": "date", "default": "soon"}),
        ],
    )
    def test_settings_that_do_not_fit_together_are_refused(
        self, office: Office, code: str, settings: dict[str, Any]
    ) -> None:
        with refused(InvalidInput, code):
            office.ask(
                office.admin,
                CreateCustomField.model_validate(
                    {"kind": "company", "key": "misfit", "labels": {"en": "X"}, **settings}
                ),
            )

    def test_of_two_with_the_same_key_only_one_is_made(self, office: Office) -> None:
        assert sorted(at_once(lambda: make(office, "twin"), lambda: make(office, "twin"))) == [
            "custom_field.key_taken",
            "done",
        ]

    def test_a_key_has_the_same_type_for_companies_and_people(self, office: Office) -> None:
        make(office, "shared")
        make(office, "shared", kind="person")
        make(office, "torn")
        with refused(Conflict, "custom_field.other_type"):
            make(office, "torn", "number", kind="person")


class TestList:
    def test_each_role_gets_what_it_sees_in_order(self, office: Office) -> None:
        make(office, "later", position=901)
        make(office, "sooner", position=900)
        hidden = make(office, "secret_one", position=902, visible_to=["manager"], editable_by=["manager"])
        listed = {
            role: [
                each.key
                for each in office.ask(who, ListCustomFields(kind="company")).items
                if 900 <= each.position <= 902
            ]
            for role, who in {"rep": office.rep, "manager": office.manager, "admin": office.admin}.items()
        }
        seen = ["sooner", "later"]
        assert listed == {"rep": seen, "manager": [*seen, "secret_one"], "admin": [*seen, "secret_one"]}
        with refused(NotFound, "custom_field.not_found"):
            office.ask(office.rep, GetCustomField(custom_field_id=hidden.id))


class TestUpdate:
    def test_all_may_change_until_a_customer_has_a_value(self, office: Office) -> None:
        field = make(office, "fluid")
        changed = change(office, field, key="firm", type="number")
        assert (changed.key, changed.type, changed.in_use) == ("firm", "number", False)
        office.create(office.rep, "Firm", custom={"firm": 5})
        assert office.ask(office.admin, GetCustomField(custom_field_id=field.id)).in_use

    @pytest.mark.parametrize(
        "changes", [{"type": "number"}, {"key": "renamed"}, {"unique": True}, {"searchable": True}]
    )
    def test_what_values_hang_from_stays_once_there_is_one(self, office: Office, changes: dict[str, Any]) -> None:
        field = make(office, f"fixed_{next(iter(changes))}")
        office.create(office.rep, "Fixed", custom={field.key: "x"})
        with refused(Conflict, "custom_field.in_use"):
            change(office, field, **changes)

    def test_labels_and_the_rest_change_all_the_same(self, office: Office) -> None:
        field = make(office, "loose")
        office.create(office.rep, "Loose", custom={"loose": "x"})
        changed = change(office, field, labels={"en": "Loose", "pl": "Luźny"}, default="x", position=3)
        assert (changed.labels.pl, changed.default, changed.position) == ("Luźny", "x", 3)
        change(office, field, default=None)

    def test_an_inactive_field_shows_its_values_and_takes_none(self, office: Office) -> None:
        field = make(office, "retired")
        made = office.create(office.rep, "Veteran", custom={"retired": "yes"})
        change(office, field, active=False)
        assert office.read(office.rep, made).custom == {"retired": "yes"}
        with refused(InvalidInput, "custom.read_only"):
            office.change(office.rep, made, custom={"retired": "no"})
        assert office.change(office.rep, made, note="Still editable").custom == {"retired": "yes"}


class TestValues:
    def test_values_are_kept_merged_and_announced_by_name_alone(self, office: Office) -> None:
        make(office, "color")
        make(office, "seats", "number")
        made = office.create(office.rep, "Valued", custom={"color": "red", "seats": 12})
        changed = office.change(office.rep, made, custom={"color": None, "seats": "12.5"}, note="x")
        assert (changed.custom, changed.version) == ({"seats": 12.5}, made.version + 1)
        created, updated = office.told(made.id)
        assert updated[1]["changed"] == ["note", "custom.color", "custom.seats"]
        assert "custom" not in created[1]
        assert "custom" not in updated[1]

    def test_a_patch_that_changes_no_value_changes_nothing(self, office: Office) -> None:
        make(office, "same")
        made = office.create(office.rep, "Same", custom={"same": "x"})
        assert office.change(office.rep, made, custom={"same": "x"}) == made

    def test_each_role_reads_what_it_sees_and_leaves_the_rest_alone(self, office: Office) -> None:
        make(office, "margin", "number", visible_to=["manager"], editable_by=["manager"])
        make(office, "hobby")
        made = office.create(office.rep, "Masked", custom={"hobby": "golf"})
        full = office.change(office.manager, made, custom={"margin": 30})
        assert full.custom == {"hobby": "golf", "margin": 30}
        assert office.read(office.rep, full).custom == {"hobby": "golf"}
        assert [one.custom for one in office.ask(office.rep, ListCustomers(q="Masked")).items] == [{"hobby": "golf"}]
        after = office.change(office.rep, full, custom={"hobby": "chess"})
        assert after.custom == {"hobby": "chess"}
        assert office.read(office.admin, after).custom == {"hobby": "chess", "margin": 30}
        with refused(InvalidInput, "custom.unknown_field"):
            office.change(office.rep, after, custom={"margin": 1})

    def test_choices_are_those_of_the_dictionary(self, office: Office) -> None:
        make(office, "shirt", "choice", dictionary_id=str(sizes(office).id))
        assert office.create(office.rep, "Dressed", custom={"shirt": "large"}).custom == {"shirt": "large"}
        with refused(InvalidInput, "custom.unknown_choice"):
            office.create(office.rep, "Naked", custom={"shirt": "tiny"})

    def test_a_customer_that_the_caller_does_not_see_can_not_be_named(self, office: Office) -> None:
        make(office, "partner", "customer")
        theirs = office.create(office.stranger, "Theirs")
        mine = office.create(office.rep, "Mine")
        office.create(office.rep, "Partnered", custom={"partner": str(mine.id)})
        with refused(InvalidInput, "custom.unknown_customer"):
            office.create(office.rep, "Spy", custom={"partner": str(theirs.id)})


class TestHistory:
    def test_it_tells_each_role_the_values_that_it_sees(self, office: Office) -> None:
        make(office, "rebate", "number", visible_to=["manager"], editable_by=["manager"])
        make(office, "motto")
        made = office.create(office.rep, "Told", custom={"motto": "Go"})
        office.change(office.manager, made, custom={"rebate": 5, "motto": None})
        told = {
            who.name: [
                [(each.field, each.before, each.after) for each in change.fields if each.field.startswith("custom")]
                for change in office.ask(who, ListChanges(customer_id=made.id)).items
            ]
            for who in (office.rep, office.manager)
        }
        motto = ("custom.motto", "Go", None)
        first = [("custom.motto", None, "Go")]
        assert told == {"Rita": [[motto], first], "Mona": [[motto, ("custom.rebate", None, 5)], first]}


class TestUnique:
    def test_no_two_customers_have_the_same_value(self, office: Office) -> None:
        make(office, "tax_code", unique=True)
        made = office.create(office.rep, "First", custom={"tax_code": "Ab 1"})
        with refused(Conflict, "custom.taken"):
            office.create(office.rep, "Second", custom={"tax_code": "aB  1"})
        office.change(office.rep, made, custom={"tax_code": None})
        assert office.create(office.rep, "Third", custom={"tax_code": "ab 1"}).custom == {"tax_code": "ab 1"}

    def test_a_customer_may_write_its_own_value_again(self, office: Office) -> None:
        make(office, "vat", unique=True)
        made = office.create(office.rep, "Owner of it", custom={"vat": "ab"})
        assert office.change(office.rep, made, custom={"vat": "AB"}).custom == {"vat": "AB"}

    def test_of_two_at_the_same_moment_one_gets_it(self, office: Office) -> None:
        make(office, "badge", "number", unique=True)
        done = at_once(*[lambda: office.create(office.rep, "Racer", custom={"badge": 7})] * 4)
        assert sorted(done) == ["custom.taken"] * 3 + ["done"]


class TestImports:
    def test_each_row_answers_for_its_own_values(self, office: Office) -> None:
        make(office, "serial", unique=True)
        make(office, "opened", "date")
        office.create(office.rep, "Earlier", custom={"serial": "s1"})
        values: list[dict[str, Any]] = [{"serial": "s1"}, {"serial": "s2", "opened": "2026-01-02"}, {"serial": "S2"}]
        rows = [CustomerRow(name=f"Row {new_id()}", custom=each) for each in [*values, {"opened": "soon"}]]
        result = office.ask(office.admin, ImportCustomers(rows=rows))
        assert [one.row for one in result.imported] == [2]
        assert [(one.row, one.field, one.code) for one in result.refused] == [
            (1, "custom.serial", "custom.taken"),
            (3, "custom.serial", "custom.taken"),
            (4, "custom.opened", "custom.invalid"),
        ]

    def test_a_number_is_the_same_however_it_is_written(self, office: Office) -> None:
        make(office, "batch_number", "number", unique=True)
        office.create(office.rep, "Has it", custom={"batch_number": 5})
        written = [5.0, 6, "6.00", "5.00", 7.5, "7.50", "none"]
        rows = [CustomerRow(name=f"Row {new_id()}", custom={"batch_number": each}) for each in written]
        result = office.ask(office.admin, ImportCustomers(rows=rows))
        assert [one.row for one in result.imported] == [2, 5]
        refusals = {one.row: (one.field, one.code) for one in result.refused}
        same = ("custom.batch_number", "custom.taken")
        assert refusals == {1: same, 3: same, 4: same, 6: same, 7: ("custom.batch_number", "custom.invalid")}


class TestFilters:
    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ("f_text:Alpha", ["One"]),
            ("f_text:alpha", []),
            ("f_number>=5", ["One", "Two"]),
            ("f_number<=5", ["One"]),
            ("f_number:7.5", ["Two"]),
            ("f_money>=100.00 USD", ["Two"]),
            ("f_money<=100.00 EUR", ["One"]),
            ("f_date>=2026-02-01", ["Two"]),
            ("f_list:small", ["One", "Two"]),
            ("f_list:large", ["Two"]),
            ("f_list:small,f_number>=6", ["Two"]),
        ],
    )
    def test_customers_are_found_by_what_their_fields_hold(
        self, filtered: Office, asked: str, found: list[str]
    ) -> None:
        assert filtered.names(filtered.rep, custom=asked) == found

    @pytest.mark.parametrize(
        ("asked", "code"),
        [
            ("nothing:1", "custom.unknown_field"),
            ("f_hidden:1", "custom.unknown_field"),
            ("f_number", "custom.invalid_filter"),
            ("f_number:many", "custom.invalid_filter"),
            ("f_text>=a", "custom.invalid_filter"),
            ("f_money>=5", "custom.invalid_filter"),
        ],
    )
    def test_what_can_not_be_asked_is_refused(self, filtered: Office, asked: str, code: str) -> None:
        with refused(InvalidInput, code):
            filtered.names(filtered.rep, custom=asked)


@pytest.fixture(scope="module")
def filtered(office: Office) -> Office:
    """The company with two customers that have values of every kind."""
    make(office, "f_text")
    make(office, "f_number", "number")
    make(office, "f_money", "money")
    make(office, "f_date", "date")
    make(office, "f_list", "multi_choice", dictionary_id=str(sizes(office).id))
    make(office, "f_hidden", visible_to=["manager"], editable_by=["manager"])
    one = {"f_text": "Alpha", "f_number": 5, "f_money": {"amount": "100", "currency": "EUR"}, "f_list": ["small"]}
    two = {"f_text": "Beta", "f_number": 7.5, "f_money": {"amount": "100.01", "currency": "USD"}}
    office.create(office.rep, "One", custom={**one, "f_date": "2026-01-31"})
    office.create(office.rep, "Two", custom={**two, "f_date": "2026-02-01", "f_list": ["small", "large"]})
    return office


class TestSearch:
    def test_fragments_of_searchable_texts_are_found_and_others_are_not(self, office: Office) -> None:
        make(office, "nickname", searchable=True)
        make(office, "remark")
        made = office.create(office.rep, "Searched", custom={"nickname": "Big Zebra", "remark": "Quokka"})
        assert office.names(office.rep, q="g zeb") == ["Searched"]
        assert office.names(office.rep, q="quokka") == []
        office.change(office.rep, made, custom={"nickname": "Tapir"})
        assert office.names(office.rep, q="zebra") == []
        assert office.names(office.rep, q="TAPIR") == ["Searched"]
