"""`crm queues`: a queue that no handler reads any more is found."""

import pytest

from deploy.local.servers import Broker
from servicekit.amqp import abandon, connect
from tests.integration.cli.conftest import House

# The first test of a session waits for a whole suite to start.
pytestmark = pytest.mark.timeout(400)


class TestQueues:
    def test_what_handlers_read_is_told_from_an_orphan(self, house: House, broker: Broker) -> None:
        connection = connect(house.amqp_url)
        arguments = {"x-queue-type": "quorum"}
        channel = connection.channel()
        channel.queue_declare("crm.pool.former_handler", durable=True, auto_delete=False, arguments=arguments)
        try:
            done = house.crm("queues", CRM_RABBITMQ_API_URL=broker.api_url)
            said = house.answer("queues", CRM_RABBITMQ_API_URL=broker.api_url)
        finally:
            channel.queue_delete("crm.pool.former_handler")
            abandon(connection)
        assert done.returncode == 1
        assert "orphaned" in done.stdout
        states = {each["name"]: each["state"] for each in said["items"]}
        assert states["crm.pool.former_handler"] == "orphaned"
        assert states["crm.dead.pool"] == "unreadable"
        assert {name for name, state in states.items() if state == "read"} >= {
            "crm.pool.hold_new_customer",
            "crm.customer.follow_claim",
            "crm.notify.remind",
        }

    def test_without_the_management_api_it_says_what_to_do(self, house: House) -> None:
        done = house.crm("queues", CRM_RABBITMQ_API_URL="")
        assert done.returncode == 1
        assert "CRM_RABBITMQ_API_URL" in done.stderr
