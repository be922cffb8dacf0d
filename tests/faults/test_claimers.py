"""Hundreds of claimers over few customers through two pool processes that are killed meanwhile."""

import os
import random
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from typing import Any

import pytest

from deploy.local.waiting import wait_until
from servicekit.database import new_id
from tests.faults.browser import Browser, NoAnswer, NotSent
from tests.faults.firm import REPS, SECONDS, Firm
from tests.faults.form import SEED

CLAIMERS = 200
CUSTOMERS = 50
KILLS = int(os.environ.get("CLAIM_KILLS", "3"))
HOLDINGS, CLAIMS = 4, 5
"""What each rep may hold and claim in all: less than they try to get, more than there is."""


@pytest.fixture
def pool(firm: Firm) -> str:
    """A pool with limits, and customers that the pool service knows of."""
    made = firm.send("POST", "/v1/pools", {"name": f"Rush {new_id()}"})
    path = f"/v1/pools/{made.body['id']}"
    limits = {"limits": {"holdings": HOLDINGS, "claims_per_day": CLAIMS}}
    firm.send("PATCH", path, limits, etag=f'"{made.body["version"]}"')
    for number in range(CUSTOMERS):
        body = {"kind": "company", "name": f"Wanted {number} {new_id()}", "pool_id": made.body["id"]}
        firm.send("POST", "/v1/customers", body)
    wait_until(
        lambda: bool(firm.send("GET", path).body["free"] == CUSTOMERS), limit=SECONDS, otherwise="They do not come."
    )
    return str(made.body["id"])


class TestClaimers:
    @pytest.mark.timeout(400)
    def test_one_owner_each_no_limit_exceeded_and_a_legal_history(self, firm: Firm, pool: str) -> None:
        wanted = [
            each["customer"]["id"] for each in firm.send("GET", f"/v1/pools/{pool}/customers?limit=200").body["items"]
        ]
        over = time.monotonic() + 2 * SECONDS
        with ThreadPoolExecutor(CLAIMERS + 1) as threads:
            killing = threads.submit(kill_in_turn, firm, until=over)
            rushes = [threads.submit(claim_all, firm, number, pool, wanted, until=over) for number in range(CLAIMERS)]
            acknowledged = [each for rush in rushes for each in rush.result()]
            assert killing.result() >= KILLS
        owners = dict(rows_of(firm, "SELECT customer_id::text, owner_id::text FROM holdings", wanted))
        assert None not in owners.values(), "Somebody could have had it, and nobody got it."
        held = Counter(owners.values())
        assert max(held.values()) <= HOLDINGS
        require_legal(firm, wanted)
        claimed = Counter(event_subjects(firm, wanted))
        assert claimed == Counter(wanted), "Each was claimed once, and told of once."
        assert Counter(customer for customer, _ in acknowledged) <= claimed
        assert all(owners[customer] == owner for customer, owner in acknowledged)
        spent = dict(firm.rows("pool", "SELECT owner_id::text, sum(spent)::int FROM daily_claims GROUP BY 1"))
        assert {owner: spent[owner] for owner in held} == held


def claim_all(firm: Firm, number: int, pool: str, wanted: list[str], *, until: float) -> list[tuple[str, str]]:
    """Claim all of them, some at a time and in an order of one's own, until all are gone; what one was told one got."""
    chance, rep = random.Random(f"{SEED}/{number}"), firm.people.reps[number % REPS]  # noqa: S311  a seed repeats it
    got = []
    left = chance.sample(wanted, len(wanted))
    with closing(Browser(firm.suite.gateway_url)) as browser:
        while left and time.monotonic() < until:
            some = left[: chance.randint(1, 10)]
            try:
                answer = browser.send("POST", f"/v1/pools/{pool}/claims", {"customer_ids": some}, token=rep.token)
            except (NotSent, NoAnswer):
                continue
            if answer.status != 200:
                continue
            items = answer.body["items"]
            got += [(item["customer_id"], rep.id) for item in items if item["status"] == "claimed"]
            left = [each for each in left if each not in {item["customer_id"] for item in items}]
    return got


def kill_in_turn(firm: Firm, *, until: float) -> int:
    """Kill one pool process after the other, and start it again; how many were killed."""
    kills = 0
    while kills < KILLS and time.monotonic() < until:
        name = ("pool", "pool-2")[kills % 2]
        firm.suite[name].kill()
        firm.suite.start(name)
        kills += 1
    return kills


def rows_of(firm: Firm, statement: str, customers: list[str]) -> list[tuple[Any, ...]]:
    """What a statement over customers gives of these."""
    return [row for row in firm.rows("pool", statement) if row[0] in set(customers)]


def require_legal(firm: Firm, customers: list[str]) -> None:
    """No gap and no overlap in anybody's history, and the present goes on from where the last stretch ended."""
    stretches: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    past = "SELECT customer_id::text, number, since, until FROM holding_spans ORDER BY number"
    present = "SELECT customer_id::text, number, since, NULL FROM holdings"
    for customer, *stretch in [*rows_of(firm, past, customers), *rows_of(firm, present, customers)]:
        stretches[customer].append(tuple(stretch))
    assert set(stretches) == set(customers)
    for life in stretches.values():
        assert [number for number, *_ in life] == list(range(1, len(life) + 1))
        assert all(earlier[2] == later[1] for earlier, later in pairwise(life))


def event_subjects(firm: Firm, customers: list[str]) -> list[str]:
    """The customers of these that were told to be claimed, as often as they were."""
    told = "SELECT subject::text FROM outbox WHERE topic = 'holding.claimed'"
    return [subject for (subject,) in rows_of(firm, told, customers)]
