"""The history of a customer: who changed what, from what to what, and who may read it."""

from contracts.customer.collaborators import AddCollaborator, RemoveCollaborator
from contracts.customer.contacts import RemoveContact
from contracts.customer.customers import CreateCustomer
from contracts.customer.history import Change, ChangeKind, ListChanges, RecordKind
from contracts.customer.imports import CustomerRow, ImportCustomers
from contracts.errors import Conflict, InvalidInput, NotFound
from servicekit import clock
from servicekit.context import Work, working
from servicekit.testing import refused
from services.customer.operations import customers
from services.customer.operations.history import CUT, LONGEST
from tests.integration.customer.office import Office


def told(change: Change) -> tuple[str, str, dict[str, tuple[object, object]]]:
    """A change without who and when."""
    return change.record, change.kind, {one.field: (one.before, one.after) for one in change.fields}


class TestCustomers:
    def test_a_change_says_who_and_when_and_from_what_to_what(self, office: Office) -> None:
        made = office.create(office.rep, "Acme", level="B", tags=["old"], parent_id=None)
        began = clock.now()
        office.change(office.manager, made, level="A", tags=["old", "key"], note="Ask again", name="Acme")
        latest = office.history(made)[0]
        fields = {"level": ("B", "A"), "tags": (["old"], ["old", "key"]), "note": ("", "Ask again")}
        assert told(latest) == ("customer", "changed", fields)
        assert (latest.actor, latest.record_id) == (office.manager.actor, made.id)
        assert began <= latest.at <= clock.now()

    def test_the_creation_says_what_was_given(self, office: Office) -> None:
        made = office.create(office.rep, "Given", website="https://given.example", emails=[{"address": "a@b.example"}])
        (created,) = office.history(made)
        email = {"address": "a@b.example", "label": "", "primary": True}
        fields = {"name": "Given", "website": "https://given.example", "emails": [email], "lifecycle": "lead"}
        assert told(created) == ("customer", "created", {name: (None, value) for name, value in fields.items()})
        assert created.actor == office.rep.actor

    def test_what_is_cleared_becomes_null(self, office: Office) -> None:
        made = office.create(office.rep, "Li Na", kind="person", birthday="1990-05-17")
        office.change(office.rep, made, birthday=None)
        assert told(office.history(made)[0])[2] == {"birthday": ("1990-05-17", None)}

    def test_a_change_of_nothing_and_a_refused_one_leave_no_trace(self, office: Office) -> None:
        made = office.create(office.rep, "Quiet")
        office.change(office.rep, made, name="Quiet")
        with refused(Conflict, "version.stale"):
            office.change(office.rep, made.model_copy(update={"version": 9}), name="Loud")
        assert [one.kind for one in office.history(made)] == [ChangeKind.CREATED]

    def test_long_texts_are_cut_and_marked(self, office: Office) -> None:
        made = office.create(office.rep, "Chatty", note="x" * LONGEST)
        office.change(office.rep, made, note="y" * (LONGEST + 1))
        assert told(office.history(made)[0])[2] == {"note": ("x" * LONGEST, "y" * LONGEST + CUT)}

    def test_the_request_is_named(self, office: Office) -> None:
        made = office.create(office.rep, "Requested")
        assert office.history(made)[0].request_id is None
        order = CreateCustomer(kind="company", name="Asked for")
        with working(Work(caller=office.rep, request_id="req-7")), office.database.transaction() as db:
            asked = customers.create(db, order)
        assert office.history(asked)[0].request_id == "req-7"

    def test_an_imported_one_begins_with_its_import(self, office: Office) -> None:
        rows = [CustomerRow(name="Imported parent"), CustomerRow(name="Imported child", parent="Imported parent")]
        for row in office.ask(office.manager, ImportCustomers(rows=rows)).imported:
            (created,) = office.ask(office.admin, ListChanges(customer_id=row.id)).items
            assert (told(created), created.actor) == (("customer", "created", {}), office.manager.actor)


class TestContacts:
    def test_all_that_becomes_of_one_is_in_the_companys_history(self, office: Office) -> None:
        company = office.create(office.rep, "Staffed")
        boss = office.add_contact(office.rep, company, "Boss")
        ann = office.add_contact(office.rep, company, "Ann", title="CFO", reports_to=boss.id)
        office.change_contact(office.manager, ann, title="CEO")
        to = {"customer_id": company.id, "contact_id": boss.id, "version": boss.version}
        office.ask(office.rep, RemoveContact(**to))
        assert [told(one) for one in office.history(company, record_id=ann.id)] == [
            ("contact", "changed", {"reports_to": (str(boss.id), None)}),
            ("contact", "changed", {"title": ("CFO", "CEO")}),
            ("contact", "created", {"name": (None, "Ann"), "title": (None, "CFO"), "reports_to": (None, str(boss.id))}),
        ]
        assert told(office.history(company, record_id=boss.id)[0]) == ("contact", "removed", {"name": ("Boss", None)})


class TestCollaborators:
    def test_coming_changing_and_going_are_kept(self, office: Office) -> None:
        customer = office.create(office.rep, "Shared")
        named = {"customer_id": customer.id, "user_id": office.stranger.user_id}
        for access in ("read", "edit", "edit"):
            office.ask(office.rep, AddCollaborator.model_validate({**named, "access": access}))
        office.ask(office.stranger, RemoveCollaborator(**named))
        assert [told(one) for one in office.history(customer, record=RecordKind.COLLABORATOR)] == [
            ("collaborator", "removed", {"access": ("edit", None)}),
            ("collaborator", "changed", {"access": ("read", "edit")}),
            ("collaborator", "created", {"access": (None, "read")}),
        ]
        assert office.history(customer)[0].actor == office.stranger.actor


class TestListChanges:
    def test_pages_join_into_the_whole_history(self, office: Office) -> None:
        made = office.create(office.rep, "Paged")
        for level in "ABCD":
            made = office.change(office.rep, made, level=level)
        whole, cursor = office.history(made), None
        read: list[Change] = []
        for _ in range(3):
            request = ListChanges(customer_id=made.id, limit=2, cursor=cursor, count=True)
            answer = office.ask(office.rep, request)
            read, cursor = read + answer.items, answer.next_cursor
        assert (read, cursor, answer.total) == (whole, None, 5)
        assert [one.at for one in whole] == sorted((one.at for one in whole), reverse=True)

    def test_it_is_filtered_by_field(self, office: Office) -> None:
        made = office.create(office.rep, "Filtered")
        office.change(office.rep, office.change(office.rep, made, level="A"), note="Ask again")
        assert [told(one)[2] for one in office.history(made, field="level")] == [{"level": (None, "A")}]

    def test_who_sees_the_customer_reads_it(self, office: Office) -> None:
        made = office.create(office.rep, "Readable")
        for reader in (office.rep, office.manager, office.admin, office.auditor, office.api_key):
            assert office.ask(reader, ListChanges(customer_id=made.id)).items == office.history(made)
        for other in (office.stranger, office.colleague):
            with refused(NotFound, "customer.not_found"):
                office.ask(other, ListChanges(customer_id=made.id))

    def test_a_cursor_of_another_list_is_refused(self, office: Office) -> None:
        made = office.create(office.rep, "Cursed")
        with refused(InvalidInput, "cursor.invalid"):
            office.ask(office.rep, ListChanges(customer_id=made.id, cursor="W10"))
