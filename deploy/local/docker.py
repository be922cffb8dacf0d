"""A broker and a database in Docker containers, for machines that can't run them as programs.

Each container belongs to a `docker run` in the foreground, which is stopped and guarded like any other process of the
suite and hands its signals on. The data is a folder of ours, mounted.
"""

import hashlib
import os
import signal
import subprocess
from abc import ABC, abstractmethod

from deploy.local.commands import run
from deploy.local.errors import LaunchError
from deploy.local.kept import kept_secret
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.postgres import answers_sql
from deploy.local.processes import Process
from deploy.local.rabbitmq import answers_amqp
from deploy.local.servers import Place
from deploy.local.waiting import wait_until

POSTGRES_IMAGE = "postgres:17"
RABBITMQ_IMAGE = "rabbitmq:4.4-management"
RABBITMQ_API_PORT = 15672
_PULL_LIMIT = 1800.0
_DOCKER_LIMIT = 60.0
_START_LIMIT = 120.0


class _Container(ABC):
    """A server in a container of one data folder."""

    kind: str
    image: str
    inner_port: int
    inner_folder: str
    stop_signal = signal.SIGTERM

    def __init__(self, place: Place) -> None:
        self._folder = place.folder
        self._progress = place.progress
        self._name = f"tideline-{self.kind}-{hashlib.sha256(str(place.folder).encode()).hexdigest()[:12]}"
        self._password = kept_secret(place.folder / "password")
        self._port = free_port()
        self._process = Process(
            self.kind,
            self._command(),
            keeper=place.keeper,
            log=place.logs / f"{self.kind}.log",
            environment={**os.environ, **self._variables()},
            folder=place.folder,
            stop_signal=self.stop_signal,
            grace=30.0,
        )

    @property
    @abstractmethod
    def url(self) -> str:
        """Where the server is, with user and password."""

    @property
    def alive(self) -> bool:
        """Whether the container runs."""
        return self._process.alive

    def start(self) -> None:
        """Get the image when it is not there, start the container, return when the server answers."""
        if not self.alive:
            self._require_image()
            _docker("rm", "--force", self._name)  # what a killed launcher may have left
            self._process.start()
        wait_until(
            self._ready,
            limit=_START_LIMIT,
            otherwise=lambda: f"{self.kind} does not answer in its container. {self._process.last_words()}",
        )

    def stop(self) -> None:
        """Shut the server down; Docker removes the container, the data stays."""
        self._process.stop()

    def kill(self) -> None:
        """SIGKILL to all of the container."""
        _docker("kill", self._name)
        self._process.kill()

    @abstractmethod
    def _variables(self) -> dict[str, str]:
        """What the image's start script reads."""

    def _arguments(self) -> list[str]:
        return []

    def _more_ports(self) -> dict[int, int]:
        """Ports of this machine and what they lead to in the container, beside the main one."""
        return {}

    @abstractmethod
    def _answers(self) -> bool:
        """Whether the server takes clients."""

    def _ready(self) -> bool:
        self._process.require_alive()
        return self._answers()

    def _command(self) -> list[str]:
        return [
            *("docker", "run", "--rm", "--name", self._name, "--shm-size", "256m"),
            *(
                word
                for outer, inner in {self._port: self.inner_port, **self._more_ports()}.items()
                for word in ("--publish", f"{LOOPBACK}:{outer}:{inner}")
            ),
            *("--volume", f"{self._folder / 'data'}:{self.inner_folder}"),
            # By name alone: the values would show in the machine's list of processes.
            *(word for name in self._variables() for word in ("--env", name)),
            *(self.image, *self._arguments()),
        ]

    def _require_image(self) -> None:
        if _docker("image", "inspect", self.image).returncode != 0:
            with self._progress.step(f"Getting the image {self.image}, once", f"{self.image} is here"):
                pulled = _docker("pull", "--quiet", self.image, limit=_PULL_LIMIT)
            if pulled.returncode != 0:
                raise LaunchError(f"docker pull {self.image} failed: {pulled.stderr.strip()}")


class DockerPostgres(_Container):
    """PostgreSQL in a container."""

    kind = "postgres"
    image = POSTGRES_IMAGE
    inner_port = 5432
    inner_folder = "/tideline"
    stop_signal = signal.SIGINT  # a fast shutdown: SIGTERM would wait for every client to leave

    @property
    def url(self) -> str:
        """Where the server is, with user and password and without a database."""
        return f"postgresql://postgres:{self._password}@{LOOPBACK}:{self._port}"

    def _variables(self) -> dict[str, str]:
        return {
            "PGDATA": f"{self.inner_folder}/data",
            "POSTGRES_PASSWORD": self._password,
            "POSTGRES_INITDB_ARGS": "--encoding=UTF8 --locale=C.UTF-8",
        }

    def _arguments(self) -> list[str]:
        return ["-c", "max_connections=300"]

    def _answers(self) -> bool:
        return answers_sql(self.url)


class DockerRabbit(_Container):
    """RabbitMQ in a container."""

    kind = "rabbitmq"
    image = RABBITMQ_IMAGE
    inner_port = 5672
    inner_folder = "/var/lib/rabbitmq"

    def __init__(self, place: Place) -> None:
        self._api_port = free_port()
        super().__init__(place)

    @property
    def url(self) -> str:
        """Where the node is, with user and password."""
        return f"amqp://crm:{self._password}@{LOOPBACK}:{self._port}/%2f"

    @property
    def api_url(self) -> str:
        """Where its management API is, with user and password."""
        return f"http://crm:{self._password}@{LOOPBACK}:{self._api_port}"

    def ctl(self, *arguments: str) -> str:
        """What rabbitmqctl with these arguments prints about this node."""
        done = _docker("exec", self._name, "rabbitmqctl", *arguments)
        if done.returncode != 0:
            raise LaunchError(f"rabbitmqctl {' '.join(arguments)} failed: {done.stderr.strip()}")
        return done.stdout

    def _variables(self) -> dict[str, str]:
        return {
            "RABBITMQ_NODENAME": "tideline@localhost",
            "RABBITMQ_DEFAULT_USER": "crm",
            "RABBITMQ_DEFAULT_PASS": self._password,
        }

    def _more_ports(self) -> dict[int, int]:
        return {self._api_port: RABBITMQ_API_PORT}

    def _answers(self) -> bool:
        return answers_amqp(self._port)


def _docker(*arguments: str, limit: float = _DOCKER_LIMIT) -> subprocess.CompletedProcess[str]:
    return run(["docker", *arguments], limit=limit)
