"""`crm dead-letters` over a running suite: what is parked is found, mended, tried again or dropped."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from contracts.customer.customers import CreateCustomer
from contracts.values import Role
from servicekit.database import new_id
from servicekit.testing import calling, user_of, wait_until
from services.customer.operations import customers
from tests.integration.cli.conftest import House

# The first test of a session waits for a whole suite to start.
pytestmark = pytest.mark.timeout(400)


class Breakage:
    """Customers of one name, which the pool service can't keep until it is mended."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.name = f"Broken {new_id()}"
        house.run("pool", f"ALTER TABLE customers ADD CONSTRAINT broken CHECK (name <> '{self.name}')")

    def park(self) -> tuple[UUID, str]:
        """The id of a new customer, and of the event about it that is parked."""
        with calling(user_of(Role.ADMIN)), self._house.databases["customer"].transaction() as db:
            customer = customers.create(db, CreateCustomer(kind="company", name=self.name))
        parked = "SELECT event_id::text FROM event_retry WHERE subject = %s AND parked_at IS NOT NULL"
        wait_until(lambda: self._house.rows("pool", parked, str(customer.id)))
        return customer.id, self._house.rows("pool", parked, str(customer.id))[0][0]

    def mend(self) -> None:
        """Let the pool service keep them."""
        self._house.run("pool", "ALTER TABLE customers DROP CONSTRAINT IF EXISTS broken")


@pytest.fixture
def breakage(house: House) -> Iterator[Breakage]:
    """Mended at the end, and what is left has its effect."""
    breakage = Breakage(house)
    yield breakage
    breakage.mend()
    house.run("pool", "UPDATE event_retry SET parked_at = NULL, attempts = 0, next_attempt_at = now()")
    wait_until(lambda: not house.rows("pool", "SELECT 1 FROM event_retry"))


class TestList:
    def test_it_names_service_handler_event_and_error(self, house: House, breakage: Breakage) -> None:
        _, event_id = breakage.park()
        listed = house.crm("dead-letters", "list", "--service", "pool", "--handler", "hold_new_customer")
        assert listed.returncode == 0, listed.stderr
        for word in ("pool", "hold_new_customer", "crm.customer.created.v1", event_id):
            assert word in listed.stdout

    def test_a_service_that_is_away_is_named_and_the_rest_is_shown(self, house: House, breakage: Breakage) -> None:
        _, event_id = breakage.park()
        house.suite["notify"].stop()
        try:
            listed = house.crm("dead-letters", "list")
            said = house.answer("dead-letters", "list")
        finally:
            house.suite.start("notify")
        assert listed.returncode == 1
        assert listed.stderr == "notify: The notify service is not running.\n"
        assert event_id in listed.stdout
        assert ([each["event_id"] for each in said["items"]], said["unavailable"]) == ([event_id], ["notify"])

    def test_an_unknown_service_is_refused_by_name(self, house: House) -> None:
        refused = house.crm("dead-letters", "list", "--service", "billing")
        assert refused.returncode == 2
        assert "billing" in refused.stderr


class TestShow:
    def test_it_shows_the_event_and_the_whole_error(self, house: House, breakage: Breakage) -> None:
        customer_id, event_id = breakage.park()
        shown = house.crm("dead-letters", "show", event_id)
        assert shown.returncode == 0, shown.stderr
        assert "Traceback" in shown.stdout
        assert str(customer_id) in shown.stdout
        assert breakage.name in shown.stdout

    def test_an_event_that_is_not_parked_is_said_to_be_so(self, house: House) -> None:
        shown = house.crm("dead-letters", "show", str(new_id()))
        assert shown.returncode == 1
        assert "This event is not parked." in shown.stderr


class TestReplay:
    def test_once_mended_an_event_has_its_effect(self, house: House, breakage: Breakage) -> None:
        customer_id, event_id = breakage.park()
        breakage.mend()
        assert house.crm("dead-letters", "replay", event_id).stdout == "Tried again: 1 in pool.\n"
        held = "SELECT 1 FROM holdings WHERE customer_id = %s"
        wait_until(lambda: house.rows("pool", held, str(customer_id)))
        assert house.answer("dead-letters", "list")["items"] == []

    def test_all_of_a_handler_can_be_tried_again(self, house: House, breakage: Breakage) -> None:
        breakage.park()
        breakage.park()
        breakage.mend()
        said = house.answer("dead-letters", "replay", "--all", "--service", "pool", "--handler", "hold_new_customer")
        assert said == {"counts": {"pool": 2}, "unavailable": []}

    def test_neither_an_id_nor_all_is_refused(self, house: House) -> None:
        assert house.crm("dead-letters", "replay").returncode == 2


class TestDrop:
    def test_a_dropped_event_is_never_handled_and_a_rebuild_makes_up_for_it(
        self, house: House, breakage: Breakage
    ) -> None:
        customer_id, event_id = breakage.park()
        assert house.crm("dead-letters", "drop", event_id).stdout == "Dropped: 1 in pool.\n"
        assert house.rows("pool", "SELECT event_id FROM event_retry") == []
        assert house.crm("dead-letters", "drop", event_id).returncode == 1
        breakage.mend()
        assert house.crm("projections", "rebuild", "--service", "pool").returncode == 0
        assert house.rows("pool", "SELECT 1 FROM holdings WHERE customer_id = %s", str(customer_id))
