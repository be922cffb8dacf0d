"""Pools that are open to some people only, through all services that show what is in them."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from servicekit.database import new_id
from tests.e2e.client import Body, Person, eventually
from tests.e2e.company import Company, new_customer


@pytest.fixture(scope="module")
def reps(company: Company) -> Iterator[tuple[Person, Person]]:
    """One of the department that the pool is open to, and one of no department."""
    with ExitStack() as present:
        north = company.department("North")
        yield present.enter_context(company.hire("Ina", department=north)), present.enter_context(company.hire("Otto"))


@pytest.fixture(scope="module")
def pool(company: Company, reps: tuple[Person, Person]) -> Body:
    department = reps[0].get("/v1/me")["department_id"]
    return company.admin.post("/v1/pools", {"name": f"North {new_id()}", "open_to": {"departments": [department]}})


@pytest.fixture(scope="module")
def waiting(company: Company, pool: Body) -> Body:
    """A customer in the pool with an opportunity and an activity, once all services know of it."""
    admin = company.admin
    made = admin.post("/v1/customers", new_customer("Northern", pool_id=pool["id"]))
    admin.post("/v1/opportunities", {"customer_id": made["id"], "name": "Forty seats"})
    admin.post("/v1/activities", {"customer_id": made["id"], "kind": "call", "content": "Hello"})
    return made


class TestClosedPool:
    def test_to_others_it_and_all_that_is_in_it_is_not_there(
        self, reps: tuple[Person, Person], pool: Body, waiting: Body
    ) -> None:
        insider, outsider = reps
        paths = [
            *(f"/v1/pools/{pool['id']}", f"/v1/pools/{pool['id']}/customers", f"/v1/pools/{pool['id']}/rules"),
            *(f"/v1/customers/{waiting['id']}", f"/v1/customers/{waiting['id']}/360", f"/v1/holdings/{waiting['id']}"),
        ]
        for path in paths:
            eventually(lambda path=path: insider.status("GET", path) == 200)  # type: ignore[misc]  # called at once
            eventually(lambda path=path: outsider.status("GET", path) == 404)  # type: ignore[misc]
        for area in ("opportunities", "activities"):
            query = {"customer_id": waiting["id"]}
            eventually(lambda area=area, query=query: insider.get(f"/v1/{area}", **query)["items"])  # type: ignore[misc]
            eventually(lambda area=area, query=query: not outsider.get(f"/v1/{area}", **query)["items"])  # type: ignore[misc]
        assert pool["id"] not in {each["id"] for each in outsider.get("/v1/pools")["items"]}

    def test_others_can_not_claim_and_who_is_meant_may(
        self, reps: tuple[Person, Person], pool: Body, waiting: Body
    ) -> None:
        insider, outsider = reps
        wanted = {"customer_ids": [waiting["id"]]}
        assert outsider.status("POST", f"/v1/pools/{pool['id']}/claims", json=wanted) == 404
        (item,) = insider.post(f"/v1/pools/{pool['id']}/claims", wanted)["items"]
        assert item["status"] == "claimed"
        released = insider.post(f"/v1/holdings/{waiting['id']}/releases", {"reason": "no_budget"})
        assert released["pool"]["id"] == pool["id"]
