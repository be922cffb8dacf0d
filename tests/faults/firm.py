"""A suite with two pool processes whose time moves, for what happens to pools while things are late or dead."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import amqp
import httpx
import psycopg2

from contracts.pool.pools import DEFAULT_POOL_ID
from deploy.local.servers import Broker, Server
from deploy.local.suite import Suite
from deploy.local.waiting import wait_until
from servicekit.amqp import abandon, connect
from servicekit.clock import Clock
from servicekit.database import new_id
from tests.faults.browser import Answer, Visitor
from tests.faults.people import People, hire

DAYS = 10
"""After so many days without a follow-up a customer is taken."""
SECONDS = 60.0
"""How long a test waits for anything."""
REPS = 20
_EVENTS = "crm.events"
_REVIEWS = "crm.pool.review_touched"


class Firm:
    """A suite whose time moves, with people in it."""

    def __init__(self, suite: Suite, amqp_url: str, database_url: str) -> None:
        self.suite = suite
        self._amqp_url = amqp_url
        self._database_url = database_url
        self.people: People = hire(suite, reps=REPS)
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
        wait_until(lambda: self.owner_of(customer_id) is not None, limit=SECONDS, otherwise="It is not held.")
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


@contextmanager
def opened(folder: Path, broker: Broker, database_server: Server) -> Iterator[Firm]:
    """Two processes of pool and one of each other kind, on a virtual host of their own."""
    name = f"pools_{new_id().hex[-8:]}"
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
    with Suite(folder, scale={"pool": 2}, environment=environment) as suite:
        yield Firm(suite, amqp_url, database_url)
    broker.ctl("delete_vhost", name)
