"""Files of contacts as jobs, against a real database: at their companies, by their keys, through kills, and back."""

import random

import pytest

from contracts.customer.collaborators import AddCollaborator
from contracts.customer.contacts import Contact, ListContacts
from contracts.customer.customers import Customer
from contracts.customer.import_jobs import (
    CreateImport,
    Import,
    ImportKey,
    ImportKind,
    ImportMode,
    ImportState,
    PreviewImport,
    StartImport,
)
from contracts.errors import InvalidInput
from servicekit.context import Caller
from servicekit.testing import refused
from services.customer.operations import import_batches, import_reading, import_reverts
from tests.integration.customer.importing import Importing, csv_of
from tests.integration.customer.office import Office

UPDATE = {"mode": ImportMode.CREATE_OR_UPDATE, "key": ImportKey.EMAIL}


def read(importing: Importing, by: Caller, content: bytes) -> Import:
    """An import of contacts whose file was read."""
    made = importing.ask(by, CreateImport(upload_id=importing.upload(by, content), kind=ImportKind.CONTACTS))
    importing.read_all()
    return importing.now(by, made)


def bring(importing: Importing, by: Caller, content: bytes, **plan: object) -> Import:
    """One that is over."""
    job = read(importing, by, content)
    importing.ask(by, StartImport.model_validate({"import_id": job.id, **plan}))
    importing.run_all()
    return importing.now(by, job)


def people(office: Office, company: Customer) -> dict[str, Contact]:
    """The contacts of a company by name."""
    return {each.name: each for each in office.ask(office.admin, ListContacts(customer_id=company.id)).items}


class TestReading:
    def test_columns_are_guessed_and_the_preview_keeps_nothing(self, importing: Importing) -> None:
        office = importing.office
        company = office.create(office.admin, "Previewed Contacts Ltd")
        content = csv_of(
            ("Company", "Full name", "E-mail", "Shoe size"),
            ("previewed contacts LTD", "Ann", "ann@pv.example", "40"),
            ("Nobody Ltd", "Bob", "", ""),
            (company.name, "Cid", "no address", ""),
        )
        job = read(importing, office.admin, content)
        assert job.mapping == {"customer": "Company", "name": "Full name", "emails": "E-mail"}
        shown = importing.ask(office.admin, PreviewImport(import_id=job.id))
        assert (shown.unmapped, "customer_id" in shown.fields) == (["Shoe size"], True)
        assert [row.outcome for row in shown.rows] == ["created", "refused", "refused"]
        codes = [each.code for row in shown.rows for each in row.faults]
        assert codes == ["import.unknown_customer", "email.invalid"]
        assert people(office, company) == {}

    @pytest.mark.parametrize(
        ("code", "plan"),
        [
            ("import.column_missing", {"mapping": {"name": "Name"}}),
            ("import.column_missing", {"mapping": {"customer": "Company"}}),
            ("import.column_missing", UPDATE),
            ("import.unknown_field", {"mapping": {"customer": "Company", "name": "Name", "website": "Name"}}),
            ("import.wrong_key", {"mode": "create_or_update", "key": "registration_number"}),
            ("import.no_holder", {"owner": "rita"}),
        ],
    )
    def test_a_plan_at_fault_is_refused(self, importing: Importing, code: str, plan: dict[str, object]) -> None:
        admin = importing.office.admin
        job = read(importing, admin, csv_of(("Company", "Name"), ("Any", "Ann")))
        with refused(InvalidInput, code):
            importing.ask(admin, PreviewImport.model_validate({"import_id": job.id, **plan}))
        importing.ask(admin, StartImport(import_id=job.id))
        importing.run_all()


class TestTaking:
    def test_each_goes_to_the_company_that_its_row_names(self, importing: Importing) -> None:
        office = importing.office
        by_id, by_number, by_name = (
            office.create(office.admin, f"Named {nth}", registration_number=f"NM-{nth}") for nth in range(3)
        )
        content = csv_of(
            ("Company ID", "Tax ID", "Company", "Contact", "Title", "Phone", "Note"),
            (by_id.id, "", "", "Ann", "Buyer", "office: +48 22 555 01 23", "likes tea"),
            ("", "NM-1", "", "Bob", "", "", ""),
            ("", "", "named  2", "Cid", "", "", ""),
        )
        job = bring(importing, office.admin, content)
        assert (job.state, job.created, job.refused) == (ImportState.FINISHED, 3, 0)
        ann = people(office, by_id)["Ann"]
        assert (ann.title, ann.phones[0].label, ann.phones[0].e164, ann.note) == (
            "Buyer",
            "office",
            "+48225550123",
            "likes tea",
        )
        assert (list(people(office, by_number)), list(people(office, by_name))) == (["Bob"], ["Cid"])
        assert [topic for topic, _ in office.told(ann.id)] == ["contact.created"]

    def test_what_can_not_be_is_refused_row_by_row(self, importing: Importing) -> None:
        office = importing.office
        twins = [office.create(office.admin, f"Twin {nth}") for nth in range(2)]
        for each in twins:
            office.change(office.admin, each, name="Twins", despite_duplicates="Two branches")
        office.create(office.admin, "A Person", kind="person")
        content = csv_of(
            ("Company", "Company ID", "Name", "Email"),
            ("Twins", "", "Ann", ""),
            ("A Person", "", "Bob", ""),
            ("", "", "Cid", ""),
            ("", "no id", "Dan", ""),
            ("Twins", twins[0].id, "", "eve@tw.example"),
            ("Twins", twins[0].id, "Fay", "", "surplus"),
            ("Twins", twins[0].id, "Gil", ""),
        )
        job = bring(importing, office.admin, content)
        assert importing.codes(office.admin, job) == [
            (2, "", "import.ambiguous"),
            (3, "customer", "contact.not_a_company"),
            (4, "customer", "import.unknown_customer"),
            (5, "customer_id", "import.unknown_customer"),
            (6, "name", "missing"),
            (7, "", "import.too_many_cells"),
        ]
        assert importing.refused(office.admin, job)[2].cells == ["", "", "Cid"]
        assert list(people(office, twins[0])) == ["Gil"]

    def test_it_acts_with_the_rights_of_who_started_it(self, importing: Importing) -> None:
        office = importing.office
        mine, hidden = office.create(office.rep, "Of Monas"), office.create(office.stranger, "Not Of Monas")
        looked_at = office.create(office.stranger, "Looked At By Mona")
        shared = AddCollaborator(customer_id=looked_at.id, user_id=office.manager.user_id)
        office.ask(office.admin, shared)
        rows = [(each.id, "Ann") for each in (mine, hidden, looked_at)]
        job = bring(importing, office.manager, csv_of(("Company ID", "Name"), *rows))
        assert importing.codes(office.manager, job) == [
            (3, "customer_id", "import.unknown_customer"),
            (4, "", "customer.read_only"),
        ]
        assert office.actor_of(people(office, mine)["Ann"].id) == f"user:{office.manager.id}"

    def test_superiors_are_named_and_may_come_later(self, importing: Importing) -> None:
        office = importing.office
        company = office.create(office.admin, "Charted")
        content = csv_of(
            ("Company", "Name", "Reports to"),
            ("Charted", "Deputy", "Chief"),
            ("Charted", "Clerk", "deputy"),
            ("Charted", "Chief", ""),
            ("Charted", "Lost", "Nobody"),
        )
        job = bring(importing, office.admin, content)
        assert importing.codes(office.admin, job) == [(5, "reports_to", "contact.foreign_superior")]
        found = people(office, company)
        assert found["Deputy"].reports_to == found["Chief"].id
        assert found["Clerk"].reports_to == found["Deputy"].id

    def test_the_same_file_again_adds_nothing(self, importing: Importing) -> None:
        office = importing.office
        office.create(office.admin, "Repeated")
        rows = [("Repeated", f"Person {nth}", f"p{nth}@rp.example" if nth % 2 else "") for nth in range(6)]
        first, second = (bring(importing, office.admin, csv_of(("Company", "Name", "Email"), *rows)) for _ in range(2))
        assert (first.created, second.created, second.refused) == (6, 0, 6)
        assert {code for _, _, code in importing.codes(office.admin, second)} == {"contact.exists"}


class TestUpdating:
    def test_by_an_email_whoever_has_it_is_changed_and_loses_none(self, importing: Importing) -> None:
        office = importing.office
        company, other = office.create(office.admin, "Updated"), office.create(office.admin, "Not Updated")
        emails = [{"address": "first@up.example"}, {"address": "second@up.example"}]
        for each in (company, other):
            office.add_contact(office.admin, each, "Ann", emails=emails, title="Clerk", note="stays")
        content = csv_of(
            ("Company", "Name", "Email", "Title"),
            ("Updated", "Ann Li", "SECOND@up.example", "Head"),
            ("Updated", "Bob", "bob@up.example", ""),
            ("Updated", "Bobby", "bob@up.example", "Buyer"),
        )
        job = bring(importing, office.admin, content, **UPDATE)
        assert (job.created, job.updated, job.refused) == (1, 2, 0)
        found = people(office, company)
        ann = found["Ann Li"]
        assert (ann.title, ann.note, [each.address for each in ann.emails]) == (
            "Head",
            "stays",
            ["first@up.example", "second@up.example"],
        )
        assert (found["Bobby"].title, len(found)) == ("Buyer", 2)
        assert people(office, other)["Ann"].title == "Clerk"

    @pytest.mark.parametrize("key", [ImportKey.NAME, ImportKey.PHONE, ImportKey.ID])
    def test_by_other_keys_too(self, importing: Importing, key: ImportKey) -> None:
        office = importing.office
        company = office.create(office.admin, f"Keyed {key}")
        made = office.add_contact(office.admin, company, "Ann", phones=[{"number": "+12025550143"}])
        content = csv_of(
            ("Company", "Name", "Phone", "Contact ID", "Title"),
            (company.name, "ANN", "+1 (202) 555-0143", made.id, "Head"),
        )
        job = bring(importing, office.admin, content, mode=ImportMode.CREATE_OR_UPDATE, key=key)
        assert (job.updated, importing.codes(office.admin, job)) == (1, [])
        assert people(office, company)["ANN"].title == "Head"

    def test_one_key_of_two_changes_neither(self, importing: Importing) -> None:
        office = importing.office
        company = office.create(office.admin, "Two Of A Name")
        for _ in range(2):
            office.add_contact(office.admin, company, "Ann")
        content = csv_of(("Company", "Name", "Title"), (company.name, "Ann", "Head"))
        job = bring(importing, office.admin, content, mode=ImportMode.CREATE_OR_UPDATE)
        assert importing.codes(office.admin, job) == [(2, "", "import.ambiguous")]


class TestKills:
    @pytest.mark.parametrize("seed", range(3))
    def test_kills_at_any_statement_change_nothing_of_the_result(
        self, importing: Importing, monkeypatch: pytest.MonkeyPatch, seed: int
    ) -> None:
        for module in (import_reading, import_batches):
            monkeypatch.setattr(module, "BATCH_ROWS", 7)
        office = importing.office
        points = random.Random(seed)  # noqa: S311  no secret hangs on it
        companies = [office.create(office.admin, f"Killed {seed} {nth}") for nth in range(3)]
        rows = [(companies[n % 3].id, f"P {n}", f"P {n + 3}" if n < 27 and n % 2 else "") for n in range(30)]
        job = read(importing, office.admin, csv_of(("Company ID", "Name", "Reports to"), *rows))
        importing.ask(office.admin, StartImport(import_id=job.id))
        while importing.step_killed_at(points.randint(1, 60)):
            pass
        done = importing.now(office.admin, job)
        made = {name: each for company in companies for name, each in people(office, company).items()}
        assert (done.state, done.created, done.refused, len(made)) == (ImportState.FINISHED, 30, 0, 30)
        assert made["P 1"].reports_to == made["P 4"].id
        assert all(len(office.told(each.id)) == 1 for each in made.values())


class TestReverting:
    def test_what_it_added_goes_and_what_it_changed_is_as_before(self, importing: Importing) -> None:
        office = importing.office
        company = office.create(office.admin, "Taken Back Contacts")
        before = office.add_contact(office.admin, company, "Ann", emails=[{"address": "ann@tb.example"}], title="Clerk")
        content = csv_of(
            ("Company", "Name", "Email", "Title", "Reports to"),
            (company.name, "Deputy", "deputy@tb.example", "", "Chief"),
            (company.name, "Ann Li", "ann@tb.example", "Head", "Chief"),
            (company.name, "Chief", "chief@tb.example", "", ""),
            (company.name, "Chief", "chief@tb.example", "Boss", ""),
        )
        job = bring(importing, office.admin, content, **UPDATE)
        assert (job.created, job.updated, importing.codes(office.admin, job)) == (2, 2, [])
        found = people(office, company)
        assert {found["Deputy"].reports_to, found["Ann Li"].reports_to} == {found["Chief"].id}
        done = importing.take_back(office.admin, job)
        assert (done.state, done.reverted) == (ImportState.REVERTED, 4)
        (after,) = people(office, company).values()
        kept = {"version", "updated_at"}
        assert after.model_dump(exclude=kept) == before.model_dump(exclude=kept)

    def test_what_somebody_changed_since_stays(self, importing: Importing, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(import_reverts, "_ROWS_AT_ONCE", 2)
        office = importing.office
        company = office.create(office.admin, "Edited Contacts")
        rows = [(company.name, f"Person {nth}") for nth in range(5)]
        job = bring(importing, office.admin, csv_of(("Company", "Name"), *rows))
        office.change_contact(office.admin, people(office, company)["Person 2"], note="Mine now")
        assert importing.take_back(office.admin, job).reverted == 4
        assert list(people(office, company)) == ["Person 2"]
