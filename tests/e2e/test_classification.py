"""Rules that classify customers, over HTTP and through the timer of a running suite."""

from collections.abc import Iterator

import pytest

from tests.e2e.client import Body, Person, eventually
from tests.e2e.company import Company, new_customer

PATH = "/v1/classification-rules"


@pytest.fixture
def rule(company: Company) -> Iterator[Body]:
    """A rule for customers of this test's source alone."""
    condition = {
        "all": [{"field": "source", "op": "eq", "value": "classified"}, {"field": "size", "op": "gte", "value": 500}]
    }
    made = company.admin.post(PATH, {"name": "Large", "condition": condition, "level": "B", "tags": ["large"]})
    yield made
    now = company.admin.get(f"{PATH}/{made['id']}")
    company.admin.ask("DELETE", f"{PATH}/{made['id']}", headers={"If-Match": f'"{now["version"]}"'})


@pytest.fixture
def rep(company: Company) -> Iterator[Person]:
    """Somebody who adds customers."""
    with company.hire("Clara Classified") as person:
        yield person


class TestClassification:
    def test_customers_get_it_at_once_and_those_that_are_there_soon(
        self, company: Company, rep: Person, rule: Body
    ) -> None:
        made = rep.post("/v1/customers", {**new_customer("Classified"), "source": "classified", "size": 700})
        assert (made["level"], made["tags"], made["version"]) == ("B", ["large"], 1)
        latest = rep.get(f"/v1/customers/{made['id']}/history")["items"][0]
        assert (latest["kind"], latest["reason"]) == ("classified", "Large")

        company.admin.patch(f"{PATH}/{rule['id']}", {"level": "A"}, version=rule["version"])

        eventually(lambda: rep.get(f"/v1/customers/{made['id']}")["level"] == "A")
        assert rep.get(f"/v1/customers/{made['id']}")["version"] == 1

    def test_the_order_is_put_as_a_whole(self, company: Company, rule: Body) -> None:
        ids = [each["id"] for each in company.admin.get(PATH)["items"]]
        sent = company.admin.ask("PUT", f"{PATH}/order", json={"rule_ids": ids[::-1]})
        assert [each["id"] for each in sent.json()["items"]] == ids[::-1]
        refusal = company.admin.refusal("PUT", f"{PATH}/order", json={"rule_ids": [*ids, rule["id"]]})
        assert (refusal["status"], refusal["code"]) == (422, "classification.other_rules")

    def test_a_preview_counts(self, company: Company, rep: Person) -> None:
        rep.post("/v1/customers", {**new_customer("Counted"), "source": "counted"})
        condition = {"field": "source", "op": "eq", "value": "counted"}
        shown = company.admin.post(f"{PATH}/preview", {"condition": condition, "tags": ["x"]})
        assert shown == {"matching": 1, "changing": 1}
