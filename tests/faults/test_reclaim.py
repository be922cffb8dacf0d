"""No customer that was followed up in time is taken, whatever is late or dead; what is due is taken once."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import amqp
import httpx
import psycopg2
import pytest

from contracts.pool.pools import DEFAULT_POOL_ID
from deploy.local.servers import Broker, Server
from deploy.local.suite import Suite
from deploy.local.waiting import wait_until
from servicekit.amqp import abandon, connect
from servicekit.clock import Clock
from servicekit.database import new_id
from tests.faults.browser import Answer, Visitor
from tests.faults.people import People, hire

CUSTOMERS = 300
DAYS = 10
_EVENTS = "crm.events"
_REVIEWS = "crm.pool.review_touched"
_SECONDS = 60.0


class Firm:
    """A suite whose time moves, with people in it."""

    def __init__(self, suite: Suite, amqp_url: str, database_url: str) -> None:
        self.suite = suite
        self._amqp_url = amqp_url
        self._database_url = database_url
        self.people: People = hire(suite, reps=2)
        self.clock = Clock()
        self.clock.share(suite.folder / "clock")

    def send(self, method: str, path: str, body: dict[str, Any] | None = None, *, etag: str = "") -> Answer:
        """One request of the administrator's that works."""
        answer = Visitor(self.suite.gateway_url).send(method, path, body, token=self.people.admin.token, etag=etag)
        assert answer.status < 300, answer
        return answer

    def add_customer(self) -> str:
        """A new one that the first rep holds, and the pool service knows of."""
        body = {"kind": "company", "name": f"Held {new_id()}", "owner_id": self.people.reps[0].id}
        customer_id = str(self.send("POST", "/v1/customers", body).body["id"])
        wait_until(lambda: self.owner_of(customer_id) is not None, limit=_SECONDS, otherwise="It is not held.")
        return customer_id

    def owner_of(self, customer_id: str) -> str | None:
        """Who holds it."""
        owner = self.send("GET", f"/v1/holdings/{customer_id}").body["owner"]
        return None if owner is None else str(owner["id"])

    def rule(self) -> None:
        """From today on what nobody follows up for 10 days goes back."""
        path = f"/v1/pools/{DEFAULT_POOL_ID}/rules"
        now = self.send("GET", path)
        self.send("PATCH", path, {"clocks": {"no_follow_up_days": DAYS}, "at_once": True}, etag=now.etag)

    def pass_days(self, days: float) -> None:
        """Let time pass for all processes."""
        self.clock.advance(timedelta(days=days))

    def rows(self, service: str, statement: str) -> list[tuple[Any, ...]]:
        """What a service's own database answers."""
        url = f"{self._database_url}_{service}"
        with closing(psycopg2.connect(url, connect_timeout=10)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def nothing_is_due(self) -> bool:
        """Whether the sweep has looked at all that it had to."""
        now = self.clock.now().isoformat()
        due = f"SELECT count(*) FROM holdings WHERE owner_id IS NOT NULL AND review_at <= '{now}'"  # noqa: S608  a time
        return self.rows("pool", due) == [(0,)]

    def postponed(self, service: str) -> float:
        """How often all processes of pool postponed a review because this service was away."""
        wanted = f'crm_reclaim_postponed_total{{service="{service}"}}'
        total = 0.0
        for name in ("pool", "pool-2"):
            lines = httpx.get(f"{self.suite.telemetry_url(name)}/metrics", timeout=10).text.splitlines()
            total += sum(float(line.split()[-1]) for line in lines if line.startswith(wanted))
        return total

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Events of activities don't reach the pool service."""
        self._bind("queue_unbind")
        try:
            yield
        finally:
            self._bind("queue_bind")

    def _bind(self, verb: str) -> None:
        connection = connect(self._amqp_url)
        try:
            channel: amqp.Channel = connection.channel()
            getattr(channel, verb)(_REVIEWS, _EVENTS, "activity.logged")
        finally:
            abandon(connection)


@pytest.fixture(scope="module")
def firm(broker: Broker, database_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    """Two processes of pool and one of each other kind, on a virtual host of their own."""
    name = f"reclaim_{new_id().hex[-8:]}"
    broker.ctl("add_vhost", name)
    broker.ctl("set_permissions", "-p", name, str(urlsplit(broker.url).username), ".*", ".*", ".*")
    amqp_url = urlsplit(broker.url)._replace(path=f"/{name}").geturl()
    database_url = f"{database_server.url}/{name}"
    environment = {
        "CRM_AMQP_URL": amqp_url,
        "CRM_DATABASE_URL": database_url,
        "CRM_TEST_CLOCK": "1",
        "CRM_REQUESTS_PER_MINUTE": "1000000",
    }
    with Suite(tmp_path_factory.mktemp("reclaim"), scale={"pool": 2}, environment=environment) as suite:
        yield Firm(suite, amqp_url, database_url)
    broker.ctl("delete_vhost", name)


class TestLateNews:
    def test_a_follow_up_in_time_saves_the_customer_though_its_event_is_late(self, firm: Firm) -> None:
        saved, lost = firm.add_customer(), firm.add_customer()
        firm.rule()
        firm.pass_days(DAYS - 0.01)
        with firm.held_back():
            firm.send("POST", "/v1/activities", {"customer_id": saved, "kind": "call", "content": "In time."})
            firm.pass_days(1.1)
            wait_until(lambda: firm.owner_of(lost) is None, limit=_SECONDS, otherwise="Nothing was taken.")
            wait_until(firm.nothing_is_due, limit=_SECONDS, otherwise="The sweep does not come to an end.")
            assert firm.owner_of(saved) == firm.people.reps[0].id


class TestPeersDead:
    @pytest.mark.parametrize("service", ["activity", "opportunity"])
    def test_nothing_is_taken_a_metric_says_why_and_it_catches_up(self, firm: Firm, service: str) -> None:
        customer = firm.add_customer()
        firm.rule()
        before = firm.postponed(service)
        firm.suite[service].kill()
        firm.pass_days(DAYS + 1.1)
        wait_until(lambda: firm.postponed(service) > before, limit=_SECONDS, otherwise="Nothing was postponed.")
        assert firm.owner_of(customer) == firm.people.reps[0].id
        firm.suite.start(service)
        wait_until(lambda: firm.owner_of(customer) is None, limit=_SECONDS, otherwise="It did not catch up.")
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
            limit=_SECONDS,
            otherwise="The owner was not told.",
        )
        return told()


class TestKilledSweeps:
    def test_each_is_taken_and_announced_once_whatever_dies(self, firm: Firm) -> None:
        body = {"kind": "company", "owner_id": firm.people.reps[1].id}
        for number in range(CUSTOMERS):
            firm.send("POST", "/v1/customers", {**body, "name": f"Many {number} {new_id()}"})
        wait_until(lambda: held(firm) == CUSTOMERS, limit=_SECONDS, otherwise="They are not all held.")
        firm.rule()
        firm.pass_days(DAYS + 1.1)
        for name in ("pool", "pool-2", "pool"):
            left = held(firm)
            wait_until(lambda left=left: held(firm) < left or left == 0, limit=_SECONDS, otherwise="The sweep stands.")  # type: ignore[misc]
            firm.suite[name].kill()
            firm.suite.start(name)
        wait_until(lambda: held(firm) == 0, limit=_SECONDS, otherwise="Not all were taken.")
        owner = firm.people.reps[1].id
        spans = "SELECT customer_id::text, owner_id::text FROM holding_spans WHERE ended = 'reclaimed'"
        taken = Counter(customer for customer, former in firm.rows("pool", spans) if former == owner)
        events = "SELECT subject::text, body FROM outbox WHERE topic = 'holding.reclaimed'"
        assert taken == Counter(customer for customer, told in firm.rows("pool", events) if owner in told)
        assert len(taken) == CUSTOMERS
        assert set(taken.values()) == {1}


def held(firm: Firm) -> int:
    """How many the second rep holds."""
    ((count,),) = firm.rows("pool", f"SELECT count(*) FROM holdings WHERE owner_id = '{firm.people.reps[1].id}'")  # noqa: S608  an id
    return int(count)
