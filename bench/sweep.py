"""The sweep over 1,000,000 holdings: a round with nothing due, and how many are taken back a second when they are.

A real pool process sweeps and asks real activity and opportunity processes, which have as many activities and
opportunities of these customers. BENCH_HOLDINGS sets the number.
"""

import os
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2

from bench.measure import calibration_ms, cpu_seconds, median, progress, report
from contracts.pool.pools import DEFAULT_POOL_ID
from contracts.pool.rules import Clocks, ReclaimRules
from deploy.local.suite import COMMAND_LINE, Suite
from servicekit.amqp import connect
from servicekit.database import Database
from servicekit.settings import Settings
from servicekit.testing import calling, process_named
from services.pool.operations.sweep import sweep

_HOLDINGS = int(os.environ.get("BENCH_HOLDINGS", "1000000"))
_ROUNDS = 200
_OWNER = "00000000-0000-7000-8000-0000000000aa"
_RULES = ReclaimRules(clocks=Clocks(no_follow_up_days=30, no_opportunity_days=60, hard_maximum_days=365))

_FILL = {
    "pool": [
        "INSERT INTO customers (id, name) SELECT numbered(n), 'Nr ' || n FROM generate_series(1, %(count)s) n",
        """
        INSERT INTO holdings (customer_id, number, owner_id, since, began, home_pool_id, reclaim_on, reclaim_rule,
                              review_at, terms)
        SELECT numbered(n), 1, %(owner)s, now() - interval '40 days', 'created', %(pool)s, current_date + 300,
               'no_follow_up', now() + interval '300 days', 'level None'
        FROM generate_series(1, %(count)s) n
        """,
        "INSERT INTO rule_sets VALUES (%(pool)s, current_date - 100, %(rules)s, %(actor)s, now())",
    ],
    "activity": [
        """
        INSERT INTO activities (id, customer_id, owner_id, kind, occurred_at, back_dated, content, version, created_at,
                                updated_at)
        SELECT gen_random_uuid(), numbered(n), %(owner)s, 'call', now() - interval '50 days', false, 'Called.', 1,
               now(), now()
        FROM generate_series(1, %(count)s) n
        """
    ],
    "opportunity": [
        """
        INSERT INTO opportunities (id, name, customer_id, owner_id, pipeline_id, stage_id, state, note,
                                   entered_stage_at, closed_on, version, created_at, updated_at)
        SELECT gen_random_uuid(), 'Deal ' || n, numbered(n), %(owner)s, stage.pipeline_id, stage.id, 'lost', '', now(),
               current_date - 45, 1, now() - interval '80 days', now()
        FROM generate_series(1, %(count)s) n, (SELECT id, pipeline_id FROM stages LIMIT 1) stage
        """
    ],
}
_NUMBERED = """
    CREATE FUNCTION numbered(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid
"""
_FOLLOWERS = ("crm.customer.follow_release", "crm.opportunity.keep_holder", "crm.activity.keep_holder")
_PEERS = ("activity", "opportunity", "customer")
_DUE = (
    "UPDATE holdings SET review_at = now() WHERE customer_id IN"
    " (SELECT customer_id FROM holdings WHERE owner_id IS NOT NULL AND review_at > now() LIMIT %(count)s)"
)
_LEFT = "SELECT EXISTS (SELECT FROM holdings WHERE review_at <= now())"


class Bench:
    """A suite, and its databases."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self._url = suite.settings_of(COMMAND_LINE)["CRM_DATABASE_URL"]

    def run(self, service: str, statement: str, **values: object) -> list[tuple[Any, ...]]:
        """A statement in a service's own database."""
        with closing(psycopg2.connect(f"{self._url}_{service}")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []

    def fill(self) -> None:
        """Holdings with deadlines far ahead, and what others know of them."""
        values = {"count": _HOLDINGS, "owner": _OWNER, "pool": str(DEFAULT_POOL_ID), "rules": _RULES.model_dump_json()}
        for service, statements in _FILL.items():
            progress(f"{_HOLDINGS:,} rows for {service}")
            self.run(service, _NUMBERED)
            for statement in statements:
                self.run(service, statement, **values, actor='{"kind": "system", "id": "bench", "name": "bench"}')
            self.run(service, "VACUUM ANALYZE")

    def stop_following(self) -> None:
        """Let nobody hear of what is taken: on few cores the others' handlers would be measured, not the sweep."""
        connection = connect(self.suite.settings_of(COMMAND_LINE)["CRM_AMQP_URL"])
        for queue in _FOLLOWERS:
            connection.channel().queue_unbind(queue, "crm.events", "holding.reclaimed")
        connection.close()

    def nothing_due(self) -> float:
        """Milliseconds that a round takes, in this process."""
        took = []
        database = Database(Settings(database_url=self._url), "pool")
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            with calling(process_named("pool")), database.transaction() as db:
                if sweep(db).looked_at:
                    raise RuntimeError("something was due")
            took.append((time.perf_counter() - began) * 1000)
        database.close()
        return median(took)

    def taken_per_second(self, count: int) -> dict[str, float]:
        """How fast so many are taken that come due together, and at what cost."""
        progress(f"{count:,} due")
        cpu = self._cpu()
        self.run("pool", _DUE, count=count)
        began = time.perf_counter()
        while self.run("pool", _LEFT) != [(False,)]:
            time.sleep(0.05)
        seconds = time.perf_counter() - began
        now = self._cpu()
        return {"per second": count / seconds, **{name: (now[name] - cpu[name]) * 1000 / count for name in cpu}}

    def _cpu(self) -> dict[str, float]:
        peers = [self.suite[name].pid for name in _PEERS]
        return {
            "CPU ms of pool": cpu_seconds([self.suite["pool"].pid]),
            "CPU ms of its peers": cpu_seconds(peers),
        }


def main() -> None:
    """Fill, and measure."""
    services = ("pool", *_PEERS)
    with (
        tempfile.TemporaryDirectory(prefix="tideline-bench-") as folder,
        Suite(Path(folder), services=services, scale={"gateway": 0}) as suite,
    ):
        bench = Bench(suite)
        bench.fill()
        rows: list[dict[str, Any]] = [{"what": "nothing due, ms a round", "figure": bench.nothing_due()}]
        for count, heard in ((1_000, True), (1_000, False), (50_000, False)):
            if not heard:
                bench.stop_following()
            found = bench.taken_per_second(count)
            what = f"{count:,} due, {'heard of by all' if heard else 'by itself'}"
            rows += [{"what": f"{what}: {name}", "figure": value} for name, value in found.items()]
    report("sweep", rows, holdings=_HOLDINGS)


if __name__ == "__main__":
    progress(f"calibration {calibration_ms():.0f} ms")
    main()
