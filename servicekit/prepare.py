"""`python -m servicekit.prepare pool customer …`: databases made and migrated, queues declared; run before any starts.

All queues must exist before the first event is published: an exchange forgets what nobody has bound a queue for.
"""

import sys

from servicekit import amqp, logging
from servicekit.events import declare_topology
from servicekit.migrations import migrate
from servicekit.service import find
from servicekit.settings import Settings, load
from servicekit.waiting import wait_for_broker, wait_for_database


def main(services: list[str]) -> None:
    """Prepare these services; safe to repeat."""
    settings = load(Settings)
    logging.configure("prepare", settings.log_level)
    wait_for_database(settings)
    wait_for_broker(settings)
    channel = amqp.connect(settings.amqp_url).channel()
    for service in services:
        migrate(settings, service)
        declare_topology(channel, find(service))
    channel.connection.close()


if __name__ == "__main__":
    main(sys.argv[1:])
