"""The private broker and database: real, ours alone, and back with their data after a crash."""

import psycopg2
from kombu import Connection

from deploy.local.servers import Broker, Server


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
        self._run(database_server, "CREATE TABLE kept AS SELECT 'before the crash' AS word")

        database_server.kill()
        database_server.start()

        assert self._run(database_server, "SELECT word FROM kept") == [("before the crash",)]

    @staticmethod
    def _run(server: Server, statement: str) -> list[tuple[object, ...]]:
        connection = psycopg2.connect(server.url, connect_timeout=5)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()
