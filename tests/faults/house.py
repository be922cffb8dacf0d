"""A whole suite with a broker and a database of its own, which a test may kill."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2

from deploy.local import provision
from deploy.local.keeper import Keeper
from deploy.local.progress import Progress
from deploy.local.scale import SERVICES
from deploy.local.servers import Broker, Place, Server
from deploy.local.suite import Suite
from tests.containers import ContainedPostgres, ContainedRabbit
from tests.faults.ledger import Ledger
from tests.faults.listener import Listener
from tests.faults.people import People, hire

_SCALE = {"pool": 2, "customer": 2, "gateway": 2}
_REPS = 6
# The ladder's last rungs are an hour; as many tries, within a minute.
_LADDER = "[0.5, 1, 3, 10, 30]"


@dataclass(frozen=True)
class House:
    """What a test of faults works on."""

    suite: Suite
    broker: Broker
    database: Server
    people: People
    listener: Listener
    ledger: Ledger = field(default_factory=Ledger)
    """All that was written here, by whichever test."""

    def rows(self, service: str, statement: str) -> list[tuple[Any, ...]]:
        """What a service's own database answers."""
        url = f"{self.database.url}/crm_{service}"
        with closing(psycopg2.connect(url, connect_timeout=10)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def all_rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The same of all services; each row begins with the service's name."""
        return [(service, *row) for service in SERVICES for row in self.rows(service, statement)]

    def mend(self) -> None:
        """Whole again: what is dead is started, all is ready."""
        for server in (self.broker, self.database):
            if not server.alive:
                server.start()
        for process in self.suite.processes.values():
            process.start()
        for name in self.suite.processes:
            self.suite.start(name)


@contextmanager
def opened(folder: Path, keeper: Keeper, progress: Progress) -> Iterator[House]:
    """A house from the first stone to the last."""

    def place(name: str) -> Place:
        return Place(folder / name, folder / "logs", keeper, progress)

    broker = provision.broker(place("rabbitmq"), given=None, contained=lambda _: ContainedRabbit())
    database = provision.database(place("postgres"), given=None, contained=lambda _: ContainedPostgres())
    try:
        with ThreadPoolExecutor() as pool:
            for starting in [pool.submit(broker.start), pool.submit(database.start)]:
                starting.result()
        listener = Listener(broker.url)  # before anything can be announced
        environment = {
            "CRM_AMQP_URL": broker.url,
            "CRM_DATABASE_URL": database.url,
            "CRM_EVENT_RETRY_SECONDS": _LADDER,
            "CRM_REQUESTS_PER_MINUTE": "1000000",
        }
        with Suite(folder / "suite", scale=_SCALE, environment=environment) as suite:
            yield House(suite, broker, database, hire(suite, reps=_REPS), listener)
    finally:
        broker.stop()
        database.stop()
