"""Two customers that were made one are two again, each as it was."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from contracts.customer.contacts import ListContacts
from contracts.customer.custom_fields import CreateCustomField
from contracts.customer.customers import Customer
from contracts.errors import Conflict, NotFound, NotPermitted
from servicekit import clock
from servicekit.database import new_id
from servicekit.testing import refused
from tests.integration.customer.office import Office, at_once
from tests.integration.customer.test_merges import KEPT, contacts, share, two
from tests.integration.merging import AT_LENGTH

_numbers = count(1)
"""Of phones: no two customers may have the same."""
BOOKKEEPING = {"version", "updated_at"}
"""What says that a record was written, which undoing is, too."""


def plain(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The rows without what says that they were written."""
    return {
        table: [{name: value for name, value in row.items() if name not in BOOKKEEPING} for row in found]
        for table, found in rows.items()
    }


class TestUndo:
    def test_each_has_what_it_had(self, office: Office) -> None:
        survivor, loser = two(office, website="https://acme.example")
        office.add_contact(office.rep, loser, "Chief")
        merge = office.merge(office.rep, survivor, loser)
        undone = office.undo(office.rep, merge)
        assert undone.undone_at is not None
        assert office.read(office.rep, loser) == loser
        assert office.read(office.rep, survivor).website is None
        assert (contacts(office, survivor), contacts(office, loser)) == ([], ["Chief"])
        assert office.told(loser.id)[-1][0] == "customer.unmerged"

    def test_what_came_later_stays_with_the_survivor(self, office: Office) -> None:
        survivor, loser = two(office, website="https://acme.example", tags=["vip"])
        chief = office.add_contact(office.rep, loser, "Chief")
        merge = office.merge(office.rep, survivor, loser)
        office.add_contact(office.rep, survivor, "Later", reports_to=chief.id)
        office.change(office.rep, office.read(office.rep, survivor), website="https://new.example", tags=["vip", "eu"])
        office.undo(office.rep, merge)
        now = office.read(office.rep, survivor)
        assert (now.website, now.tags) == ("https://new.example", ["eu"])
        (later,) = office.ask(office.rep, ListContacts(customer_id=survivor.id)).items
        assert (later.name, later.reports_to) == ("Later", None)

    def test_the_losers_values_of_custom_fields_are_lent_to_the_survivor_and_given_back(self, office: Office) -> None:
        key = f"code_{new_id().hex[-8:]}"
        field = CreateCustomField.model_validate(
            {
                "kind": "company",
                "key": key,
                "labels": {"en": "Code"},
                "type": "text",
                "unique": True,
                "searchable": True,
            }
        )
        office.ask(office.admin, field)
        survivor, loser = two(office, custom={key: "Zebra 7"})
        before = office.rows(*KEPT, "unique_values")
        merge = office.merge(office.rep, survivor, loser)
        assert office.read(office.rep, survivor).custom == {key: "Zebra 7"}
        assert office.names(office.rep, q="zebra 7") == ["Acme"]
        with refused(Conflict, "custom.taken"):
            office.create(office.rep, "Another", custom={key: "Zebra 7"})
        office.undo(office.rep, merge)
        assert plain(office.rows(*KEPT, "unique_values")) == plain(before)

    def test_after_thirty_days_it_is_too_late(self, office: Office) -> None:
        survivor, loser = two(office)
        merge = office.merge(office.rep, survivor, loser)
        with office.database.transaction() as db:
            db.execute(text("UPDATE merges SET at = at - interval '31 days' WHERE id = :id"), {"id": merge.id})
        with refused(Conflict, "merge.too_late"):
            office.undo(office.rep, merge)

    def test_twice_is_refused(self, office: Office) -> None:
        merge = office.merge(office.rep, *two(office))
        office.undo(office.rep, merge)
        with refused(Conflict, "merge.undone"):
            office.undo(office.rep, merge)

    def test_a_later_merge_is_undone_first(self, office: Office) -> None:
        first, second = two(office)
        third = office.create(office.rep, "Acme at last")
        merge = office.merge(office.rep, second, first)
        later = office.merge(office.rep, third, second)
        with refused(NotFound, "merge.not_found"):
            office.undo(office.stranger, merge)
        with pytest.raises(Conflict) as caught:
            office.undo(office.rep, merge)
        assert (caught.value.code, caught.value.data) == ("merge.in_the_way", {"merge_id": str(later.id)})
        office.undo(office.rep, later)
        office.undo(office.rep, merge)
        assert office.read(office.rep, first) == first

    def test_both_must_be_the_callers_to_edit(self, office: Office) -> None:
        survivor, loser = two(office)
        share(office, survivor, office.stranger, access="edit")
        merge = office.merge(office.rep, survivor, loser)
        with refused(NotPermitted, "merge.read_only"):
            office.undo(office.stranger, merge)

    def test_of_two_at_once_one_does_it(self, office: Office) -> None:
        merge = office.merge(office.rep, *two(office))
        outcomes = at_once(lambda: office.undo(office.rep, merge), lambda: office.undo(office.rep, merge))
        assert sorted(outcomes) == ["done", "merge.undone"]


STEP = st.sampled_from(["contact", "child", "share", "share both", "phone"])


class TestExactness:
    @settings(AT_LENGTH, max_examples=10)
    @given(on_survivor=st.lists(STEP, max_size=4), on_loser=st.lists(STEP, max_size=4), chained=st.booleans())
    def test_merged_and_unmerged_every_row_is_as_it_was(
        self, office: Office, on_survivor: list[str], on_loser: list[str], chained: bool
    ) -> None:
        survivor, loser = two(office, source="Fair", do_not_contact=True)
        third = office.create(office.rep, "Third")
        for customer, steps in ((survivor, on_survivor), (loser, on_loser)):
            for nth, step in enumerate(steps):
                hang(office, customer, step, nth)
        before = office.rows(*KEPT)
        merges = [office.merge(office.rep, survivor, loser, keep={"source": "loser"})]
        if chained:
            merges.append(office.merge(office.rep, third, survivor))
        for merge in reversed(merges):
            office.undo(office.rep, merge)
        assert plain(office.rows(*KEPT)) == plain(before)


def hang(office: Office, customer: Customer, step: str, nth: int) -> None:
    """Something more that hangs from a customer."""
    if step == "contact":
        office.add_contact(office.rep, customer, f"Contact {nth}")
    elif step == "child":
        office.create(office.rep, f"Child {nth}", parent_id=customer.id)
    elif step == "phone":
        now = office.read(office.rep, customer)
        number = f"+48223{next(_numbers):06}"
        office.change(office.rep, now, phones=[*now.phones, {"number": number, "primary": not now.phones}])
    else:
        person = office.stranger if step == "share both" else office.colleague
        share(office, customer, person, until=clock.now() + timedelta(days=nth + 1))
