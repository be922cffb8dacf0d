"""A little load: many callers with mixed requests at once, and every one is answered as it should be."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.e2e.client import Api
from tests.e2e.company import Company

CLIENTS = 16
ROUNDS = 5
READS = (
    "/v1/customers?limit=20",
    "/v1/customers?q=corp",
    "/v1/customers/{customer}",
    "/v1/customers/{customer}/360",
    "/v1/customers/{customer}/contacts",
    "/v1/holdings/{customer}",
    "/v1/opportunities?customer_id={customer}&limit=10",
    "/v1/reports/funnel",
    "/v1/notices",
)


class TestManyCallers:
    def test_all_of_eight_hundred_requests_of_sixteen_clients_are_answered(self, company: Company) -> None:
        customers = [each["id"] for each in company.admin.get("/v1/customers", limit=CLIENTS)["items"]]
        with ThreadPoolExecutor(CLIENTS) as clients:
            statuses = sum(clients.map(lambda customer: work_on(company, customer), customers), Counter[int]())
        assert statuses == {200: CLIENTS * ROUNDS * len(READS), 201: CLIENTS * ROUNDS}

    def test_what_was_written_under_load_is_there(self, company: Company) -> None:
        (customer,) = company.admin.get("/v1/customers", limit=1)["items"]
        before = company.admin.get(f"/v1/customers/{customer['id']}/360")["activities"]["data"]["count"]
        work_on(company, customer["id"])
        after = company.admin.get(f"/v1/customers/{customer['id']}/360")["activities"]["data"]["count"]
        assert after == before + ROUNDS


def work_on(company: Company, customer: str) -> Counter[int]:
    """One client's requests, one after the other."""
    statuses: Counter[int] = Counter()
    with Api(company.suite.gateway_url, token=company.admin.token) as client:
        for _ in range(ROUNDS):
            statuses.update(client.status("GET", path.format(customer=customer)) for path in READS)
            note = {"customer_id": customer, "kind": "note", "content": "Under load."}
            statuses[client.status("POST", "/v1/activities", json=note)] += 1
    return statuses
