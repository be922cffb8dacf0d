"""API6:2023. A script may do what a person may, as fast as it likes; it wins nothing twice and nothing in secret.

Limits on how many customers a rep may hold or claim in a day, and cool-downs, come with the pools' rules and do not
exist yet: a rep's script can claim all that waits in an open pool. What bounds it today is shown here: 200 customers a
request, a limit of requests a minute (test_api04), each claim under its claimer's name in the history, and a manager or
administrator who can put everything back.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests.e2e.client import Api, Body, Person, eventually
from tests.e2e.company import PASSWORD, Company

SCRIPTS = 6
RUSH = 24


@pytest.fixture
def waiting(company: Company) -> list[str]:
    """Customers that wait in the pool."""
    return [company.free_customer(f"Wanted {nth}")["id"] for nth in range(5)]


def claimed(person: Person, company: Company, ids: list[str]) -> Counter[str]:
    """How many of these somebody's claim answered in which way."""
    answer = person.post(f"/v1/pools/{company.pool_id()}/claims", {"customer_ids": ids})
    return Counter(item["status"] for item in answer["items"])


def holdings_of(person: Person, ids: list[str]) -> list[str]:
    """Those of them that a person holds."""
    return [held["customer"]["id"] for held in person.items("/v1/holdings") if held["customer"]["id"] in ids]


class TestClaimingByScript:
    def test_two_reps_scripts_share_what_waits_and_nothing_is_won_twice(
        self, company: Company, attacker: Person, victim: Person, waiting: list[str]
    ) -> None:
        with ThreadPoolExecutor(SCRIPTS) as pool:
            people = [attacker, victim] * (SCRIPTS // 2)
            answers = list(pool.map(lambda person: claimed(person, company, waiting), people))
        assert sum(answer["claimed"] for answer in answers) == len(waiting)
        assert sorted(holdings_of(attacker, waiting) + holdings_of(victim, waiting)) == sorted(waiting)

    def test_more_than_two_hundred_at_once_are_refused_and_none_is_claimed(
        self, company: Company, attacker: Person, waiting: list[str]
    ) -> None:
        ids = waiting + [str(uuid4()) for _ in range(200)]
        body = {"customer_ids": ids}
        assert attacker.refusal("POST", f"/v1/pools/{company.pool_id()}/claims", json=body)["status"] == 422
        assert holdings_of(attacker, waiting) == []

    def test_naming_one_customer_often_wins_it_once(
        self, company: Company, attacker: Person, waiting: list[str]
    ) -> None:
        assert claimed(attacker, company, waiting[:1] * 200) == {"claimed": 1, "already_claimed": 199}

    def test_a_claim_in_another_pools_name_takes_nothing(
        self, company: Company, attacker: Person, waiting: list[str]
    ) -> None:
        other = company.admin.post("/v1/pools", {"name": f"Elsewhere {uuid4()}"})["id"]
        items = attacker.post(f"/v1/pools/{other}/claims", {"customer_ids": waiting})["items"]
        assert "claimed" not in {item["status"] for item in items}
        assert holdings_of(attacker, waiting) == []

    def test_whoever_took_it_is_named_and_an_administrator_puts_it_back(
        self, company: Company, attacker: Person, waiting: list[str]
    ) -> None:
        claimed(attacker, company, waiting)
        for customer in waiting:
            history = company.admin.get(f"/v1/holdings/{customer}/history")["items"]
            assert (history[0]["owner"]["id"], history[0]["began"]) == (attacker.id, "claimed")
            company.admin.post(f"/v1/holdings/{customer}/releases", {"reason": "other", "note": "Taken by a script"})
        assert holdings_of(attacker, waiting) == []


class TestRepeating:
    def test_a_claim_repeated_under_its_key_is_made_once_and_answered_the_same(
        self, company: Company, attacker: Person, waiting: list[str]
    ) -> None:
        path, headers = f"/v1/pools/{company.pool_id()}/claims", {"Idempotency-Key": str(uuid4())}
        sent: dict[str, Any] = {"json": {"customer_ids": waiting}, "headers": headers}
        with ThreadPoolExecutor(SCRIPTS) as pool:
            answers = list(pool.map(lambda _: attacker.ask("POST", path, **sent), range(SCRIPTS)))
        answers.append(attacker.ask("POST", path, **sent))
        done = [answer.json() for answer in answers if answer.status_code == 200]
        assert {answer.status_code for answer in answers} <= {200, 409}
        assert all(answer == done[0] for answer in done)
        assert {item["status"] for item in done[0]["items"]} == {"claimed"}
        assert len(company.admin.get(f"/v1/holdings/{waiting[0]}/history")["items"]) == 2

    def test_a_release_repeated_under_its_key_does_not_release_the_next_owners_customer(
        self, company: Company, attacker: Person, victim: Person, waiting: list[str]
    ) -> None:
        path = f"/v1/holdings/{waiting[0]}/releases"
        sent: dict[str, Any] = {"json": {"reason": "workload"}, "headers": {"Idempotency-Key": str(uuid4())}}
        claimed(attacker, company, waiting[:1])
        first = attacker.ask("POST", path, **sent)
        claimed(victim, company, waiting[:1])
        again = attacker.ask("POST", path, **sent)
        assert (first.status_code, again.json()) == (200, first.json())
        assert holdings_of(victim, waiting) == waiting[:1]

    def test_a_key_does_not_stretch_to_another_claim(
        self, company: Company, attacker: Person, waiting: list[str]
    ) -> None:
        path, headers = f"/v1/pools/{company.pool_id()}/claims", {"Idempotency-Key": str(uuid4())}
        attacker.ask("POST", path, json={"customer_ids": waiting[:1]}, headers=headers)
        problem = attacker.refusal("POST", path, json={"customer_ids": waiting[1:]}, headers=headers)
        assert (problem["status"], problem["code"]) == (422, "idempotency.key_reused")
        assert holdings_of(attacker, waiting) == waiting[:1]


class TestSignInRush:
    def test_a_rush_at_the_door_is_let_in_or_told_to_come_back_while_those_inside_go_on(
        self, company: Company, attacker: Person, victim: Person
    ) -> None:
        credentials: Body = {"name": attacker.name, "password": PASSWORD}

        def knock(_: int) -> tuple[int, bool]:
            with Api(company.suite.gateway_url) as stranger:
                answer = stranger.ask("POST", "/v1/auth/token", json=credentials)
                return answer.status_code, answer.status_code == 200 or "Retry-After" in answer.headers

        with ThreadPoolExecutor(RUSH) as pool:
            rush = [pool.submit(knock, nth) for nth in range(RUSH)]
            inside = [victim.status("GET", "/v1/customers?limit=1") for _ in range(5)]
        answers = Counter(each.result() for each in rush)
        assert inside == [200] * 5
        assert answers.keys() <= {(200, True), (503, True)}
        eventually(lambda: knock(0) == (200, True))
