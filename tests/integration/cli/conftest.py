"""A whole suite for the crm command, on a virtual host and databases of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from deploy.local.scale import GATEWAY, SERVICES
from deploy.local.servers import Broker, Server
from deploy.local.suite import COMMAND_LINE, PROJECT, Suite
from servicekit.database import Database, new_id
from servicekit.settings import Settings

_COMMAND_SECONDS = 100


class House:
    """The suite, its databases, and the command."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.amqp_url = suite.settings_of(COMMAND_LINE)["CRM_AMQP_URL"]
        settings = Settings(database_url=suite.settings_of(COMMAND_LINE)["CRM_DATABASE_URL"])
        self.databases = {name: Database(settings, name) for name in SERVICES}

    def crm(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run the command to its end."""
        settings = self.suite.settings_of(COMMAND_LINE)
        return subprocess.run(
            [sys.executable, "-m", "deploy.cli", *arguments],
            env={**os.environ, **settings, **environment, "COLUMNS": "200"},
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            check=False,
        )

    def answer(self, *arguments: str, **environment: str) -> dict[str, Any]:
        """What it says to programs."""
        done = self.crm(*arguments, "--json", **environment)
        assert done.stdout, done.stderr
        said: dict[str, Any] = json.loads(done.stdout)
        return said

    def rows(self, service: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query of a service's database gives."""
        with self.databases[service].transaction() as db:
            return [tuple(row) for row in db.connection().exec_driver_sql(statement, values)]

    def run(self, service: str, statement: str) -> None:
        """Change a service's database behind its back."""
        with self.databases[service].transaction() as db:
            db.connection().exec_driver_sql(statement)


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory, broker: Broker, database_server: Server) -> Iterator[House]:
    """All services, without a gateway."""
    name = f"cli_{new_id().hex[-8:]}"
    user = str(urlsplit(broker.url).username)
    broker.ctl("add_vhost", name)
    broker.ctl("set_permissions", "-p", name, user, ".*", ".*", ".*")
    environment = {
        "CRM_AMQP_URL": urlsplit(broker.url)._replace(path=f"/{name}").geturl(),
        "CRM_DATABASE_URL": f"{database_server.url}/{name}",
        "CRM_EVENT_RETRY_SECONDS": "[0.1, 0.1]",
    }
    with Suite(tmp_path_factory.mktemp("suite"), scale={GATEWAY: 0}, environment=environment) as suite:
        house = House(suite)
        yield house
        for database in house.databases.values():
            database.close()
    broker.ctl("delete_vhost", name)
