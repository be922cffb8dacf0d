"""An opportunity's way from its opening to being won or lost, and the funnel that follows it."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.e2e.client import Body, Person, eventually
from tests.e2e.company import Company, new_customer

_numbers = count(1)
STAGES = [("Contacted", 10), ("Offered", 50), ("Agreed", 80)]


@pytest.fixture
def pipeline(company: Company) -> Body:
    """A pipeline that nothing else is in."""
    stages = [{"name": name, "probability": probability} for name, probability in STAGES]
    return company.admin.post("/v1/pipelines", {"name": f"Projects {next(_numbers)}", "stages": stages})


@pytest.fixture(scope="module")
def rep(company: Company) -> Iterator[Person]:
    with company.hire("Oskar Opener") as rep:
        yield rep


@pytest.fixture(scope="module")
def customer(rep: Person) -> Body:
    return rep.post("/v1/customers", new_customer("Buyer"))


@pytest.fixture
def sale(rep: Person, customer: Body, pipeline: Body) -> Body:
    """An opportunity that was just opened."""
    return opened(rep, customer, pipeline)


def opened(rep: Person, customer: Body, pipeline: Body, **fields: object) -> Body:
    body = {"customer_id": customer["id"], "pipeline_id": pipeline["id"], "name": "Fifty machines"}
    return rep.post("/v1/opportunities", body | fields)


def usd(amount: str) -> Body:
    return {"amount": amount, "currency": "USD"}


def moved(rep: Person, sale: Body, stage: Body) -> Body:
    return rep.post(f"/v1/opportunities/{sale['id']}/stage-changes", {"stage_id": stage["id"]})


def funnel_of(rep: Person, pipeline: Body) -> Body:
    return rep.get("/v1/reports/funnel", pipeline_id=pipeline["id"])


class TestOpen:
    def test_it_begins_in_the_first_stage_and_is_its_openers(self, rep: Person, customer: Body, sale: Body) -> None:
        assert (sale["stage"]["name"], sale["state"]) == ("Contacted", "open")
        assert sale["owner"] == {"id": rep.id, "name": "Oskar Opener"}
        assert sale["customer"] == {"id": customer["id"], "name": customer["name"]}
        assert rep.get(f"/v1/opportunities/{sale['id']}") == sale

    def test_it_shows_in_the_customers_360_view(self, rep: Person, customer: Body, sale: Body) -> None:
        view = rep.get(f"/v1/customers/{customer['id']}/360")
        assert sale["id"] in [each["id"] for each in view["opportunities"]["data"]["open"]]

    def test_an_unknown_customer_is_404(self, rep: Person, pipeline: Body) -> None:
        body = {"customer_id": pipeline["id"], "pipeline_id": pipeline["id"], "name": "Nobody's"}
        problem = rep.refusal("POST", "/v1/opportunities", json=body)
        assert (problem["status"], problem["code"]) == (404, "customer.not_found")


class TestMove:
    def test_the_way_through_the_stages_is_kept_without_gap(self, rep: Person, pipeline: Body, sale: Body) -> None:
        for stage in (pipeline["stages"][2], pipeline["stages"][1]):
            assert moved(rep, sale, stage)["stage"]["name"] == stage["name"]
        way = rep.get(f"/v1/opportunities/{sale['id']}/stage-changes")["items"]
        assert [span["stage"] for span in way] == ["Contacted", "Agreed", "Offered"]
        assert [span["left_at"] for span in way[:-1]] == [span["entered_at"] for span in way[1:]]
        assert way[-1]["left_at"] is None
        assert {span["by"] for span in way} == {"Oskar Opener"}

    def test_a_stage_of_another_pipeline_is_404(self, company: Company, rep: Person, sale: Body) -> None:
        (sales,) = [each for each in company.admin.get("/v1/pipelines")["items"] if each["default"]]
        body = {"stage_id": sales["stages"][0]["id"]}
        problem = rep.refusal("POST", f"/v1/opportunities/{sale['id']}/stage-changes", json=body)
        assert (problem["status"], problem["code"]) == (404, "stage.not_found")


class TestWin:
    def test_it_needs_an_amount(self, rep: Person, sale: Body) -> None:
        wins = f"/v1/opportunities/{sale['id']}/wins"
        problem = rep.refusal("POST", wins, json={})
        assert (problem["status"], problem["code"]) == (409, "opportunity.needs_amount")
        won = rep.post(wins, {"amount": usd("1054.00")})
        assert (won["state"], won["amount"]) == ("won", usd("1054.00"))

    def test_a_won_one_can_be_neither_moved_nor_lost(self, rep: Person, pipeline: Body, sale: Body) -> None:
        path = f"/v1/opportunities/{sale['id']}"
        rep.post(f"{path}/wins", {"amount": usd("1.00")})
        for route, body in (
            ("stage-changes", {"stage_id": pipeline["stages"][1]["id"]}),
            ("losses", {"reason": "price"}),
            ("wins", {}),
        ):
            problem = rep.refusal("POST", f"{path}/{route}", json=body)
            assert (problem["status"], problem["code"]) == (409, "opportunity.closed")

    def test_its_owner_is_told_when_somebody_else_wins_it(self, company: Company, rep: Person, sale: Body) -> None:
        company.admin.post(f"/v1/opportunities/{sale['id']}/wins", {"amount": usd("77.00")})
        eventually(
            lambda: [
                notice
                for notice in rep.items("/v1/notices")
                if notice["kind"] == "opportunity.won" and sale["name"] in notice["title"] + notice["text"]
            ]
        )


class TestLose:
    def test_it_needs_a_reason(self, rep: Person, sale: Body) -> None:
        losses = f"/v1/opportunities/{sale['id']}/losses"
        problem = rep.refusal("POST", losses, json={})
        assert (problem["status"], problem["errors"][0]["field"]) == (422, "reason")
        lost = rep.post(losses, {"reason": "price", "competitor": "Rival Ltd"})
        assert (lost["state"], lost["loss_reason"], lost["competitor"]) == ("lost", "price", "Rival Ltd")


class TestFunnel:
    def test_it_follows_every_step(self, rep: Person, customer: Body, pipeline: Body) -> None:
        first, second, third = (
            opened(rep, customer, pipeline, amount=usd(amount)) for amount in ("100.10", "200.20", "300.30")
        )
        assert standing(rep, pipeline) == {"Contacted": (3, "600.60", "60.06")}
        moved(rep, second, pipeline["stages"][1])
        moved(rep, third, pipeline["stages"][2])
        assert standing(rep, pipeline) == {
            "Contacted": (1, "100.10", "10.01"),
            "Offered": (1, "200.20", "100.10"),
            "Agreed": (1, "300.30", "240.24"),
        }
        rep.post(f"/v1/opportunities/{second['id']}/losses", {"reason": "no budget"})
        rep.post(f"/v1/opportunities/{third['id']}/wins", {"amount": usd("333.33")})
        assert standing(rep, pipeline) == {"Contacted": (1, "100.10", "10.01")}
        assert first["state"] == "open"
        funnel = funnel_of(rep, pipeline)
        assert funnel["won"] == {"count": 1, "amount": "333.33"}
        assert funnel["lost"] == {"count": 1, "amount": "200.20"}
        conversions = {stage["name"]: stage["conversion"] for stage in funnel["stages"]}
        assert conversions == {"Contacted": pytest.approx(2 / 3), "Offered": 0.0, "Agreed": 1.0}


def standing(rep: Person, pipeline: Body) -> dict[str, tuple[int, str, str]]:
    """Count, amount and weighted amount of each stage that something stands in."""
    return {
        stage["name"]: (stage["count"], stage["amount"], stage["weighted_amount"])
        for stage in funnel_of(rep, pipeline)["stages"]
        if stage["count"]
    }
