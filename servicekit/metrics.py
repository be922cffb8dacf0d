"""What each process counts for Prometheus, served under /metrics."""

from collections.abc import Iterable

from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection

from contracts.errors import Unavailable
from servicekit import clock
from servicekit.database import Database

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

RPC_ANSWERED = Histogram(
    "crm_rpc_answered_seconds", "RPC methods answered, by outcome: ok or the kind of error.", ["method", "outcome"],
    buckets=_SECONDS,
)  # fmt: skip
RPC_CALLED = Histogram(
    "crm_rpc_called_seconds", "RPC calls made, by outcome: ok or the kind of error.", ["method", "outcome"],
    buckets=_SECONDS,
)  # fmt: skip
HTTP_ANSWERED = Histogram(
    "crm_http_answered_seconds", "HTTP requests answered, by route and status.", ["method", "route", "status"],
    buckets=_SECONDS,
)  # fmt: skip
EVENTS_HANDLED = Counter(
    "crm_events_handled", "Attempts at handling an event: done, put_off, parked.", ["handler", "outcome"]
)
EVENT_LAG = Histogram(
    "crm_event_lag_seconds", "From an event's commit to its effect in this service.", ["handler"],
    buckets=(*_SECONDS, 30, 60, 600, 3600),
)  # fmt: skip


class Backlog(Collector):
    """What waits in a service's database, counted when Prometheus asks; counts end at 100,000."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterable[Metric]:
        """The figures, or none while the database is away."""
        in_use = GaugeMetricFamily("crm_database_connections", "Connections of this process in use.")
        in_use.add_metric([], self._database.connections_in_use)
        yield in_use
        try:
            with self._database.transaction() as db:
                yield from _counted(db.connection())
        except Unavailable:
            return


def watch(database: Database) -> None:
    """Count what waits in this database."""
    REGISTRY.register(Backlog(database))


def _counted(connection: Connection) -> Iterable[Metric]:
    depth, since = connection.exec_driver_sql(_OUTBOX).one()
    waiting = GaugeMetricFamily("crm_outbox_depth", "Committed events that are not published yet.")
    waiting.add_metric([], depth)
    yield waiting
    oldest = GaugeMetricFamily("crm_outbox_oldest_seconds", "How long the oldest of them waits.")
    oldest.add_metric([], (clock.now() - since).total_seconds() if since else 0)
    yield oldest
    retries = GaugeMetricFamily(
        "crm_event_retries",
        "Events a handler failed on: waiting for an attempt, or parked.",
        labels=["handler", "state"],
    )
    for handler, parked, count in connection.exec_driver_sql(_RETRIES):
        retries.add_metric([handler, "parked" if parked else "waiting"], count)
    yield retries


_OUTBOX = """
SELECT count(*), min(occurred_at)
FROM (SELECT occurred_at FROM outbox WHERE published_at IS NULL ORDER BY position LIMIT 100000) AS waiting
"""
_RETRIES = "SELECT handler, parked_at IS NOT NULL, count(*) FROM event_retry GROUP BY 1, 2"
