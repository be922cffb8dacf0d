"""Who sees and edits which customers: a table per role, against a real database."""

from collections.abc import Callable

import pytest

from contracts.customer.contacts import (
    AddContact,
    ContactChanges,
    GetCustomerProfile,
    ListContacts,
    RemoveContact,
    UpdateContact,
)
from contracts.customer.customers import Customer, ListCustomers
from contracts.errors import NotFound, NotPermitted
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import refused
from tests.integration.customer.office import Office


@pytest.fixture(scope="module")
def held(office: Office) -> dict[str, Customer]:
    """One customer in everybody's hands, and one in a pool."""
    customers = {who: office.create(getattr(office, who), f"Of {who}") for who in ("rep", "colleague", "stranger")}
    customers["manager"] = office.create(office.manager, "Of manager")
    customers["pool"] = office.create(office.admin, "Of pool", pool_id=office.pool_id)
    return customers


SEEN = {
    "rep": {"rep", "pool"},
    "colleague": {"colleague", "pool"},
    "manager": {"manager", "rep", "colleague", "pool"},
    "admin": {"rep", "colleague", "stranger", "manager", "pool"},
    "auditor": {"rep", "colleague", "stranger", "manager", "pool"},
    "api_key": {"rep", "colleague", "stranger", "manager", "pool"},
}
EDITED = {
    "rep": {"rep"},
    "colleague": {"colleague"},
    "manager": {"manager", "rep", "colleague", "pool"},
    "admin": {"rep", "colleague", "stranger", "manager", "pool"},
    "auditor": set(),
    "api_key": {"rep", "colleague", "stranger", "manager", "pool"},
}
EVERY = [(who, whose) for who in SEEN for whose in ("rep", "colleague", "stranger", "manager", "pool")]


class TestSeeing:
    @pytest.mark.parametrize(("who", "whose"), EVERY)
    def test_only_what_one_may_see_is_there(
        self, office: Office, held: dict[str, Customer], who: str, whose: str
    ) -> None:
        caller: Caller = getattr(office, who)
        reads: list[Callable[[], object]] = [
            lambda: office.read(caller, held[whose]),
            lambda: office.ask(caller, ListContacts(customer_id=held[whose].id)),
            lambda: office.ask(caller, GetCustomerProfile(customer_id=held[whose].id)),
        ]
        for read in reads:
            if whose in SEEN[who]:
                read()
            else:
                with refused(NotFound, "customer.not_found"):
                    read()

    @pytest.mark.parametrize("who", SEEN)
    def test_a_list_and_its_total_hold_what_one_may_see(
        self, office: Office, held: dict[str, Customer], who: str
    ) -> None:
        page = office.ask(getattr(office, who), ListCustomers(q="of ", count=True))
        assert {item.id for item in page.items} == {held[whose].id for whose in SEEN[who]}
        assert page.total == len(SEEN[who])

    def test_services_see_no_lists(self, office: Office) -> None:
        with refused(NotPermitted, "auth.users_only"):
            office.ask(office.service, ListCustomers())


class TestEditing:
    @pytest.mark.parametrize(("who", "whose"), EVERY)
    def test_what_is_not_seen_is_not_there_and_what_is_only_seen_is_read_only(
        self, office: Office, held: dict[str, Customer], who: str, whose: str
    ) -> None:
        caller: Caller = getattr(office, who)
        customer = office.read(office.admin, held[whose])
        contact = office.add_contact(office.admin, customer, "Ann")
        to = {"customer_id": customer.id, "contact_id": contact.id, "version": contact.version}
        edits: list[Callable[[], object]] = [
            lambda: office.change(caller, customer, note=f"by {who} {new_id()}"),
            lambda: office.ask(caller, AddContact(customer_id=customer.id, name="Bob")),
            lambda: office.ask(caller, UpdateContact(**to, changes=ContactChanges(name="Ann"))),
            lambda: office.ask(caller, RemoveContact(**to)),
        ]
        for edit in edits:
            if whose in EDITED[who]:
                edit()
            elif whose in SEEN[who]:
                with refused(NotPermitted, "customer.read_only"):
                    edit()
            else:
                with refused(NotFound, "customer.not_found"):
                    edit()
