"""Customers deleted and restored."""

from sqlalchemy import text

from contracts.customer.customers import Customer, ListCustomers
from contracts.customer.deletion import DeleteCustomer, DeletedCustomer, RestoreCustomer
from contracts.customer.facts import DescribeCustomers
from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import refused
from tests.integration.customer.office import Office


def delete(office: Office, by: Caller, customer: Customer) -> DeletedCustomer:
    return office.ask(by, DeleteCustomer(customer_id=customer.id, version=customer.version))


def restore(office: Office, by: Caller, customer: Customer) -> Customer:
    return office.ask(by, RestoreCustomer(customer_id=customer.id))


class TestDelete:
    def test_it_is_gone_for_everybody(self, office: Office) -> None:
        name = f"Gone {new_id()}"
        customer = office.create(office.rep, name)
        delete(office, office.rep, customer)
        for who in (office.rep, office.admin):
            assert office.names(who, q=name) == []
            with refused(NotFound, "customer.not_found"):
                office.read(who, customer)
            with refused(NotFound, "customer.not_found"):
                office.add_contact(who, customer, "Late")

    def test_others_are_told(self, office: Office) -> None:
        customer = office.create(office.rep, "Acme")
        delete(office, office.rep, customer)
        assert office.told(customer.id)[-1] == ("customer.deleted", {"customer_id": str(customer.id), "name": "Acme"})
        (facts,) = office.ask(office.service, DescribeCustomers(customer_ids=[customer.id])).items
        assert facts.deleted

    def test_only_who_answers_for_it_may(self, office: Office) -> None:
        customer = office.create(office.rep, "Acme")
        with refused(NotFound, "customer.not_found"):
            delete(office, office.stranger, customer)
        with refused(NotPermitted, "customer.owners_only"):
            delete(office, office.auditor, customer)

    def test_a_stale_version_is_refused(self, office: Office) -> None:
        customer = office.create(office.rep, "Acme")
        office.change(office.rep, customer, note="New")
        with refused(Conflict, "version.stale"):
            delete(office, office.rep, customer)

    def test_one_that_companies_belong_to_is_refused(self, office: Office) -> None:
        parent = office.create(office.rep, "Parent")
        child = office.create(office.rep, "Child", parent_id=parent.id)
        with refused(Conflict, "customer.has_children"):
            delete(office, office.rep, parent)
        delete(office, office.rep, child)
        delete(office, office.rep, parent)

    def test_nothing_can_be_put_below_it_nor_merged_with_it(self, office: Office) -> None:
        customer, other = office.create(office.rep, "Acme"), office.create(office.rep, "Acme Ltd")
        delete(office, office.rep, customer)
        with refused(InvalidInput, "customer.unknown_parent"):
            office.create(office.rep, "Child", parent_id=customer.id)
        with refused(NotFound, "customer.not_found"):
            office.merge(office.rep, other, customer)


class TestRestore:
    def test_it_is_back_just_as_it_was(self, office: Office) -> None:
        customer = office.read(office.rep, office.create(office.rep, "Acme", tags=["vip"]))
        office.add_contact(office.rep, customer, "Chief")
        before = office.rows("customers", "contacts")
        delete(office, office.rep, customer)
        assert restore(office, office.manager, customer) == customer
        assert office.rows("customers", "contacts") == before
        assert office.told(customer.id)[-1][0] == "customer.restored"

    def test_reps_do_not(self, office: Office) -> None:
        customer = office.create(office.rep, "Acme")
        delete(office, office.rep, customer)
        with refused(NotPermitted, "customer.managers_only"):
            restore(office, office.rep, customer)

    def test_a_manager_only_what_they_would_see(self, office: Office) -> None:
        customer = office.create(office.stranger, "Elsewhere")
        delete(office, office.stranger, customer)
        with refused(NotFound, "customer.not_found"):
            restore(office, office.manager, customer)

    def test_one_that_is_there_is_not_restored(self, office: Office) -> None:
        with refused(Conflict, "customer.not_deleted"):
            restore(office, office.admin, office.create(office.rep, "Acme"))

    def test_after_thirty_days_it_is_too_late(self, office: Office) -> None:
        customer = office.create(office.rep, "Acme")
        delete(office, office.rep, customer)
        long_ago = text("UPDATE customers SET deleted_at = deleted_at - interval '31 days' WHERE id = :id")
        with office.database.transaction() as db:
            db.execute(long_ago, {"id": customer.id})
        with refused(Conflict, "customer.deleted_too_long"):
            restore(office, office.admin, customer)

    def test_a_parent_that_was_deleted_after_it_comes_back_first(self, office: Office) -> None:
        parent = office.create(office.rep, "Parent")
        child = office.create(office.rep, "Child", parent_id=parent.id)
        for customer in (child, parent):
            delete(office, office.rep, customer)
        with refused(Conflict, "customer.parent_deleted"):
            restore(office, office.admin, child)
        restore(office, office.admin, parent)
        assert restore(office, office.admin, child).parent_id == parent.id


class TestListDeleted:
    def test_managers_find_those_of_their_people(self, office: Office) -> None:
        name = f"Listed {new_id()}"
        for by in (office.rep, office.stranger):
            delete(office, by, office.create(by, name))
        assert office.names(office.manager, q=name, deleted=True) == [name]
        assert office.names(office.auditor, q=name, deleted=True) == [name, name]

    def test_reps_are_refused(self, office: Office) -> None:
        with refused(NotPermitted, "customer.managers_only"):
            office.ask(office.rep, ListCustomers(deleted=True))
