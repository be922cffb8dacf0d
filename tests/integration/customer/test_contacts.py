"""A company's contacts and their chart, against a real database."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from contracts.customer.contacts import Contact, GetContact, GetCustomerProfile, ListContacts, RemoveContact
from contracts.customer.customers import Customer
from contracts.errors import Conflict, InvalidInput, NotFound
from servicekit.database import new_id
from servicekit.testing import refused
from services.customer.operations import contacts
from tests.integration.customer.office import Office, at_once


@pytest.fixture
def company(office: Office) -> Customer:
    """A company of the rep's."""
    return office.create(office.rep, "Acme")


def listed(office: Office, company: Customer) -> dict[str, Contact]:
    """The contacts as they are now, by name, in the order of the list."""
    return {one.name: one for one in office.ask(office.rep, ListContacts(customer_id=company.id)).items}


def remove(office: Office, contact: Contact) -> None:
    """Remove the contact in the version at hand."""
    to = {"customer_id": contact.customer_id, "contact_id": contact.id, "version": contact.version}
    office.ask(office.rep, RemoveContact(**to))


class TestAddContact:
    def test_it_is_listed_by_name(self, office: Office, company: Customer) -> None:
        zoe = office.add_contact(office.rep, company, "zoe", title="CFO", phones=[{"number": "(202) 555-0143"}])
        office.add_contact(office.rep, company, "Adam")
        assert list(listed(office, company)) == ["Adam", "zoe"]
        assert listed(office, company)["zoe"] == zoe
        assert (zoe.title, zoe.phones[0].e164, zoe.version) == ("CFO", "+12025550143", 1)

    def test_it_is_announced(self, office: Office, company: Customer) -> None:
        made = office.add_contact(office.rep, company, "Ann")
        data = {"contact_id": str(made.id), "customer_id": str(company.id), "name": "Ann"}
        assert office.told(made.id) == [("contact.created", data)]

    def test_a_person_has_no_contacts(self, office: Office) -> None:
        person = office.create(office.rep, "Li Na", kind="person")
        with refused(InvalidInput, "contact.not_a_company"):
            office.add_contact(office.rep, person, "Ann")

    def test_the_superior_is_a_contact_of_the_same_company(self, office: Office, company: Customer) -> None:
        boss = office.add_contact(office.rep, company, "Boss")
        assert office.add_contact(office.rep, company, "Ann", reports_to=boss.id).reports_to == boss.id
        foreign = office.add_contact(office.rep, office.create(office.rep, "Other"), "Foreign")
        for superior in (foreign.id, new_id()):
            with refused(InvalidInput, "contact.foreign_superior"):
                office.add_contact(office.rep, company, "Bob", reports_to=superior)

    def test_an_unreadable_phone_is_refused_by_its_field(self, office: Office, company: Customer) -> None:
        with pytest.raises(InvalidInput) as raised:
            office.add_contact(office.rep, company, "Ann", phones=[{"number": "nonsense"}])
        assert raised.value.fields[0].field == "phones.0.number"

    def test_their_number_is_bounded(self, office: Office, company: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(contacts, "MOST", 1)
        office.add_contact(office.rep, company, "Ann")
        with refused(Conflict, "contact.too_many"):
            office.add_contact(office.rep, company, "Bob")


class TestGetContact:
    def test_who_sees_the_company_reads_it(self, office: Office, company: Customer) -> None:
        made = office.add_contact(office.rep, company, "Ann")
        assert office.ask(office.auditor, GetContact(customer_id=company.id, contact_id=made.id)) == made

    def test_others_do_not_find_the_company(self, office: Office, company: Customer) -> None:
        made = office.add_contact(office.rep, company, "Ann")
        with refused(NotFound, "customer.not_found"):
            office.ask(office.stranger, GetContact(customer_id=company.id, contact_id=made.id))

    def test_it_is_found_only_under_its_own_company(self, office: Office, company: Customer) -> None:
        made = office.add_contact(office.rep, company, "Ann")
        other = office.create(office.rep, "Other")
        with refused(NotFound, "contact.not_found"):
            office.ask(office.rep, GetContact(customer_id=other.id, contact_id=made.id))


class TestUpdateContact:
    def test_only_named_fields_change_and_are_announced(self, office: Office, company: Customer) -> None:
        made = office.add_contact(office.rep, company, "Ann", title="CFO", department="Finance")
        changed = office.change_contact(office.rep, made, title="CEO", department=None, name="Ann")
        assert (changed.name, changed.title, changed.department, changed.version) == ("Ann", "CEO", None, 2)
        assert listed(office, company)["Ann"] == changed
        topic, data = office.told(made.id)[-1]
        assert (topic, data["changed"]) == ("contact.updated", ["title", "department"])

    def test_a_change_to_what_is_there_already_changes_nothing(self, office: Office, company: Customer) -> None:
        made = office.add_contact(office.rep, company, "Ann", phones=[{"number": "+1 202 555 0143"}])
        same = {"name": "Ann", "phones": [{"number": "+1 202 555 0143"}]}
        assert office.change_contact(office.rep, made, **same) == made
        assert len(office.told(made.id)) == 1

    def test_a_stale_version_is_refused(self, office: Office, company: Customer) -> None:
        made = office.add_contact(office.rep, company, "Ann")
        office.change_contact(office.rep, made, title="CEO")
        with refused(Conflict, "version.stale"):
            office.change_contact(office.rep, made, title="CFO")

    def test_a_circle_is_refused(self, office: Office, company: Customer) -> None:
        top = office.add_contact(office.rep, company, "Top")
        middle = office.add_contact(office.rep, company, "Middle", reports_to=top.id)
        bottom = office.add_contact(office.rep, company, "Bottom", reports_to=middle.id)
        for superior in (top, middle, bottom):
            with refused(InvalidInput, "contact.reporting_cycle"):
                office.change_contact(office.rep, top, reports_to=superior.id)
        assert office.change_contact(office.rep, bottom, reports_to=top.id).reports_to == top.id

    def test_two_moves_at_once_do_not_close_a_circle(self, office: Office, company: Customer) -> None:
        one, other = (office.add_contact(office.rep, company, name) for name in ("One", "Other"))
        outcomes = at_once(
            lambda: office.change_contact(office.rep, one, reports_to=other.id),
            lambda: office.change_contact(office.rep, other, reports_to=one.id),
        )
        assert sorted(outcomes) == ["contact.reporting_cycle", "done"]

    def test_a_foreign_superior_is_refused(self, office: Office, company: Customer) -> None:
        made = office.add_contact(office.rep, company, "Ann")
        foreign = office.add_contact(office.rep, office.create(office.rep, "Other"), "Foreign")
        with refused(InvalidInput, "contact.foreign_superior"):
            office.change_contact(office.rep, made, reports_to=foreign.id)

    def test_a_contact_is_found_only_under_its_own_company(self, office: Office, company: Customer) -> None:
        foreign = office.add_contact(office.rep, office.create(office.rep, "Other"), "Foreign")
        with refused(NotFound, "contact.not_found"):
            office.change_contact(office.rep, foreign.model_copy(update={"customer_id": company.id}), name="Ann")


class TestRemoveContact:
    def test_those_below_move_up_to_its_superior(self, office: Office, company: Customer) -> None:
        top = office.add_contact(office.rep, company, "Top")
        middle = office.add_contact(office.rep, company, "Middle", reports_to=top.id)
        for name in ("Ann", "Bob"):
            office.add_contact(office.rep, company, name, reports_to=middle.id)
        remove(office, middle)
        left = listed(office, company)
        assert {name: one.reports_to for name, one in left.items()} == {"Ann": top.id, "Bob": top.id, "Top": None}
        assert (left["Ann"].version, left["Top"].version) == (2, 1)

    def test_those_below_the_top_have_no_superior_then(self, office: Office, company: Customer) -> None:
        top = office.add_contact(office.rep, company, "Top")
        office.add_contact(office.rep, company, "Ann", reports_to=top.id)
        remove(office, top)
        assert listed(office, company)["Ann"].reports_to is None

    def test_it_is_announced_with_those_that_moved(self, office: Office, company: Customer) -> None:
        top = office.add_contact(office.rep, company, "Top")
        ann = office.add_contact(office.rep, company, "Ann", reports_to=top.id)
        remove(office, top)
        gone = ("contact.removed", {"contact_id": str(top.id), "customer_id": str(company.id)})
        assert office.told(top.id)[-1] == gone
        topic, data = office.told(ann.id)[-1]
        assert (topic, data["changed"]) == ("contact.updated", ["reports_to"])

    def test_a_stale_version_is_refused(self, office: Office, company: Customer) -> None:
        made = office.add_contact(office.rep, company, "Ann")
        office.change_contact(office.rep, made, title="CEO")
        with refused(Conflict, "version.stale"):
            remove(office, made)
        assert list(listed(office, company)) == ["Ann"]

    def test_one_that_is_gone_is_not_found(self, office: Office, company: Customer) -> None:
        made = office.add_contact(office.rep, company, "Ann")
        remove(office, made)
        with refused(NotFound, "contact.not_found"):
            remove(office, made)


class TestGetCustomerProfile:
    def test_a_customer_comes_with_its_contacts_in_five_statements(self, office: Office, company: Customer) -> None:
        ann, bob = (office.add_contact(office.rep, company, name) for name in ("Ann", "Bob"))
        with statements_of(office) as statements:
            profile = office.ask(office.rep, GetCustomerProfile(customer_id=company.id))
        assert profile.customer == office.read(office.rep, company)
        assert profile.contacts == [ann, bob]
        assert len(statements) == 5

    def test_the_chart_goes_from_top_to_bottom(self, office: Office, company: Customer) -> None:
        zoe = office.add_contact(office.rep, company, "Zoe")
        ann = office.add_contact(office.rep, company, "Ann", reports_to=zoe.id)
        bob = office.add_contact(office.rep, company, "Bob", reports_to=zoe.id)
        ulf = office.add_contact(office.rep, company, "Ulf", reports_to=ann.id)
        eve = office.add_contact(office.rep, company, "Eve")
        chart = office.ask(office.rep, GetCustomerProfile(customer_id=company.id)).chart
        expected = [(eve.id, 0), (zoe.id, 0), (ann.id, 1), (ulf.id, 2), (bob.id, 1)]
        assert [(line.contact_id, line.depth) for line in chart] == expected

    def test_the_companies_around_it_are_named(self, office: Office) -> None:
        top = office.create(office.rep, "Top")
        middle = office.create(office.rep, "Middle", parent_id=top.id)
        company = office.create(office.rep, "Company", parent_id=middle.id)
        for name in ("zebra", "Ant"):
            office.create(office.rep, name, parent_id=company.id)
        profile = office.ask(office.rep, GetCustomerProfile(customer_id=company.id))
        assert [one.name for one in profile.above] == ["Top", "Middle"]
        assert [one.name for one in profile.below] == ["Ant", "zebra"]
        assert office.names(office.rep, parent_id=middle.id) == ["Company"]

    def test_companies_that_the_caller_does_not_see_are_left_out(self, office: Office) -> None:
        top = office.create(office.admin, "Hidden top")
        shown = office.create(office.admin, "Shown", parent_id=top.id, owner_id=office.rep.user_id)
        office.create(office.admin, "Hidden bottom", parent_id=shown.id)
        profile = office.ask(office.rep, GetCustomerProfile(customer_id=shown.id))
        assert (profile.above, profile.below) == ([], [])

    def test_a_person_has_neither_chart_nor_companies(self, office: Office) -> None:
        person = office.create(office.rep, "Li Na", kind="person")
        profile = office.ask(office.rep, GetCustomerProfile(customer_id=person.id))
        assert (profile.contacts, profile.chart, profile.above, profile.below) == ([], [], [], [])


@contextmanager
def statements_of(office: Office) -> Iterator[list[str]]:
    """What the enclosed asks of the database."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(office.database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(office.database.engine, "before_cursor_execute", note)
