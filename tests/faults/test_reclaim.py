"""No customer that was followed up in time is taken, whatever is late or dead; what is due is taken once."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from deploy.local.waiting import wait_until
from servicekit.database import new_id
from tests.faults.browser import Visitor
from tests.faults.firm import DAYS, SECONDS, Firm

CUSTOMERS = 300


class TestLateNews:
    def test_a_follow_up_in_time_saves_the_customer_though_its_event_is_late(self, firm: Firm) -> None:
        saved, lost = firm.add_customer(), firm.add_customer()
        firm.rule()
        firm.pass_days(DAYS - 0.01)
        with firm.held_back():
            firm.send("POST", "/v1/activities", {"customer_id": saved, "kind": "call", "content": "In time."})
            firm.pass_days(1.1)
            wait_until(lambda: firm.owner_of(lost) is None, limit=SECONDS, otherwise="Nothing was taken.")
            wait_until(firm.nothing_is_due, limit=SECONDS, otherwise="The sweep does not come to an end.")
            assert firm.owner_of(saved) == firm.people.reps[0].id


class TestPeersDead:
    @pytest.mark.parametrize("service", ["activity", "opportunity"])
    def test_nothing_is_taken_a_metric_says_why_and_it_catches_up(self, firm: Firm, service: str) -> None:
        customer = firm.add_customer()
        firm.rule()
        before = firm.postponed(service)
        firm.suite[service].kill()
        firm.pass_days(DAYS + 1.1)
        wait_until(lambda: firm.postponed(service) > before, limit=SECONDS, otherwise="Nothing was postponed.")
        assert firm.owner_of(customer) == firm.people.reps[0].id
        firm.suite.start(service)
        wait_until(lambda: firm.owner_of(customer) is None, limit=SECONDS, otherwise="It did not catch up.")
        (notice,) = [each for each in self.notices(firm, customer) if each["kind"] == "holding.reclaimed"]
        assert "No follow-up since" in notice["text"]

    @staticmethod
    def notices(firm: Firm, customer: str) -> list[dict[str, Any]]:
        """What the owner was told of a customer, once that it was taken is among it."""

        def told() -> list[dict[str, Any]]:
            rep = firm.people.reps[0]
            page = Visitor(firm.suite.gateway_url).send("GET", "/v1/notices?limit=200", token=rep.token).body
            return [each for each in page["items"] if each["customer_id"] == customer]

        wait_until(
            lambda: any(each["kind"] == "holding.reclaimed" for each in told()),
            limit=SECONDS,
            otherwise="The owner was not told.",
        )
        return told()


class TestKilledSweeps:
    def test_each_is_taken_and_announced_once_whatever_dies(self, firm: Firm) -> None:
        body = {"kind": "company", "owner_id": firm.people.reps[1].id}
        before = held(firm)
        for number in range(CUSTOMERS):
            firm.send("POST", "/v1/customers", {**body, "name": f"Many {number} {new_id()}"})
        wait_until(lambda: held(firm) == before + CUSTOMERS, limit=SECONDS, otherwise="They are not all held.")
        firm.rule()
        firm.pass_days(DAYS + 1.1)
        for name in ("pool", "pool-2", "pool"):
            wait_until(partial(has_begun, firm, held(firm), before), limit=SECONDS, otherwise="The sweep stands.")
            firm.suite[name].kill()
            firm.suite.start(name)
        wait_until(lambda: held(firm) == before, limit=SECONDS, otherwise="Not all were taken.")
        owner = firm.people.reps[1].id
        spans = "SELECT customer_id::text, owner_id::text FROM holding_spans WHERE ended = 'reclaimed'"
        taken = Counter(customer for customer, former in firm.rows("pool", spans) if former == owner)
        events = "SELECT subject::text, body FROM outbox WHERE topic = 'holding.reclaimed'"
        assert taken == Counter(customer for customer, told in firm.rows("pool", events) if owner in told)
        assert len(taken) == CUSTOMERS
        assert set(taken.values()) == {1}


def has_begun(firm: Firm, left: int, before: int) -> bool:
    """Whether fewer are left to take, or none."""
    return held(firm) < left or left == before


def held(firm: Firm) -> int:
    """How many the second rep holds."""
    ((count,),) = firm.rows("pool", f"SELECT count(*) FROM holdings WHERE owner_id = '{firm.people.reps[1].id}'")  # noqa: S608  an id
    return int(count)
