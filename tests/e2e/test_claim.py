"""Who holds a customer, and so who may see and change it: claims, releases, departments."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from threading import Barrier

import pytest

from tests.e2e.client import Body, Person, eventually
from tests.e2e.company import Company, new_customer

RACES = 10


@dataclass(frozen=True)
class Staff:
    """Two departments, each with its manager; two reps of the first one."""

    manager: Person
    stranger: Person
    """The other department's manager."""
    ann: Person
    bob: Person


@pytest.fixture(scope="module")
def staff(company: Company) -> Iterator[Staff]:
    with ExitStack() as present:
        managers = [present.enter_context(company.hire(name, role="manager")) for name in ("Mona North", "Max South")]
        north = company.department("North", manager=managers[0])
        company.department("South", manager=managers[1])
        team = company.department("North, first team", parent=north)
        people = [company.sign_in(manager.name) for manager in managers]
        people += [company.hire(name, department=team) for name in ("Ann Rep", "Bob Rep")]
        yield Staff(*(present.enter_context(person) for person in people))


@pytest.fixture
def free(company: Company) -> Body:
    """A customer that waits in the pool."""
    return company.free_customer("Free")


@pytest.fixture
def anns(company: Company, staff: Staff, free: Body) -> Body:
    """A customer that Ann has claimed, with everybody having heard of it."""
    assert claim(company, staff.ann, free) == "claimed"
    eventually(lambda: owner_of(staff.ann, free) == "Ann Rep")
    eventually(lambda: view_of(staff.ann, free)["partial"] is False)
    return free


def claim(company: Company, person: Person, customer: Body) -> str:
    answer = person.post(f"/v1/pools/{company.pool_id()}/claims", {"customer_ids": [customer["id"]]})
    (item,) = answer["items"]
    assert item["customer_id"] == customer["id"]
    return str(item["status"])


def hidden(person: Person, path: str) -> bool:
    return person.status("GET", path) == 404


def owner_of(person: Person, customer: Body) -> str | None:
    owner = person.get(f"/v1/customers/{customer['id']}")["owner"]
    return owner and str(owner["name"])


def view_of(person: Person, customer: Body) -> Body:
    return person.get(f"/v1/customers/{customer['id']}/360")


def holdings_of(person: Person) -> set[str]:
    return {held["customer"]["id"] for held in person.items("/v1/holdings")}


class TestClaim:
    def test_of_two_reps_who_claim_at_once_one_wins(self, company: Company, staff: Staff) -> None:
        for _ in range(RACES):
            customer, start = company.free_customer("Wanted"), Barrier(2)

            def race(rep: Person, customer: Body = customer, start: Barrier = start) -> str:
                start.wait(timeout=10)
                return claim(company, rep, customer)

            with ThreadPoolExecutor() as both:
                outcomes = list(both.map(race, (staff.ann, staff.bob)))
            assert sorted(outcomes) == ["already_claimed", "claimed"]
            winner, loser = (staff.ann, staff.bob) if outcomes[0] == "claimed" else (staff.bob, staff.ann)
            assert customer["id"] in holdings_of(winner)
            assert customer["id"] not in holdings_of(loser)

    def test_the_owner_shows_in_the_customer_its_360_view_the_holdings_and_the_history(
        self, staff: Staff, anns: Body
    ) -> None:
        view, history = view_of(staff.ann, anns), staff.ann.get(f"/v1/holdings/{anns['id']}/history")["items"]
        assert view["customer"]["data"]["customer"]["owner"] == {"id": staff.ann.id, "name": "Ann Rep"}
        assert view["holding"]["data"]["owner"] == {"id": staff.ann.id, "name": "Ann Rep"}
        assert anns["id"] in holdings_of(staff.ann)
        assert [(span["began"], span["ended"]) for span in history] == [("claimed", None), ("created", "claimed")]
        assert history[0]["since"] == history[1]["until"]

    def test_it_no_longer_waits_in_the_pool(self, company: Company, staff: Staff, anns: Body) -> None:
        waiting = staff.bob.items(f"/v1/pools/{company.pool_id()}/customers")
        assert anns["id"] not in [each["customer"]["id"] for each in waiting]


class TestRelease:
    def test_it_brings_the_customer_back_for_others_to_claim(self, company: Company, staff: Staff, anns: Body) -> None:
        released = staff.ann.post(f"/v1/holdings/{anns['id']}/releases", {"reason": "no_budget", "note": "Next year."})
        assert (released["owner"], released["pool"]["id"]) == (None, company.pool_id())

        eventually(lambda: staff.bob.status("GET", f"/v1/customers/{anns['id']}") == 200)
        waiting = staff.bob.items(f"/v1/pools/{company.pool_id()}/customers")
        assert anns["id"] in [each["customer"]["id"] for each in waiting]
        assert claim(company, staff.bob, anns) == "claimed"
        bobs, waited, held, came = staff.bob.get(f"/v1/holdings/{anns['id']}/history")["items"]
        assert [span["began"] for span in (came, held, waited, bobs)] == ["created", "claimed", "released", "claimed"]
        assert (held["ended"], held["reason"], held["note"]) == ("released", "no_budget", "Next year.")

    def test_an_unknown_reason_is_refused_by_name(self, staff: Staff, anns: Body) -> None:
        problem = staff.ann.refusal("POST", f"/v1/holdings/{anns['id']}/releases", json={"reason": "bored"})
        assert (problem["status"], problem["errors"][0]["field"]) == (422, "reason")

    def test_the_owner_is_told_when_their_manager_lets_a_customer_go(self, staff: Staff, anns: Body) -> None:
        staff.manager.post(f"/v1/holdings/{anns['id']}/releases", {"reason": "workload"})
        eventually(
            lambda: [
                notice
                for notice in staff.ann.items("/v1/notices")
                if (notice["kind"], notice["customer_id"]) == ("holding.released", anns["id"])
            ]
        )


class TestWhoMaySee:
    """A customer that Ann holds; each service has heard so."""

    def test_another_rep_sees_nothing_of_it_anywhere(self, staff: Staff, anns: Body) -> None:
        customer = f"/v1/customers/{anns['id']}"
        for path in (customer, f"{customer}/360", f"{customer}/contacts", f"/v1/holdings/{anns['id']}"):
            eventually(partial(hidden, staff.bob, path))
        assert anns["id"] not in [each["id"] for each in staff.bob.items("/v1/customers")]
        assert list(staff.bob.items("/v1/opportunities", customer_id=anns["id"])) == []
        assert list(staff.bob.items("/v1/activities", customer_id=anns["id"])) == []

    def test_another_rep_changes_nothing_of_it(self, staff: Staff, anns: Body) -> None:
        customer, note = f"/v1/customers/{anns['id']}", {"customer_id": anns["id"], "kind": "note"}
        assert staff.bob.status("PATCH", customer, json={"note": "mine"}, headers={"If-Match": '"1"'}) == 404
        assert staff.bob.status("POST", f"{customer}/contacts", json={"name": "Spy"}) == 404
        assert staff.bob.status("POST", f"/v1/holdings/{anns['id']}/releases", json={"reason": "other"}) == 404
        eventually(lambda: staff.bob.status("POST", "/v1/activities", json=note) == 404)
        sale = {"customer_id": anns["id"], "name": "Stolen"}
        eventually(lambda: staff.bob.status("POST", "/v1/opportunities", json=sale) == 404)
        assert staff.ann.get(customer)["version"] == 1

    def test_the_manager_of_the_department_above_and_an_admin_see_and_change_it(
        self, company: Company, staff: Staff, anns: Body
    ) -> None:
        path = f"/v1/customers/{anns['id']}"
        eventually(lambda: staff.manager.status("GET", path) == 200)
        eventually(lambda: not view_of(staff.manager, anns)["partial"])
        assert staff.manager.patch(path, {"level": "B"}, version=1)["level"] == "B"
        assert company.admin.patch(path, {"level": "A"}, version=2)["level"] == "A"

    def test_another_departments_manager_does_not(self, staff: Staff, anns: Body) -> None:
        path = f"/v1/customers/{anns['id']}"
        assert staff.stranger.status("GET", path) == 404
        assert staff.stranger.status("GET", f"{path}/360") == 404
        assert staff.stranger.status("PATCH", path, json={"level": "C"}, headers={"If-Match": '"1"'}) == 404

    def test_an_auditor_sees_it_and_changes_nothing(self, company: Company, anns: Body) -> None:
        path = f"/v1/customers/{anns['id']}"
        with company.hire("Aude Auditor", role="auditor") as auditor:
            assert auditor.get(path)["owner"]["name"] == "Ann Rep"
            assert auditor.status("PATCH", path, json={"level": "C"}, headers={"If-Match": '"1"'}) == 403
            assert auditor.status("POST", "/v1/customers", json=new_customer("Audited")) == 403

    def test_what_waits_in_a_pool_is_seen_by_every_rep_and_changed_by_none(self, staff: Staff, free: Body) -> None:
        path = f"/v1/customers/{free['id']}"
        assert staff.ann.get(path)["owner"] is None
        problem = staff.ann.refusal("PATCH", path, json={"level": "C"}, headers={"If-Match": '"1"'})
        assert (problem["status"], problem["code"]) == (403, "customer.read_only")
