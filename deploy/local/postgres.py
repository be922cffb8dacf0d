"""A private PostgreSQL server: own data folder, own port on the loopback address, own password."""

import contextlib
import os
import pwd
import shutil
import signal
from pathlib import Path

import psutil
import psycopg2

from deploy.local.commands import run
from deploy.local.errors import LaunchError
from deploy.local.kept import kept_secret
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.processes import Process
from deploy.local.servers import Place
from deploy.local.waiting import wait_until

_START_LIMIT = 120.0
_INIT_LIMIT = 120.0
_CONNECT_SECONDS = 5
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "300",
    "logging_collector": "off",
}


class PrivatePostgres:
    """A PostgreSQL server that belongs to one data folder and one launcher."""

    def __init__(self, place: Place, *, programs: Path) -> None:
        self._folder = place.folder
        self._data = place.folder / "data"
        self._programs = programs
        self._password = kept_secret(place.folder / "password")
        self._port = free_port()
        settings = _SETTINGS | {"port": str(self._port)}
        self._process = Process(
            "postgres",
            self._command("postgres", *(word for item in settings.items() for word in ("-c", "=".join(item)))),
            keeper=place.keeper,
            log=place.logs / "postgres.log",
            environment=_environment(),
            folder=place.folder,
            stop_signal=signal.SIGINT,  # a fast shutdown: SIGTERM would wait for every client to leave
        )

    @property
    def url(self) -> str:
        """Where the server is, with user and password and without a database."""
        return f"postgresql://postgres:{self._password}@{LOOPBACK}:{self._port}"

    @property
    def alive(self) -> bool:
        """Whether the server runs."""
        return self._process.alive

    def start(self) -> None:
        """Make the data when there is none, start the server, return when it answers."""
        if not self._data.exists():
            self._make_data()
        self._process.start()
        wait_until(
            self._answers,
            limit=_START_LIMIT,
            otherwise=lambda: f"PostgreSQL does not answer. {self._process.last_words()}",
        )

    def stop(self) -> None:
        """Disconnect every client and shut down."""
        self._process.stop()

    def kill(self) -> None:
        """SIGKILL to the server and all its workers."""
        # The workers lead sessions of their own, so killing the server's process group leaves them.
        workers = psutil.Process(self._process.pid).children() if self._process.alive else []
        self._process.kill()
        for worker in workers:
            with contextlib.suppress(psutil.NoSuchProcess):
                worker.kill()
        wait_until(
            lambda: not any(_runs(worker) for worker in workers),
            limit=_START_LIMIT,
            otherwise="PostgreSQL's workers outlived SIGKILL.",
        )

    def _answers(self) -> bool:
        self._process.require_alive()
        return answers_sql(self.url)

    def _make_data(self) -> None:
        """Fill a new folder and only then give it its name: an interrupted attempt is thrown away, not continued."""
        unfinished = self._folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        command = [
            *self._command("initdb", data=unfinished),
            *("--username=postgres", f"--pwfile={self._folder / 'password'}", "--auth=scram-sha-256"),
            *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
        ]
        made = run(command, limit=_INIT_LIMIT, environment=_environment(), folder=self._folder)
        if made.returncode != 0:
            raise LaunchError(f"PostgreSQL's data folder could not be made. initdb says: {made.stderr.strip()}")
        unfinished.rename(self._data)

    def _command(self, program: str, *arguments: str, data: Path | None = None) -> list[str]:
        return [*_unprivileged(), str(self._programs / program), "-D", str(data or self._data), *arguments]


def answers_sql(url: str) -> bool:
    """Whether a PostgreSQL server takes clients there."""
    try:
        psycopg2.connect(url, connect_timeout=_CONNECT_SECONDS).close()
    except psycopg2.OperationalError:
        return False
    return True


def _environment() -> dict[str, str]:
    """Nothing of the caller's PG* variables reaches the private server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def _runs(worker: psutil.Process) -> bool:
    """A worker that is dead and waits for init to collect it no longer counts."""
    try:
        return worker.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _unprivileged() -> list[str]:
    """How to start a program that refuses to run as root: nothing to add for anyone else.

    The server runs as another user then, and of root's powers keeps one: to reach the data folder and the programs
    wherever they are, often under root's own home. Opening those folders to everybody would be the worse choice.
    """
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise LaunchError(
            "PostgreSQL refuses to run as root. Install util-linux (it brings setpriv) or use another user."
        )
    user = next(entry for name in ("postgres", "nobody") for entry in pwd.getpwall() if entry.pw_name == name)
    return [
        *(setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"),
        *("--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"),
    ]
