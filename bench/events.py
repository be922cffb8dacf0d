"""Events: relay and handlers per second and their CPU, beside bare AMQP with confirms in one run; commit to effect.

The floors do less by design: the bare publisher reads no outbox and marks nothing, the bare consumer has no effect.
"""

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import sqlalchemy

from bench.events_peers import EXCHANGE, FLOOR_QUEUE, BatchService, BenchService, Measured
from bench.measure import calibration_ms, cpu_seconds, descendants, median, progress, report
from deploy.local import provision
from deploy.local.keeper import Keeper
from deploy.local.progress import Progress
from deploy.local.servers import Place
from servicekit import amqp, context
from servicekit.database import Database, new_id
from servicekit.events import declare_topology
from servicekit.keys import make_keys
from servicekit.messaging_tables import METADATA
from servicekit.outbox import publish
from servicekit.settings import Settings

_ROUNDS = 5
_EVENTS = 5_000
_IDLE_EVENTS = 200
_IDLE_SECONDS = 0.02
_LIMIT_SECONDS = 120
RELAY, HANDLER, BATCHES = "Tideline relay", "Tideline handler, one insert", "Tideline handler in batches"
_TEXT = "A customer of ours changed its name, its address and two of its phones. " * 5
_SUBJECTS = [new_id() for _ in range(500)]
"""As many records as are spoken of at a time; their events keep their order."""


class Peer:
    """One process of bench/events_peers.py."""

    def __init__(self, role: str, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.events_peers", role],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid = self._process.pid
        if self._line() != "ready":
            raise RuntimeError(f"the {role} process did not start")

    def round(self, count: int, body: str) -> dict[str, float]:
        """Have it publish or consume so many."""
        if self._process.stdin is None:
            raise RuntimeError("the process has no pipe")
        self._process.stdin.write(f"{count} {body}\n")
        self._process.stdin.flush()
        spent: dict[str, float] = json.loads(self._line())
        if spent["done"] != count:
            raise RuntimeError(f"{spent['done']} of {count} done")
        return spent

    @contextmanager
    def held(self) -> Iterator[None]:
        """Freeze it while its work is laid out."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def _line(self) -> str:
        if self._process.stdout is None or not select.select([self._process.stdout], [], [], _LIMIT_SECONDS)[0]:
            raise RuntimeError("no answer in time")
        return self._process.stdout.readline().strip()


class Bench:
    """Broker, database and peers of one run."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        keeper = stack.enter_context(Keeper(folder))
        broker = provision.broker(Place(folder / "rabbitmq", folder / "logs", keeper, Progress(sys.stderr)), given=None)
        server = provision.database(
            Place(folder / "postgres", folder / "logs", keeper, Progress(sys.stderr)), given=None
        )
        for each in (broker, server):
            each.start()
            stack.callback(each.stop)
        make_keys(folder / "keys", [BenchService.name, BatchService.name])
        self.settings = Settings(database_url=f"{server.url}/crm", amqp_url=broker.url)
        self.database = _made_database(self.settings, BenchService.name)
        self.batches = _made_database(self.settings, BatchService.name)
        stack.callback(self.database.close)
        stack.callback(self.batches.close)
        self._declare()
        self.broker_pids = _servers(folder / "rabbitmq", "beam.smp")
        self.database_pid = _servers(folder / "postgres", "postgres")[0]
        environment = {
            **os.environ,
            "CRM_DATABASE_URL": self.settings.database_url,
            "CRM_AMQP_URL": broker.url,
            "CRM_SIGNING_KEY_FILE": str(folder / "keys" / "bench.pem"),
            "CRM_TRUSTED_KEYS_FILE": str(folder / "keys" / "trusted.json"),
        }
        self.peers = {role: Peer(role, environment) for role in ("relay", "handle", "batch", "publish", "consume")}
        for peer in self.peers.values():
            stack.callback(peer.close)

    def commit(self, count: int) -> None:
        """Publish so many events in one transaction."""
        caller = context.Caller(id="bench", name="bench", kind="system")
        with context.working(context.Work(caller=caller)), self.database.transaction() as db:
            subjects = (_SUBJECTS[n % len(_SUBJECTS)] for n in range(count))
            publish(db, *(Measured(thing_id=subject, text=_TEXT) for subject in subjects))

    def value(self, query: str, *, database: Database | None = None) -> int:
        """A number from a database, that of the relay and the single handlers if none is named."""
        with (database or self.database).transaction() as db:
            return int(db.connection().exec_driver_sql(query).scalar_one())

    def length(self, queue: str) -> int:
        """How many messages wait in a queue."""
        connection = amqp.connect(self.settings.amqp_url)
        length = int(connection.channel().queue_declare(queue, passive=True).message_count)
        amqp.abandon(connection)
        return length

    def cpu(self, peer: Peer) -> dict[str, float]:
        """CPU seconds so far, by who spent them."""
        return {
            "process": cpu_seconds([peer.pid]),
            "database": _family_seconds(self.database_pid),
            "broker": cpu_seconds(self.broker_pids),
        }

    def _declare(self) -> None:
        connection = amqp.connect(self.settings.amqp_url)
        channel = connection.channel()
        for service in (BenchService, BatchService):
            declare_topology(channel, service)
        channel.queue_declare(FLOOR_QUEUE, durable=True, auto_delete=False, arguments={"x-queue-type": "quorum"})
        channel.queue_bind(FLOOR_QUEUE, EXCHANGE, FLOOR_QUEUE)
        connection.close()


def floors(bench: Bench) -> Iterator[tuple[str, dict[str, float]]]:
    """Publish and consume the same bodies with nothing round them."""
    body = json.dumps({"data": {"text": _TEXT}, "like": "x" * 450})
    for role, what in (("publish", "bare publisher, confirms per 500"), ("consume", "bare consumer, ack each")):
        peer = bench.peers[role]
        before = bench.cpu(peer)
        spent = peer.round(_EVENTS, body)
        yield what, _figures(before, bench.cpu(peer), spent["seconds"])
    if bench.length(FLOOR_QUEUE):
        raise RuntimeError("the bare consumer left messages")


def relay_then_handle(bench: Bench) -> Iterator[tuple[str, dict[str, float]]]:
    """A backlog through the relay while the handlers stand still, then the same backlog through the handlers."""
    relay, handle, batch = bench.peers["relay"], bench.peers["handle"], bench.peers["batch"]
    done = bench.value("SELECT count(*) FROM effect")
    with batch.held():
        with handle.held():
            with relay.held():
                bench.commit(_EVENTS)
                before = bench.cpu(relay)
            seconds = _until(lambda: not bench.value("SELECT count(*) FROM outbox WHERE published_at IS NULL"))
            yield RELAY, _figures(before, bench.cpu(relay), seconds)
            before = bench.cpu(handle)
        seconds = _effects(bench, bench.database, done + _EVENTS)
        yield HANDLER, _figures(before, bench.cpu(handle), seconds)
        before = bench.cpu(batch)
    seconds = _effects(bench, bench.batches, done + _EVENTS)
    yield BATCHES, _figures(before, bench.cpu(batch), seconds)
    _check(bench)


def _effects(bench: Bench, database: Database, count: int) -> float:
    """Seconds until so many effects are there. A sequence costs nothing to ask; afterwards what is committed counts."""
    last = "SELECT last_value FROM effect_number_seq"
    seconds = _until(lambda: bench.value(last, database=database) >= count)
    _until(lambda: bench.value("SELECT count(*) FROM effect", database=database) == count)
    return seconds


def commit_to_effect(bench: Bench) -> list[float]:
    """Milliseconds from a commit's return to the news that its effect is committed, nothing else going on."""
    url = bench.database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    listening = psycopg2.connect(url)
    listening.autocommit = True
    listening.cursor().execute("LISTEN effect")
    taken = []
    for _ in range(_IDLE_EVENTS):
        bench.commit(1)
        began = time.perf_counter()
        while not listening.notifies:
            if not select.select([listening], [], [], _LIMIT_SECONDS)[0]:
                raise RuntimeError("an event had no effect")
            listening.poll()
        taken.append((time.perf_counter() - began) * 1000)
        listening.notifies.clear()
        time.sleep(_IDLE_SECONDS)
    listening.close()
    return taken


def main() -> None:
    """Measure everything in turn, several rounds, so that a drift of the machine meets all of it."""
    found: dict[str, list[dict[str, float]]] = {}
    latencies: list[list[float]] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tideline-bench-")))
        bench = Bench(stack, folder)
        for number in range(_ROUNDS + 1):
            warming_up = number == 0
            progress("warming up" if warming_up else f"round {number} of {_ROUNDS}, {_conditions()}")
            measured = [*floors(bench), *relay_then_handle(bench)]
            with bench.peers["batch"].held():
                latency = commit_to_effect(bench)
            if not warming_up:
                latencies.append(latency)
                for what, figures in measured:
                    found.setdefault(what, []).append(figures)
        _check(bench)
    report("events", _rows(found), events_per_round=_EVENTS, rounds=_ROUNDS, load=os.getloadavg()[0])
    report("events_latency", [_latency_row(latencies)], events_per_round=_IDLE_EVENTS, rounds=_ROUNDS)


def _made_database(settings: Settings, service: str) -> Database:
    database = Database(settings, service)
    url = database.engine.url
    server = sqlalchemy.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {url.database}")
    server.dispose()
    METADATA.create_all(database.engine)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE effect (number bigserial, event_id uuid)")
    return database


def _check(bench: Bench) -> None:
    """Refuse figures of a run in which an event was lost, doubled or put off."""
    published = bench.value("SELECT count(*) FROM outbox")
    for database in (bench.database, bench.batches):
        counted = (("*", "effect"), ("DISTINCT event_id", "effect"), ("*", "event_retry"))
        _until(lambda: bench.value("SELECT count(*) FROM effect", database=database) >= published)  # noqa: B023  called at once
        effects, distinct, put_off = (
            bench.value(f"SELECT count({what}) FROM {table}", database=database)  # noqa: S608  both ours
            for what, table in counted
        )
        if not (published == effects == distinct) or put_off:
            raise RuntimeError(f"{published} events had {effects} effects, {distinct} different, {put_off} put off")


def _until(done: Callable[[], bool]) -> float:
    began = time.perf_counter()
    while not done():
        if time.perf_counter() - began > _LIMIT_SECONDS:
            raise RuntimeError("not done in time")
        time.sleep(0.01)
    return time.perf_counter() - began


def _figures(before: dict[str, float], after: dict[str, float], seconds: float) -> dict[str, float]:
    spent = {f"{who} ms": (after[who] - before[who]) * 1000 / _EVENTS for who in before}
    return {**spent, "CPU ms per event": sum(spent.values()), "events per s": _EVENTS / seconds}


def _servers(folder: Path, program: str) -> list[int]:
    """A server and its children; its folder stands in its command line."""
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if program.encode() in command.split(b"\0")[0] and str(folder).encode() in command:
            return descendants(int(entry.name))
    raise RuntimeError(f"the process of {program} can't be found")


def _family_seconds(pid: int) -> float:
    """CPU time of a server and its workers, also of those that have ended: autovacuum's come and go."""
    while True:
        try:
            ended = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[13:15]
            return cpu_seconds(descendants(pid)) + sum(map(int, ended)) / os.sysconf("SC_CLK_TCK")
        except FileNotFoundError:
            continue  # one ended just now


def _conditions() -> str:
    return f"calibration {calibration_ms():.0f} ms, load {os.getloadavg()[0]:.1f}"


def _rows(found: dict[str, list[dict[str, float]]]) -> list[dict[str, Any]]:
    figures = {
        what: {name: median([each[name] for each in rounds]) for name in rounds[0]} for what, rounds in found.items()
    }
    publisher, consumer, *_ = figures.values()
    floor = {RELAY: publisher, HANDLER: consumer, BATCHES: consumer}
    return [
        {"what": what, **row, "x floor": row["CPU ms per event"] / floor.get(what, row)["CPU ms per event"]}
        for what, row in figures.items()
    ]


def _latency_row(rounds: list[list[float]]) -> dict[str, Any]:
    ordered = [sorted(each) for each in rounds]
    return {
        "what": "commit to committed effect, idle, ms",
        **{
            name: median([each[int(len(each) * share)] for each in ordered])
            for name, share in (("p50", 0.5), ("p99", 0.99))
        },
        "worst": max(each[-1] for each in ordered),
    }


if __name__ == "__main__":
    main()
