"""The echo service as a running process, and callers as others."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import psycopg2
import pytest
import sqlalchemy

from deploy.local.keeper import Keeper
from deploy.local.ports import free_port
from deploy.local.probe import says_ready
from deploy.local.processes import Process
from deploy.local.servers import Broker, Server
from deploy.local.suite import PROJECT
from deploy.local.waiting import wait_until
from servicekit.keys import make_keys
from servicekit.messaging_tables import METADATA
from servicekit.settings import Settings

Scenario = Callable[[str], dict[str, Any]]
StartScenario = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def environment(broker: Broker, database_server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings of the processes of a test; keys are made and the database is there."""
    folder = tmp_path_factory.mktemp("rpc")
    make_keys(folder, ["echo", "caller"])
    _make_database(database_server.url)
    return {
        "CRM_AMQP_URL": broker.url,
        "CRM_DATABASE_URL": f"{database_server.url}/rpc",
        "CRM_TRUSTED_KEYS_FILE": str(folder / "trusted.json"),
        "CRM_SIGNING_KEY_FILE": str(folder / "caller.pem"),
        "KEYS": str(folder),
    }


@pytest.fixture(scope="module")
def start_echo(
    environment: Mapping[str, str], session_keeper: Keeper, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Process]]:
    """Start one more process of the echo service, with further settings; all are stopped at the end."""
    started: list[Process] = []
    logs = tmp_path_factory.mktemp("logs")

    def start(**settings: str) -> Process:
        port = free_port()
        process = Process(
            f"echo-{len(started)}",
            [sys.executable, "-m", "tests.integration.rpc.echo"],
            keeper=session_keeper,
            log=logs / f"echo-{len(started)}.log",
            environment={
                **os.environ,
                **environment,
                "CRM_SIGNING_KEY_FILE": f"{environment['KEYS']}/echo.pem",
                "CRM_TELEMETRY_PORT": str(port),
                **settings,
            },
            folder=PROJECT,
        )
        process.start()
        started.append(process)
        wait_until(lambda: says_ready(f"http://127.0.0.1:{port}"), limit=30, otherwise="echo is not ready")
        return process

    yield start
    for process in started:
        process.stop()


@pytest.fixture(scope="module")
def echo(start_echo: Callable[[], Process]) -> Process:
    """One process of the echo service."""
    return start_echo()


@pytest.fixture(scope="module")
def start_scenario(environment: Mapping[str, str]) -> StartScenario:
    """Start a scenario of tests/integration/rpc/caller.py in a process of its own."""

    def start(scenario: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.integration.rpc.caller", scenario]
        return subprocess.Popen(
            command, env={**os.environ, **environment}, cwd=PROJECT, stdout=subprocess.PIPE, text=True
        )

    return start


@pytest.fixture(scope="module")
def run(start_scenario: StartScenario) -> Scenario:
    """Run a scenario to its end and return what it saw."""

    def run(scenario: str) -> dict[str, Any]:
        output, _ = start_scenario(scenario).communicate(timeout=60)
        seen: dict[str, Any] = json.loads(output)
        return seen

    return run


def _make_database(server_url: str) -> None:
    url = Settings(database_url=f"{server_url}/rpc").database_url_of("echo")
    server = psycopg2.connect(f"{server_url}/postgres")
    server.autocommit = True
    server.cursor().execute("DROP DATABASE IF EXISTS rpc_echo")
    server.cursor().execute("CREATE DATABASE rpc_echo")
    server.close()
    engine = sqlalchemy.create_engine(url)
    METADATA.create_all(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE notes (text text)")
    engine.dispose()
