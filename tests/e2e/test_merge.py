"""Two customers made one over HTTP, with all that hangs from them in all services, and two again."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.e2e.client import Api, Body, Person, eventually
from tests.e2e.company import Company, new_customer

DUE = "2199-01-01T09:00:00Z"


@pytest.fixture(scope="module")
def rep(company: Company) -> Iterator[Person]:
    with company.hire("Rita Rep") as rep:
        yield rep


def filled(rep: Person, name: str) -> Body:
    """A customer of the rep's with something in every service."""
    number = f"+49 30 901820 {len(name):02}"
    customer = rep.post("/v1/customers", new_customer(name, phones=[{"number": number}], tags=[name.lower()]))
    id_ = customer["id"]
    chief = rep.post(f"/v1/customers/{id_}/contacts", {"name": f"Chief of {name}"})
    rep.post(f"/v1/customers/{id_}/contacts", {"name": f"Deputy of {name}", "reports_to": chief["id"]})
    rep.post("/v1/opportunities", {"customer_id": id_, "name": f"Seats for {name}"})
    call = {"customer_id": id_, "kind": "call", "content": "Hello", "next_follow_up": {"due_at": DUE}}
    rep.post("/v1/activities", call)
    eventually(lambda: not view(rep, id_)["partial"])
    return customer


def view(api: Api, customer_id: str) -> Body:
    """The 360 view, wherever it is by now."""
    answer = api.ask("GET", f"/v1/customers/{customer_id}/360", follow_redirects=True)
    assert answer.is_success, answer.text
    return dict(answer.json())


def everything(rep: Person, customer_id: str) -> Body:
    """All that is read of a customer, without what says that it was written."""
    read: dict[str, Any] = {"360": view(rep, customer_id), "history": rep.get(f"/v1/holdings/{customer_id}/history")}
    for area in ("opportunities", "activities", "follow-ups"):
        read[area] = list(rep.items(f"/v1/{area}", customer_id=customer_id))
    for written in ("version", "updated_at"):
        read["360"]["customer"]["data"]["customer"].pop(written)
    return read


def counted(view: Body) -> list[int]:
    """How much hangs from a customer in each service."""
    return [
        len(view["customer"]["data"]["contacts"]),
        view["opportunities"]["data"]["open_count"],
        view["activities"]["data"]["count"],
        len(view["activities"]["data"]["next_follow_ups"]),
    ]


def told(person: Person) -> list[str]:
    """What kinds of notices somebody has."""
    return sorted(each["kind"] for each in person.items("/v1/notices"))


class TestMerge:
    def test_all_hangs_from_the_survivor_until_it_is_undone_and_then_all_is_as_it_was(self, rep: Person) -> None:
        survivor, loser = filled(rep, "Acme"), filled(rep, "Acme Limited")
        ids = survivor["id"], loser["id"]
        before = [everything(rep, each) for each in ids]

        merge = rep.post("/v1/merges", {"survivor_id": ids[0], "loser_id": ids[1], "reason": "The same"})

        eventually(lambda: counted(view(rep, ids[0])) == [4, 2, 2, 2])
        assert view(rep, ids[1]) == view(rep, ids[0])
        assert merge["survivor"]["tags"] == ["acme", "acme limited"]
        eventually(lambda: [each["customer"]["id"] for each in rep.items("/v1/holdings")] == [ids[0]])

        undone = rep.post(f"/v1/merges/{merge['id']}/undo", {})

        assert undone["undone_at"] is not None
        eventually(lambda: [everything_or_nothing(rep, each) for each in ids] == before)

    def test_the_losers_id_leads_to_the_survivor(self, company: Company, rep: Person) -> None:
        survivor, loser = (rep.post("/v1/customers", new_customer(name)) for name in ("Led", "Leading"))
        rep.post("/v1/merges", {"survivor_id": survivor["id"], "loser_id": loser["id"]})
        for path in ("/v1/customers/{}", "/v1/customers/{}/contacts", "/v1/customers/{}/360"):
            answer = rep.ask("GET", path.format(loser["id"]))
            assert (answer.status_code, answer.headers["Location"]) == (307, path.format(survivor["id"]))
        eventually(lambda: rep.status("GET", f"/v1/holdings/{loser['id']}") == 307)
        refused = rep.refusal("POST", f"/v1/customers/{loser['id']}/contacts", json={"name": "Late"})
        assert (refused["status"], refused["code"]) == (404, "customer.merged")
        assert refused["data"] == {"survivor_id": survivor["id"]}
        with company.hire("Stan Stranger") as stranger:
            assert stranger.status("GET", f"/v1/customers/{loser['id']}") == 404

    def test_the_survivor_goes_to_a_new_owner_in_the_same_step(self, company: Company) -> None:
        with ExitStack() as stack:
            hired = stack.enter_context(company.hire("Mona Manager", role="manager"))
            department = company.department("Merging", manager=hired)
            manager = stack.enter_context(company.sign_in(hired.name))
            rita, rolf = (
                stack.enter_context(company.hire(name, department=department)) for name in ("Rita Reed", "Rolf Reed")
            )
            survivor, loser = (rita.post("/v1/customers", new_customer(name)) for name in ("Given", "Giving"))
            eventually(lambda: manager.status("GET", f"/v1/customers/{survivor['id']}") == 200)
            merge = {
                "survivor_id": survivor["id"],
                "loser_id": loser["id"],
                "owner_id": rolf.id,
                "reason": "Knows them",
            }
            manager.post("/v1/merges", merge)
            eventually(lambda: [each["customer"]["id"] for each in rolf.items("/v1/holdings")] == [survivor["id"]])
            latest, earlier = manager.get(f"/v1/holdings/{survivor['id']}/history")["items"]
            assert (latest["began"], earlier["reason"]) == ("assigned", "Knows them")
            eventually(lambda: told(rolf) == ["holding.assigned"])
            eventually(lambda: told(rita) == ["customer.merged", "holding.assigned"])

    def test_a_dry_run_changes_nothing(self, rep: Person) -> None:
        survivor, loser = (rep.post("/v1/customers", new_customer(name)) for name in ("Dry", "Drier"))
        loser = rep.get(f"/v1/customers/{loser['id']}")
        shown = rep.post("/v1/merges", {"survivor_id": survivor["id"], "loser_id": loser["id"], "dry_run": True})
        assert shown["id"] is None
        assert rep.get(f"/v1/customers/{loser['id']}") == loser


class TestDeletion:
    def test_a_deleted_customer_is_gone_everywhere_until_an_administrator_restores_it(
        self, company: Company, rep: Person
    ) -> None:
        customer = filled(rep, "Deleted")
        id_ = customer["id"]
        before = everything(rep, id_)
        version = rep.get(f"/v1/customers/{id_}")["version"]
        gone = rep.ask("DELETE", f"/v1/customers/{id_}", headers={"If-Match": f'"{version}"'})
        assert gone.status_code == 200
        assert rep.status("GET", f"/v1/customers/{id_}/360") == 404
        for area in ("opportunities", "activities", "follow-ups"):
            eventually(lambda area=area: not list(rep.items(f"/v1/{area}", customer_id=id_)))  # type: ignore[misc]
        assert id_ in [each["id"] for each in company.admin.items("/v1/customers", deleted="true")]
        company.admin.post(f"/v1/customers/{id_}/restorations", {})
        eventually(lambda: everything_or_nothing(rep, id_) == before)


def everything_or_nothing(rep: Person, customer_id: str) -> Body | None:
    """The same while services may not have heard yet that a customer is back."""
    if rep.status("GET", f"/v1/holdings/{customer_id}/history") != 200 or view(rep, customer_id)["partial"]:
        return None
    return everything(rep, customer_id)
