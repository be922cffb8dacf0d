"""A probe service of its own for each test: database, queues, host processes, and a subscriber outside the suite."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy
from alembic.migration import MigrationContext
from alembic.operations import Operations

from contracts.base import Event
from contracts.operations import DeadLetter, ListDeadLetters
from deploy.local.keeper import Keeper
from deploy.local.processes import Process
from deploy.local.servers import Broker, Server
from servicekit.database import Database, new_id
from servicekit.events import dead_letters, declare_topology, queues_of
from servicekit.keys import TRUSTED, make_keys
from servicekit.messaging_tables import create_messaging_tables
from servicekit.outbox import publish
from servicekit.settings import Settings
from servicekit.testing import calling, process_named, wait_until
from tests.integration.servicekit.probe import Probe
from tests.integration.servicekit.subscriber import Subscriber, connected

_ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 60
_QUEUES_ON_DISK_SECONDS = 5.0
"""As long as a process itself may wait at its start (CRM_START_WAIT_SECONDS); machines with other work are slow."""
_TABLES = """
CREATE TABLE effect (
    number bigserial, handler text, event_id uuid, subject uuid, sequence bigint, caller text, transaction xid8
);
CREATE TABLE mended (subject uuid);
"""


class Rig:
    """One service in a suite: what a test does to it, and what it sees of it."""

    def __init__(self, folder: Path, *, keeper: Keeper, settings: Settings, service: str) -> None:
        self.service = service
        self._probe = type("Probe", (Probe,), {"name": service})
        self.settings = settings
        self.database = Database(settings, service)
        self.broker_url = settings.amqp_url
        self._folder = folder
        self._keeper = keeper
        self._hosts: list[Process] = []
        self._declared_at = 0.0

    def prepare(self) -> None:
        """Make the database, its tables and the queues."""
        url = self.database.engine.url
        server = sqlalchemy.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {url.database}")
        server.dispose()
        with self.database.engine.begin() as connection:
            with Operations.context(MigrationContext.configure(connection)):
                create_messaging_tables()
            connection.exec_driver_sql(_TABLES)
        with connected(self.broker_url) as channel:
            declare_topology(channel, self._probe)
        self._declared_at = time.monotonic()

    def host(self, **environment: str) -> Process:
        """A process of the probe service, not started."""
        name = f"{self.service}-{len(self._hosts) + 1}"
        process = Process(
            name,
            [sys.executable, "-m", "tests.integration.servicekit.host"],
            keeper=self._keeper,
            log=self._folder / f"{name}.log",
            environment={
                **os.environ,
                "PROBE_NAME": self.service,
                "PROBE_ATTEMPTS": str(self._folder / "attempts"),
                "CRM_DATABASE_URL": self.settings.database_url,
                "CRM_AMQP_URL": self.settings.amqp_url,
                "CRM_SIGNING_KEY_FILE": str(self._folder / f"{self.service}.pem"),
                "CRM_TRUSTED_KEYS_FILE": str(self._folder / TRUSTED),
                "CRM_EVENT_RETRY_SECONDS": "[0.1, 0.1]",
                **environment,
            },
            folder=_ROOT,
        )
        self._hosts.append(process)
        return process

    def started_host(self, **environment: str) -> Process:
        """A process of the probe service that consumes."""
        process = self.host(**environment)
        self.start(process)
        return process

    def start(self, process: Process) -> None:
        """Start it and wait until it consumes."""
        before = self._consuming(process)
        process.start()

        def consumes() -> bool:
            process.require_alive()
            return self._consuming(process) > before

        wait_until(consumes, seconds=START_SECONDS)

    def wait_for_queues_on_disk(self) -> None:
        """Before the broker is killed: RabbitMQ 3.10 keeps the names of new quorum queues in memory for 3 seconds.

        One that dies earlier has them back without a leader, which nobody can mend but by deleting them.
        """
        wait_until(lambda: time.monotonic() - self._declared_at > _QUEUES_ON_DISK_SECONDS)

    def says(self, process: Process, text: str) -> int:
        """How often the process has logged this."""
        log = self._folder / f"{process.name}.log"
        return log.read_text().count(text) if log.exists() else 0

    def announce(self, *events: Event) -> None:
        """Publish these in one transaction."""
        with calling(process_named("tester")), self.database.transaction() as db:
            publish(db, *events)

    def rows(self, statement: str, *values: object) -> list[Any]:
        """What a query gives."""
        with self.database.transaction() as db:
            return list(db.connection().exec_driver_sql(statement, values).all())

    def run(self, statement: str, *values: object) -> None:
        """Change the database."""
        with self.database.transaction() as db:
            db.connection().exec_driver_sql(statement, values)

    def effects(self, handler: str) -> list[tuple[UUID, int]]:
        """What a handler has done, as subjects and sequences in order."""
        statement = "SELECT subject::text, sequence FROM effect WHERE handler = %s ORDER BY number"
        return [(UUID(subject), sequence) for subject, sequence in self.rows(statement, handler)]

    def attempts(self, subject: UUID) -> list[int]:
        """The sequences of this subject that were tried, in order, failures included."""
        log = self._folder / "attempts"
        lines = log.read_text().splitlines() if log.exists() else []
        return [int(line.split()[1]) for line in lines if line.startswith(str(subject))]

    def parked(self) -> list[DeadLetter]:
        """What handlers gave up on."""
        with calling(process_named("cli")), self.database.transaction() as db:
            return dead_letters.list_dead_letters(db, ListDeadLetters(limit=200)).items

    def close(self) -> None:
        """End what is left of it."""
        for process in self._hosts:
            process.kill()
        self.database.close()
        with connected(self.broker_url) as channel:
            for queue in queues_of(self._probe):
                channel.queue_delete(queue.name)
            channel.queue_delete(f"crm.dead.{self.service}")

    def queue_length(self, method: str) -> int:
        """How many messages a handler's queue holds for whoever consumes next."""
        return self._length(f"crm.{self.service}.{method}")

    def dead_letters(self) -> int:
        """How many messages no handler could read."""
        return self._length(f"crm.dead.{self.service}")

    def _length(self, queue: str) -> int:
        with connected(self.broker_url) as channel:
            return int(channel.queue_declare(queue, passive=True).message_count)

    def _consuming(self, process: Process) -> int:
        return self.says(process, '"link": "events", "event": "broker connected"')


@pytest.fixture
def rig(tmp_path: Path, session_keeper: Keeper, broker: Broker, database_server: Server) -> Iterator[Rig]:
    """A service with an empty database; its queues are there before anything is published, as after `prepare`."""
    service = f"probe{new_id().hex[-8:]}"
    settings = Settings(database_url=f"{database_server.url}/crm", amqp_url=broker.url, database_connections=30)
    make_keys(tmp_path, [service])
    rig = Rig(tmp_path, keeper=session_keeper, settings=settings, service=service)
    rig.prepare()
    yield rig
    rig.close()


@pytest.fixture
def subscriber(rig: Rig, broker: Broker) -> Iterator[Subscriber]:
    """Listens to everything about things from now on."""
    subscriber = Subscriber(broker.url, queue=f"outside.{rig.service}")
    yield subscriber
    subscriber.close()
