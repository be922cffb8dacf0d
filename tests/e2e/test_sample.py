"""The sample company came in whole: what reports say equals what a few lines make of its files."""

import csv
import json
from collections import Counter
from decimal import Decimal

import pytest

from deploy.local.suite import Suite
from deploy.sample.source import FOLDER
from tests.e2e.client import Body
from tests.e2e.company import Company


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


SALES = rows("sales_pipeline")
STAGES = Counter(row["deal_stage"] for row in SALES)
AGENTS = sorted({row["sales_agent"] for row in SALES})


def won(sales: list[dict[str, str]]) -> Body:
    values = [Decimal(row["close_value"]) for row in sales if row["deal_stage"] == "Won"]
    return {"count": len(values), "amount": f"{sum(values, Decimal()):.2f}"}


def lost(sales: list[dict[str, str]]) -> int:
    return sum(row["deal_stage"] == "Lost" for row in sales)


@pytest.fixture(scope="module")
def funnel(company: Company) -> Body:
    return company.admin.get("/v1/reports/funnel")


class TestFunnel:
    def test_won_and_lost_are_those_that_the_sample_is_known_for(self, funnel: Body) -> None:
        assert funnel["won"] == {"count": 4238, "amount": "10005534.00"}
        assert funnel["lost"]["count"] == 2473

    def test_the_open_ones_stand_in_their_stages(self, funnel: Body) -> None:
        counts = {stage["name"]: stage["count"] for stage in funnel["stages"]}
        assert (counts["Engaging"], counts["Prospecting"]) == (1591, 499)

    def test_all_figures_are_those_of_the_file(self, funnel: Body) -> None:
        counts = {stage["name"]: stage["count"] for stage in funnel["stages"] if stage["count"]}
        assert funnel["won"] == won(SALES)
        assert counts | {"Won": funnel["won"]["count"], "Lost": funnel["lost"]["count"]} == STAGES

    def test_each_agents_figures_are_those_of_the_file(self, company: Company) -> None:
        ids = {user["full_name"]: user["id"] for user in company.admin.items("/v1/users", role="rep")}
        assert len(AGENTS) == 30
        for agent in AGENTS:
            theirs = [row for row in SALES if row["sales_agent"] == agent]
            seen = company.admin.get("/v1/reports/funnel", owner_id=ids[agent])
            assert (agent, seen["won"], seen["lost"]["count"]) == (agent, won(theirs), lost(theirs))

    @pytest.mark.parametrize(("begin", "end"), [("2017-01-01", "2017-07-01"), ("2017-12-31", "2018-01-01")])
    def test_the_figures_of_a_period_are_those_of_the_file(self, company: Company, begin: str, end: str) -> None:
        closed = [row for row in SALES if begin <= row["close_date"] < end]
        seen = company.admin.get("/v1/reports/funnel", **{"from": begin, "to": end})
        assert (seen["won"], seen["lost"]["count"]) == (won(closed), lost(closed))


class TestImport:
    def test_its_report_tells_what_was_missing_and_what_was_put_right(self, suite: Suite) -> None:
        report = json.loads((suite.folder / "sample-report.json").read_text())
        assert report["imported"] == {"customers": 85, "opportunities": len(SALES)}
        assert report["refused"] == {"customers": {}, "opportunities": {}}
        assert report["warnings"]["opportunities"] == {"customer_missing": 1425, "customer_unknown": 1}
        assert report["corrected"]["technolgy -> technology"] == sum(
            row["sector"] == "technolgy" for row in rows("accounts")
        )

    def test_each_account_became_one_customer(self, company: Company) -> None:
        accounts = Counter(row["account"] for row in rows("accounts"))
        names = Counter(customer["name"] for customer in company.admin.items("/v1/customers"))
        assert len(accounts) == 85
        assert {name: names[name] for name in accounts} == accounts

    def test_a_product_written_two_ways_is_one_product(self, company: Company) -> None:
        sold = {row["product"] for row in SALES}
        products = {product["name"] for product in company.admin.items("/v1/products")}
        assert {"GTXPro", "GTX Pro"} & sold == {"GTXPro"}
        assert {"GTXPro", "GTX Pro"} & products == {"GTX Pro"}
        (sale,) = company.admin.get("/v1/opportunities", q="GTX Pro", limit=1)["items"]
        assert sale["product"] == "GTX Pro"
