"""When all is done: outboxes empty, every event worked on by every handler, nothing waiting to be tried again."""

import amqp

from deploy.local.waiting import wait_until
from servicekit.amqp import abandon, connect
from tests.faults.audit import Audit, all_queues
from tests.faults.house import House

_LIMIT = 240.0


def wait_quiet(house: House, *, limit: float = _LIMIT) -> None:
    """Return when nothing is under way any more; fail with what still is."""
    wait_until(lambda: not _under_way(house), limit=limit, otherwise=lambda: f"Still under way: {_under_way(house)}")


def audited(house: House) -> Audit:
    """A look at everything once all is quiet; nothing may be parked or left in a queue."""
    wait_quiet(house)
    house.listener.read_all()
    assert parked(house) == []
    assert waiting_messages(house) == {}
    return Audit(house)


def parked(house: House) -> list[tuple[object, ...]]:
    """Events that a handler gave up on."""
    return house.all_rows("SELECT handler, type, error FROM event_retry WHERE parked_at IS NOT NULL")


def waiting_messages(house: House) -> dict[str, int]:
    """What waits in the handlers' queues and among the dead letters, where anything does."""
    connection = connect(house.broker.url)
    try:
        channel: amqp.Channel = connection.channel()
        names = {name for queue in all_queues() for name in (queue.name, queue.dead_letters)}
        counts = {name: channel.queue_declare(name, passive=True).message_count for name in names}
    finally:
        abandon(connection)
    return {name: count for name, count in counts.items() if count}


def _under_way(house: House) -> list[tuple[object, ...]]:
    """The services that have events to publish, to hear or to try again, and reminders to send."""
    waiting = house.all_rows(
        "SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL),"
        " (SELECT count(*) FROM event_retry WHERE parked_at IS NULL)"
    )
    left = [row for row in waiting if any(row[1:])]
    unsent = house.rows("activity", "SELECT count(*) FROM reminders WHERE sent_at IS NULL AND remind_at <= now()")
    if unsent != [(0,)]:
        left.append(("activity", "reminders", unsent))
    return left or _unheard(house)


def _unheard(house: House) -> list[tuple[object, ...]]:
    topics: dict[str, int] = {}
    for _, topic, count in house.all_rows("SELECT topic, count(*) FROM outbox GROUP BY topic"):
        topics[topic] = topics.get(topic, 0) + count
    done: dict[tuple[str, str], int] = {
        (service, handler): count
        for service, handler, count in house.all_rows(
            "SELECT handler, count(*) FROM (SELECT event_id, handler FROM inbox UNION"
            " SELECT event_id, handler FROM event_retry WHERE parked_at IS NOT NULL) AS done GROUP BY handler"
        )
    }
    left: list[tuple[object, ...]] = []
    for queue in all_queues():
        missing = sum(topics.get(topic, 0) for topic in queue.topics) - done.get((queue.service, queue.method), 0)
        if missing:
            left.append((queue.name, missing))
    return left
