"""`crm projections rebuild`: damaged copies equal their sources again, also while the suite is at work."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest

from contracts.customer.customers import CreateCustomer, CustomerChanges, UpdateCustomer
from contracts.identity.users import CreateUser
from contracts.pool.claims import ClaimCustomers
from contracts.pool.holdings import ReleaseHolding, ReleaseReason
from contracts.pool.pools import DEFAULT_POOL_ID
from contracts.values import Role
from servicekit.testing import calling, process_named, user_of, wait_until
from services.customer.operations import customers
from services.identity.operations.people import create_user
from services.pool.operations import claims, handing
from tests.integration.cli.conftest import House

# The first test of a session waits for a whole suite to start.
pytestmark = pytest.mark.timeout(400)

CUSTOMERS = 250
"""More than a page of facts holds."""
_HEARD = ("customer", "pool", "opportunity", "activity", "notify")
_HOLDERS = "SELECT id, owner_id, pool_id FROM customers"
_SAME: list[tuple[tuple[str, str], list[tuple[str, str]]]] = [
    (
        ("identity", "SELECT id, full_name, department_id, active FROM users"),
        [(name, "SELECT id, name, department_id, active FROM users") for name in _HEARD],
    ),
    (("identity", "SELECT id, language FROM users"), [("notify", "SELECT id, language FROM users")]),
    (
        ("customer", "SELECT id, name FROM customers"),
        [(name, "SELECT id, name FROM customers") for name in ("pool", "opportunity", "activity")],
    ),
    (("pool", "SELECT id, name FROM pools"), [("customer", "SELECT id, name FROM pools")]),
    (
        ("pool", "SELECT customer_id, owner_id, pool_id FROM holdings"),
        [(name, _HOLDERS) for name in ("customer", "opportunity", "activity")],
    ),
]
"""Queries of sources, each with those of its copies that must give the same."""
_DAMAGE = {
    "customer": [
        "UPDATE users SET name = 'damaged'",
        "UPDATE pools SET name = 'damaged'",
        "UPDATE customers SET owner_id = gen_random_uuid(), pool_id = NULL",
    ],
    "pool": ["DELETE FROM users", "UPDATE customers SET name = 'damaged'"],
    "opportunity": [
        "UPDATE users SET active = NOT active, sequence = 0",
        "DELETE FROM customers WHERE get_byte(uuid_send(id), 15) < 128",
        "UPDATE customers SET owner_id = NULL, pool_id = NULL, folded_name = ''",
    ],
    "activity": ["DELETE FROM users", "DELETE FROM customers"],
    "notify": ["UPDATE users SET language = 'pl', name = ''"],
}


class Company:
    """People and customers of the suite, and what goes on there."""

    def __init__(self, house: House) -> None:
        self.house = house
        wait_until(lambda: house.rows("customer", "SELECT 1 FROM pools"))
        with calling(process_named("cli")), house.databases["identity"].transaction() as db:
            people = [CreateUser(name=f"person-{n}", full_name=f"Person {n}", language="zh") for n in range(20)]
            self.people = [create_user(db, each).id for each in people]
        with calling(user_of(Role.ADMIN)), house.databases["customer"].transaction() as db:
            wanted = [
                CreateCustomer(kind="company", name=f"Company {n}", pool_id=DEFAULT_POOL_ID) for n in range(CUSTOMERS)
            ]
            self.customers = [customers.create(db, each).id for each in wanted]
        wait_until(self.is_settled, seconds=60)
        for customer_id in self.customers[:20]:
            self.claim(customer_id)
        wait_until(self.is_settled, seconds=60)

    def is_settled(self) -> bool:
        """Whether every copy says what its source says."""
        return self.differences() == []

    def differences(self) -> list[str]:
        """The copies that don't, by service and query."""
        return [
            f"{service}: {query}"
            for source, copies in _SAME
            for service, query in copies
            if set(self.house.rows(service, query)) != set(self.house.rows(*source))
        ]

    def claim(self, customer_id: UUID) -> None:
        """Somebody takes it out of the pool."""
        rep = user_of(Role.REP, user_id=self.people[0])
        self._as(rep, "pool", claims.claim, ClaimCustomers(pool_id=DEFAULT_POOL_ID, customer_ids=[customer_id]))

    def release(self, customer_id: UUID) -> None:
        """They give it back."""
        rep = user_of(Role.REP, user_id=self.people[0])
        self._as(rep, "pool", handing.release, ReleaseHolding(customer_id=customer_id, reason=ReleaseReason.OTHER))

    def rename(self, customer_id: UUID, name: str) -> None:
        """It has a new name."""
        [(version,)] = self.house.rows("customer", "SELECT version FROM customers WHERE id = %s", str(customer_id))
        changes = CustomerChanges(name=name)
        request = UpdateCustomer(customer_id=customer_id, version=version, changes=changes)
        self._as(user_of(Role.ADMIN), "customer", customers.update, request)

    def _as(self, caller: Any, service: str, operation: Callable[..., Any], request: Any) -> None:
        with calling(caller), self.house.databases[service].transaction() as db:
            operation(db, request)


@pytest.fixture(scope="module")
def company(house: House) -> Company:
    """All copies say what their sources say."""
    return Company(house)


@contextmanager
def bustle(company: Company) -> Iterator[Counter[str]]:
    """Renames, claims and releases without a pause; counts the rounds."""
    rounds: Counter[str] = Counter()
    over = threading.Event()

    def go_on() -> None:
        while not over.is_set():
            number = rounds.total()
            customer_id = company.customers[20 + number % (CUSTOMERS - 20)]
            company.rename(customer_id, f"Renamed {number}")
            company.claim(customer_id)
            if number % 2:
                company.release(customer_id)
            rounds["made"] += 1

    with ThreadPoolExecutor(1) as thread:
        going = thread.submit(go_on)
        try:
            yield rounds
        finally:
            over.set()
            going.result(30)


def damage(company: Company) -> None:
    """Spoil every copy by SQL."""
    for service, statements in _DAMAGE.items():
        for statement in statements:
            company.house.run(service, statement)
    assert len(company.differences()) >= len(_DAMAGE)


class TestRebuild:
    def test_every_damaged_copy_equals_its_source_again(self, company: Company) -> None:
        damage(company)
        said = company.house.answer("projections", "rebuild")
        assert company.differences() == []
        assert {name: set(copies) for name, copies in said["rebuilt"].items()} == {
            "identity": set(),
            "customer": {"users", "pools", "holders"},
            "pool": {"users", "customers"},
            "opportunity": {"users", "customers", "holders", "pools"},
            "activity": {"users", "customers", "holders", "pools"},
            "notify": {"users", "customers"},
        }
        assert said["rebuilt"]["activity"]["customers"]["changed"] >= CUSTOMERS

    def test_a_second_time_it_finds_nothing_to_change(self, company: Company) -> None:
        company.house.crm("projections", "rebuild", "--service", "opportunity")
        said = company.house.answer("projections", "rebuild", "--service", "opportunity")
        assert list(said["rebuilt"]) == ["opportunity"]
        assert {copy["changed"] for copy in said["rebuilt"]["opportunity"].values()} == {0}

    def test_while_events_flow_nothing_is_lost_and_nothing_goes_back(self, company: Company) -> None:
        damage(company)
        with bustle(company) as rounds:
            wait_until(lambda: rounds["made"] > 5)
            before = rounds["made"]
            done = company.house.crm("projections", "rebuild")
            assert rounds["made"] > before
        assert done.returncode == 0, done.stderr
        wait_until(company.is_settled, seconds=60)

    def test_a_source_that_is_away_is_named(self, company: Company) -> None:
        company.house.suite["identity"].stop()
        try:
            done = company.house.crm("projections", "rebuild", "--service", "notify")
        finally:
            company.house.suite.start("identity")
        assert done.returncode == 1
        assert "The identity service is not running." in done.stderr
