"""Dictionaries, against a real database."""

import pytest

from contracts.customer.dictionaries import (
    CreateDictionary,
    Dictionary,
    DictionaryChanges,
    DictionaryItem,
    GetDictionary,
    Labels,
    ListDictionaries,
    UpdateDictionary,
)
from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.values import Role
from servicekit.database import new_id
from servicekit.testing import refused, user_of
from tests.integration.customer.office import Office, at_once

RED = DictionaryItem(key="red", labels=Labels(en="Red", zh="红色", pl="Czerwony"))
BLUE = DictionaryItem(key="blue", labels=Labels(en="Blue"))


def make(office: Office, key: str) -> Dictionary:
    """A dictionary of two colours."""
    return office.ask(office.admin, CreateDictionary(key=key, labels=Labels(en="Colours"), items=[RED, BLUE]))


def change(office: Office, dictionary: Dictionary, **changes: object) -> Dictionary:
    """The dictionary, changed by an admin from the version at hand."""
    patch = DictionaryChanges.model_validate(changes)
    asked = UpdateDictionary(dictionary_id=dictionary.id, version=dictionary.version, changes=patch)
    return office.ask(office.admin, asked)


class TestListDictionaries:
    def test_a_company_starts_with_the_lists_that_its_fields_need(self, office: Office) -> None:
        keys = [each.key for each in office.ask(office.rep, ListDictionaries()).items]
        assert {"industries", "junk_reasons", "release_reasons", "sources"} <= set(keys)
        assert keys == sorted(keys)


class TestCreate:
    def test_everybody_reads_what_an_admin_made(self, office: Office) -> None:
        made = make(office, "colours")
        assert office.ask(office.rep, GetDictionary(dictionary_id=made.id)) == made
        assert made.items == [RED, BLUE]

    @pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
    def test_nobody_else_makes_one(self, office: Office, role: Role) -> None:
        with refused(NotPermitted, "dictionary.admins_only"):
            office.ask(user_of(role), CreateDictionary(key="mine", labels=Labels(en="Mine")))

    def test_of_two_with_the_same_key_only_one_is_made(self, office: Office) -> None:
        assert sorted(at_once(lambda: make(office, "twice"), lambda: make(office, "twice"))) == [
            "dictionary.key_taken",
            "done",
        ]


class TestUpdate:
    def test_choices_are_made_inactive_and_put_into_another_order(self, office: Office) -> None:
        made = make(office, "turned")
        gone = RED.model_copy(update={"active": False})
        changed = change(office, made, items=[BLUE, gone])
        assert (changed.items, changed.version) == ([BLUE, gone], made.version + 1)

    def test_a_choice_can_not_be_removed(self, office: Office) -> None:
        with refused(InvalidInput, "dictionary.item_missing"):
            change(office, make(office, "kept"), items=[BLUE])

    def test_a_stale_change_is_refused(self, office: Office) -> None:
        made = make(office, "stale")
        change(office, made, labels=Labels(en="Paints"))
        with refused(Conflict, "version.stale"):
            change(office, made, labels=Labels(en="Hues"))

    def test_one_that_is_not_there_is_not_found(self, office: Office) -> None:
        made = make(office, "lost").model_copy(update={"id": new_id()})
        with refused(NotFound, "dictionary.not_found"):
            change(office, made, labels=Labels(en="Hues"))

    @pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
    def test_only_admins_change_one(self, office: Office, role: Role) -> None:
        made = make(office, f"guarded_{role}")
        with refused(NotPermitted, "dictionary.admins_only"):
            office.ask(
                user_of(role),
                UpdateDictionary(dictionary_id=made.id, version=made.version, changes=DictionaryChanges(items=[])),
            )
