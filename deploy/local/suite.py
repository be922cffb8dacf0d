"""A whole suite in one folder: broker, database, keys, services and gateway. `make run` and the tests use the same."""

import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from io import StringIO
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from deploy.local import provision
from deploy.local.keeper import Keeper
from deploy.local.ports import LOOPBACK, free_port, reachable, require_free
from deploy.local.probe import says_ready
from deploy.local.processes import Process
from deploy.local.progress import Progress
from deploy.local.scale import GATEWAY, SERVICES, replicas
from deploy.local.servers import Broker, Place, Server
from deploy.local.waiting import wait_until

PROJECT = Path(__file__).parents[2]
COMMAND_LINE = "cli"
_PREPARE_LIMIT = 120.0
_READY_LIMIT = 120.0


class Suite:
    """Started by `with`, stopped at its end. All it keeps is in its folder, and its ports are free ones of its own."""

    broker: Broker
    database: Server

    def __init__(
        self,
        folder: Path,
        *,
        services: tuple[str, ...] = SERVICES,
        scale: Mapping[str, int] | None = None,
        environment: Mapping[str, str] | None = None,
        progress: Progress | None = None,
        code: Path = PROJECT,
    ) -> None:
        """`environment` holds CRM_ settings for every process; it may name a broker and a database to use as well."""
        self.folder = folder.resolve()
        self.processes: dict[str, Process] = {}
        self._services = services
        self._kinds = replicas(services, scale or {})
        self._telemetry_ports = {name: free_port() for name in self._kinds}
        self._settings = {"CRM_HOST": LOOPBACK, "CRM_PORT": str(free_port()), **(environment or {})}
        self._progress = progress or Progress(StringIO())
        self._code = code
        self._running = ExitStack()

    @property
    def gateway_url(self) -> str:
        """Where the suite is reached from this machine."""
        return f"http://{reachable(self._settings['CRM_HOST'])}:{self._settings['CRM_PORT']}"

    def telemetry_url(self, name: str) -> str:
        """Where one process serves /healthz, /readyz and /metrics."""
        # A service is nobody's business outside this machine, wherever the gateway listens.
        host = reachable(self._settings["CRM_HOST"]) if self._kinds[name] == GATEWAY else LOOPBACK
        return f"http://{host}:{self._telemetry_ports[name]}"

    def __getitem__(self, name: str) -> Process:
        """One process by its name: `pool`, and where there are two of them `pool-2`."""
        return self.processes[name]

    def start(self, name: str) -> None:
        """Start one process again and return when it is ready."""
        self.processes[name].start()
        self._wait_ready(name)

    def settings_of(self, kind: str) -> dict[str, str]:
        """The CRM_ variables of one kind of process; `cli` is the command line tool."""
        keys = self.folder / "keys"
        return {
            "CRM_TEST_CLOCK_FILE": str(self.folder / "clock"),
            **self._settings,
            "CRM_DATABASE_URL": _with_base_name(self.database.url),
            "CRM_AMQP_URL": self.broker.url,
            # Only who administers the broker is told how.
            **({"CRM_RABBITMQ_API_URL": self.broker.api_url} if kind == COMMAND_LINE and self.broker.api_url else {}),
            "CRM_SIGNING_KEY_FILE": str(keys / f"{kind}.pem"),
            "CRM_TRUSTED_KEYS_FILE": str(keys / "trusted.json"),
            "CRM_FILES_URL": str(self.folder / "files"),
            "CRM_DATA_DIR": str(self.folder),
            "CRM_URL": self.gateway_url,
        }

    def command(self, module: str, *arguments: str) -> Process:
        """A Python module that works on this suite and speaks to the person at the terminal, not started yet."""
        settings = {"PYTHONPATH": str(self._code / "clients" / "python"), **self.settings_of(COMMAND_LINE)}
        return self._python(module, module, *arguments, settings=settings, log=None)

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            self._keeper = starting.enter_context(Keeper(self.folder))
            if GATEWAY in self._kinds:
                require_free(self._settings["CRM_HOST"], self._settings["CRM_PORT"])
            self._provide_servers(starting)
            preparation = self._begin_preparation(starting)
            self._start_servers()
            with self._progress.step("Preparing databases and queues", "Databases and queues are prepared"):
                for process in preparation:
                    process.finish(limit=_PREPARE_LIMIT)
            self._start_processes(starting)
            self._running = starting.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._running.close()

    def _provide_servers(self, starting: ExitStack) -> None:
        self.broker = provision.broker(
            self._place("rabbitmq"),
            given=self._settings.get("CRM_AMQP_URL"),
            given_api=self._settings.get("CRM_RABBITMQ_API_URL", ""),
        )
        starting.callback(self.broker.stop)
        self.database = provision.database(self._place("postgres"), given=self._settings.get("CRM_DATABASE_URL"))
        starting.callback(self.database.stop)

    def _place(self, name: str) -> Place:
        return Place(self.folder / name, self.folder / "logs", self._keeper, self._progress)

    def _begin_preparation(self, starting: ExitStack) -> list[Process]:
        """Both load their code while the servers start; the second waits for these by itself."""
        keys = (str(self.folder / "keys"), *self._services, GATEWAY, COMMAND_LINE)
        settings = {"CRM_START_WAIT_SECONDS": str(_PREPARE_LIMIT), **self.settings_of(COMMAND_LINE)}
        begun = [
            self._python("keys", "servicekit.keys", *keys, settings={}, log=self.log_of("keys")),
            self._python(
                "prepare", "servicekit.prepare", *self._services, settings=settings, log=self.log_of("prepare")
            ),
        ]
        for process in begun:
            starting.callback(process.kill)
            process.start()
        return begun

    def _start_servers(self) -> None:
        """Side by side: they don't need each other, and the broker takes seconds."""
        with ThreadPoolExecutor() as pool:
            for started in [
                pool.submit(self._start_server, "RabbitMQ", self.broker),
                pool.submit(self._start_server, "PostgreSQL", self.database),
            ]:
                started.result()

    def _start_server(self, name: str, server: Server) -> None:
        with self._progress.step(f"Starting {name}", f"{name} is ready"):
            server.start()

    def _start_processes(self, starting: ExitStack) -> None:
        names = " ".join(self._kinds)
        with self._progress.step(f"Starting {names}", "All of them are ready"):
            starting.callback(self._stop_processes)
            for name, kind in self._kinds.items():
                self.processes[name] = self._hosted(name, kind)
                self.processes[name].start()
            for name in self._kinds:
                self._wait_ready(name)

    def _hosted(self, name: str, kind: str) -> Process:
        settings = self.settings_of(kind) | {"CRM_TELEMETRY_PORT": str(self._telemetry_ports[name])}
        if kind == GATEWAY:
            return self._python(name, "gateway.run", settings=settings, log=self.log_of(name))
        return self._python(
            name, "servicekit.run", kind, settings=settings | {"CRM_HOST": LOOPBACK}, log=self.log_of(name)
        )

    def _python(
        self, name: str, module: str, *arguments: str, settings: Mapping[str, str], log: Path | None
    ) -> Process:
        return Process(
            name,
            [sys.executable, "-m", module, *arguments],
            keeper=self._keeper,
            log=log,
            environment={**_surroundings(), **settings},
            folder=self._code,
        )

    def log_of(self, name: str) -> Path:
        """Where a process writes its log."""
        return self.folder / "logs" / f"{name}.log"

    def _wait_ready(self, name: str) -> None:
        process = self.processes[name]

        def ready() -> bool:
            process.require_alive()
            return says_ready(self.telemetry_url(name))

        wait_until(ready, limit=_READY_LIMIT, otherwise=lambda: f"{name} is not ready. {process.last_words()}")

    def _stop_processes(self) -> None:
        """The gateways first, so that nothing new arrives while the services finish what they have in hand."""
        gateways = [process for name, process in self.processes.items() if self._kinds[name] == GATEWAY]
        services = [process for name, process in self.processes.items() if self._kinds[name] != GATEWAY]
        for group in (gateways, services):
            for process in group:
                process.ask_to_stop()
            for process in group:
                process.stop()


def _with_base_name(url: str) -> str:
    """A server's URL with the name that its databases begin with: `…/crm` gives crm_pool, crm_customer and so on."""
    parts = urlsplit(url)
    return url if parts.path.strip("/") else urlunsplit(parts._replace(path="/crm"))


def _surroundings() -> dict[str, str]:
    """The caller's environment without its CRM_ variables: what a suite is made of is said by its maker."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
