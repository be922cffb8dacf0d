"""A private RabbitMQ node: own data folder, own ports on the loopback address, own user, own port mapper.

The machine's own RabbitMQ, its configuration files and its Erlang port mapper are neither used nor touched.
"""

import os
import shutil
import socket
from pathlib import Path

from deploy.local.commands import run
from deploy.local.errors import LaunchError
from deploy.local.kept import kept_secret
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.processes import Process
from deploy.local.servers import Place
from deploy.local.waiting import wait_until

_NODE = "tideline@localhost"
_LOOPBACK_ONLY = "-kernel inet_dist_use_interface {127,0,0,1}"
_START_LIMIT = 120.0
_STOP_GRACE = 20.0
_CTL_LIMIT = 60.0
_CONNECT_SECONDS = 2.0


class PrivateRabbit:
    """A RabbitMQ node that belongs to one data folder and one launcher."""

    def __init__(self, place: Place, *, programs: Path) -> None:
        self._folder = place.folder
        self._programs = programs
        self._port = free_port()
        self._api_port = free_port()
        self._mapper_port = free_port()
        self._password = _prepare(place.folder, port=self._port, api_port=self._api_port)
        self._environment = _environment(place.folder, port=self._port, mapper_port=self._mapper_port)
        self._mapper = self._process("epmd", _port_mapper(), place)
        self._node = self._process("rabbitmq", str(programs / "rabbitmq-server"), place)

    @property
    def url(self) -> str:
        """Where the node is, with user and password."""
        return f"amqp://crm:{self._password}@{LOOPBACK}:{self._port}/%2f"

    @property
    def api_url(self) -> str:
        """Where its management API is, with user and password; it listens before the node takes clients."""
        return f"http://crm:{self._password}@{LOOPBACK}:{self._api_port}"

    @property
    def alive(self) -> bool:
        """Whether the node and its port mapper run."""
        return self._mapper.alive and self._node.alive

    def start(self) -> None:
        """Start the port mapper and the node; return when it takes clients."""
        self._mapper.start()
        wait_until(
            lambda: _listens(self._mapper_port),
            limit=_START_LIMIT,
            otherwise=lambda: f"Erlang's epmd does not answer. {self._mapper.last_words()}",
        )
        self._node.start()
        wait_until(
            self._answers,
            limit=_START_LIMIT,
            otherwise=lambda: f"RabbitMQ does not answer. {self._node.last_words()}",
        )

    def stop(self) -> None:
        """Shut the node down, then its port mapper."""
        self._node.stop()
        self._mapper.stop()

    def kill(self) -> None:
        """SIGKILL to the whole node."""
        self._node.kill()
        self._mapper.kill()

    def ctl(self, *arguments: str) -> str:
        """What rabbitmqctl with these arguments prints about this node."""
        command = [str(self._programs / "rabbitmqctl"), *arguments]
        done = run(command, limit=_CTL_LIMIT, environment=self._environment, folder=self._folder)
        if done.returncode != 0:
            raise LaunchError(f"rabbitmqctl {' '.join(arguments)} failed: {done.stderr.strip()}")
        return done.stdout

    def _answers(self) -> bool:
        self._node.require_alive()
        return answers_amqp(self._port)

    def _process(self, name: str, program: str, place: Place) -> Process:
        return Process(
            name,
            [program],
            keeper=place.keeper,
            log=place.logs / f"{name}.log",
            environment=self._environment,
            folder=self._folder,
            grace=_STOP_GRACE,
        )


def _environment(folder: Path, *, port: int, mapper_port: int) -> dict[str, str]:
    """All that the node and rabbitmqctl read from outside; nothing of the machine's own configuration."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "HOME": str(folder),  # the Erlang cookie is kept there
        "ERL_EPMD_PORT": str(mapper_port),
        "ERL_EPMD_ADDRESS": LOOPBACK,
        "RABBITMQ_NODENAME": _NODE,
        "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{_LOOPBACK_ONLY} -start_epmd false",
        "RABBITMQ_CTL_ERL_ARGS": f"{_LOOPBACK_ONLY} -start_epmd false",
    }


def _prepare(folder: Path, *, port: int, api_port: int) -> str:
    """Write the node's files and give its password, which is made on first use."""
    folder.mkdir(parents=True, exist_ok=True)
    password = kept_secret(folder / "password")
    kept_secret(folder / ".erlang.cookie", mode=0o400)
    (folder / "rabbitmq-env.conf").write_text("")
    (folder / "advanced.config").write_text("[].\n")
    (folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
    configuration = folder / "rabbitmq.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(
        f"listeners.tcp.1 = {LOOPBACK}:{port}\n"
        f"management.tcp.ip = {LOOPBACK}\n"
        f"management.tcp.port = {api_port}\n"
        "default_user = crm\n"
        f"default_pass = {password}\n"
        # Fixed and small: a limit in proportion to memory or disk blocks every publisher on a well-filled machine.
        "disk_free_limit.absolute = 50MB\n"
    )
    return password


def _port_mapper() -> str:
    epmd = shutil.which("epmd")
    if epmd is None:
        raise LaunchError("RabbitMQ needs Erlang's epmd, and it is not on the PATH. Add Erlang's bin folder to PATH.")
    return epmd


def _listens(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=_CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def answers_amqp(port: int) -> bool:
    """Whether an AMQP server answers the protocol's opening with its own: a bare connect succeeds too early."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=_CONNECT_SECONDS) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return connection.recv(1) == b"\x01"  # a method frame: connection.start
    except OSError:
        return False
