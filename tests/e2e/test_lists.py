"""Lists: whichever way a list is paged through, everything comes exactly once and in one order."""

import pytest

from tests.e2e.client import Body, Person
from tests.e2e.company import Company
from tests.e2e.test_sample import SALES, rows

ACCOUNTS = [row["account"] for row in rows("accounts")]
SORTS = ["name", "-created_at", "-updated_at"]
OPPORTUNITY_SORTS = ["-created_at", "-updated_at", "-amount", "expected_close_on"]


def key_of(item: Body) -> str:
    """What tells the items of any list apart."""
    return str(item["id"] if "id" in item else item["customer"]["id"])


def assert_pages_agree(person: Person, path: str, **query: str) -> list[str]:
    """The keys of a list that gives the same in small pages as in large ones."""
    in_small_pages = [key_of(item) for item in person.items(path, limit=7, **query)]
    assert in_small_pages == [key_of(item) for item in person.items(path, limit=200, **query)]
    assert len(set(in_small_pages)) == len(in_small_pages)
    return in_small_pages


class TestCustomers:
    @pytest.mark.parametrize("sort", SORTS)
    def test_small_pages_give_everything_once_in_each_order(self, company: Company, sort: str) -> None:
        seen = assert_pages_agree(company.admin, "/v1/customers", sort=sort)
        assert len(seen) == company.admin.get("/v1/customers", limit=1, count=True)["total"]
        names = [customer["name"] for customer in company.admin.items("/v1/customers")]
        assert sorted(name for name in names if name in ACCOUNTS) == sorted(ACCOUNTS)

    def test_each_order_goes_by_what_it_is_named_after(self, company: Company) -> None:
        newest = [each["created_at"] for each in company.admin.items("/v1/customers", sort="-created_at")]
        latest = [each["updated_at"] for each in company.admin.items("/v1/customers", sort="-updated_at")]
        names = [each["name"] for each in company.admin.items("/v1/customers", sort="name", q="corporation")]
        assert newest == sorted(newest, reverse=True)
        assert latest == sorted(latest, reverse=True)
        assert names == sorted(names, key=str.casefold)
        assert "Acme Corporation" in names

    def test_a_cursor_of_one_order_is_not_taken_in_another(self, company: Company) -> None:
        cursor = company.admin.get("/v1/customers", limit=7, sort="name")["next_cursor"]
        problem = company.admin.refusal("GET", "/v1/customers", params={"cursor": cursor, "sort": "-created_at"})
        assert (problem["status"], problem["code"]) == (400, "cursor.invalid")

    def test_filters_hold_on_every_page(self, company: Company) -> None:
        found = list(company.admin.items("/v1/customers", limit=7, pool_id=company.pool_id()))
        assert len(found) > 7
        assert {each["pool"]["id"] for each in found} == {company.pool_id()}

    def test_a_list_knows_its_total_only_when_asked(self, company: Company) -> None:
        assert company.admin.get("/v1/customers", limit=1)["total"] is None
        assert company.admin.get("/v1/customers", limit=1, count=True)["total"] >= len(ACCOUNTS)


class TestOpportunities:
    @pytest.mark.parametrize("sort", OPPORTUNITY_SORTS)
    def test_small_pages_give_everything_once_in_each_order(self, company: Company, sort: str) -> None:
        customer = {"customer_id": company.sample_customer("Hottechi")["id"]}
        seen = assert_pages_agree(company.admin, "/v1/opportunities", sort=sort, **customer)
        assert len(seen) == company.admin.get("/v1/opportunities", limit=1, count=True, **customer)["total"]

    def test_the_largest_amount_comes_first(self, company: Company) -> None:
        customer = company.sample_customer("Hottechi")
        found = company.admin.items("/v1/opportunities", sort="-amount", customer_id=customer["id"])
        amounts = [float(each["amount"]["amount"]) if each["amount"] else -1.0 for each in found]
        assert amounts == sorted(amounts, reverse=True)
        assert amounts[0] > 0 > amounts[-1]

    @pytest.mark.parametrize("sort", OPPORTUNITY_SORTS[1:])
    def test_a_cursor_of_one_order_is_not_taken_in_another(self, company: Company, sort: str) -> None:
        cursor = company.admin.get("/v1/opportunities", limit=1)["next_cursor"]
        problem = company.admin.refusal("GET", "/v1/opportunities", params={"cursor": cursor, "sort": sort})
        assert (problem["status"], problem["code"]) == (400, "cursor.invalid")


class TestTotals:
    @pytest.mark.parametrize("path", ["/v1/users", "/v1/products", "/v1/activities", "/v1/follow-ups", "/v1/notices"])
    def test_a_list_knows_its_total_only_when_asked(self, company: Company, path: str) -> None:
        everything = list(company.admin.items(path))
        assert company.admin.get(path, limit=1)["total"] is None
        assert company.admin.get(path, limit=1, count=True)["total"] == len(everything)


class TestOthers:
    def test_people_come_once_each(self, company: Company) -> None:
        assert len(assert_pages_agree(company.admin, "/v1/users")) >= 43

    def test_what_waits_in_a_pool_comes_once_each(self, company: Company) -> None:
        pool = company.pool_id()
        waiting = assert_pages_agree(company.admin, f"/v1/pools/{pool}/customers")
        (counted,) = [each["free"] for each in company.admin.get("/v1/pools")["items"] if each["id"] == pool]
        assert len(waiting) == counted

    def test_what_one_person_holds_comes_once_each(self, company: Company) -> None:
        held: dict[str, list[str]] = {}
        for customer in company.admin.items("/v1/customers"):
            if customer["owner"] is not None and customer["name"] in ACCOUNTS:
                held.setdefault(customer["owner"]["id"], []).append(customer["id"])
        owner, theirs = max(held.items(), key=lambda one: len(one[1]))
        assert set(assert_pages_agree(company.admin, "/v1/holdings", owner_id=owner)) >= set(theirs)

    def test_one_customers_opportunities_come_once_each(self, company: Company) -> None:
        customer = company.sample_customer("Hottechi")
        count = sum(row["account"] == "Hottechi" for row in SALES)
        seen = assert_pages_agree(company.admin, "/v1/opportunities", customer_id=customer["id"])
        assert len(seen) == count
