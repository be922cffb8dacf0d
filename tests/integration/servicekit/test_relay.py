"""What the outbox holds reaches the broker: all of it, in order per subject, whatever is killed in between."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from deploy.local.servers import Broker, Server
from servicekit import clock
from servicekit.database import new_id
from servicekit.testing import wait_until
from tests.integration.servicekit.conftest import Rig
from tests.integration.servicekit.subscriber import Subscriber
from tests.integration.servicekit.things import ThingChanged

WRITERS = 20
ACTIVE = "relay is active"


def unpublished(rig: Rig) -> int:
    """How many events still wait."""
    return int(rig.rows("SELECT count(*) FROM outbox WHERE published_at IS NULL")[0][0])


class TestRelay:
    def test_an_event_arrives_as_the_contract_says(self, rig: Rig, subscriber: Subscriber) -> None:
        rig.started_host()
        thing = new_id()
        rig.announce(ThingChanged(thing_id=thing, note="你好"))
        [body] = subscriber.receive(1)
        properties = subscriber.messages[0].properties
        assert properties["content_type"] == "application/cloudevents+json"
        assert properties["delivery_mode"] == 2
        assert (body["id"], body["type"], body["source"]) == (
            properties["message_id"],
            properties["type"],
            properties["app_id"],
        )
        assert clock.now().timestamp() - properties["timestamp"] < 60
        assert body["specversion"] == "1.0"
        assert body["datacontenttype"] == "application/json"
        assert (body["subject"], body["sequence"], body["actor"]) == (str(thing), 1, "system:tester")
        assert body["data"] == {"thing_id": str(thing), "note": "你好", "wish": ""}
        assert subscriber.messages[0].delivery_info["routing_key"] == "thing.changed"

    def test_each_subject_keeps_its_order_under_many_writers(self, rig: Rig, subscriber: Subscriber) -> None:
        rig.started_host()
        things = [new_id() for _ in range(10)]
        with ThreadPoolExecutor(WRITERS) as writers:
            for n in range(1000):
                writers.submit(rig.announce, ThingChanged(thing_id=things[n % 10]))
        subscriber.receive(1000)
        for thing in things:
            assert subscriber.sequences(thing) == list(range(1, 101))

    def test_a_process_that_stands_by_takes_over_when_the_active_one_is_killed(
        self, rig: Rig, subscriber: Subscriber
    ) -> None:
        active = rig.started_host()
        wait_until(lambda: rig.says(active, ACTIVE))
        other = rig.started_host()
        thing = new_id()
        rig.announce(ThingChanged(thing_id=thing))
        subscriber.receive(1)
        assert not rig.says(other, ACTIVE)
        active.kill()
        rig.announce(ThingChanged(thing_id=thing))
        subscriber.receive(2, seconds=3)
        assert rig.says(other, ACTIVE)

    def test_killed_amid_a_backlog_it_loses_nothing_and_keeps_the_order(self, rig: Rig, subscriber: Subscriber) -> None:
        things = [new_id() for _ in range(4)]
        for _ in range(25):
            rig.announce(*(ThingChanged(thing_id=thing) for thing in things for _ in range(50)))
        host = rig.host()
        for left in (4500, 2500, 500):
            host.start()
            wait_until(lambda left=left: unpublished(rig) < left)  # type: ignore[misc]
            host.kill()
        rig.start(host)
        subscriber.receive(5000, seconds=40)
        for thing in things:
            assert subscriber.sequences(thing) == list(range(1, 1251))
        wait_until(lambda: unpublished(rig) == 0)

    def test_what_was_committed_while_the_broker_was_dead_arrives_when_it_is_back(
        self, rig: Rig, subscriber: Subscriber, broker: Broker
    ) -> None:
        rig.started_host()
        thing = new_id()
        rig.announce(ThingChanged(thing_id=thing))
        wait_until(lambda: unpublished(rig) == 0)
        rig.wait_for_queues_on_disk()
        broker.kill()
        for _ in range(10):
            rig.announce(ThingChanged(thing_id=thing))
        broker.start()
        subscriber.receive(11, seconds=30)
        assert subscriber.sequences(thing) == list(range(1, 12))

    def test_it_goes_on_when_the_database_was_dead(
        self, rig: Rig, subscriber: Subscriber, database_server: Server
    ) -> None:
        rig.started_host()
        thing = new_id()
        rig.announce(ThingChanged(thing_id=thing))
        subscriber.receive(1)
        database_server.kill()
        database_server.start()
        rig.database.engine.dispose()
        rig.announce(ThingChanged(thing_id=thing))
        assert [event["sequence"] for event in subscriber.receive(2)] == [1, 2]

    def test_an_alarm_of_the_broker_delays_events_and_blocks_nothing_else(
        self, rig: Rig, subscriber: Subscriber, broker: Broker
    ) -> None:
        host = rig.started_host()
        wait_until(lambda: rig.says(host, ACTIVE))
        thing = new_id()
        broker.ctl("set_vm_memory_high_watermark", "absolute", "1")
        try:
            for _ in range(3):
                rig.announce(ThingChanged(thing_id=thing))
            wait_until(lambda: rig.says(host, "broker takes no messages"))
            started = time.monotonic()
            host.stop()
            assert time.monotonic() - started < 8
            assert host.exit_code == 0
            rig.start(host)
        finally:
            broker.ctl("set_vm_memory_high_watermark", "0.4")
        subscriber.receive(3, seconds=30)
        assert subscriber.sequences(thing) == [1, 2, 3]

    def test_a_stop_sends_what_is_committed(self, rig: Rig, subscriber: Subscriber) -> None:
        host = rig.started_host()
        wait_until(lambda: rig.says(host, ACTIVE))
        rig.announce(*(ThingChanged(thing_id=new_id()) for _ in range(300)))
        host.stop()
        assert host.exit_code == 0
        assert unpublished(rig) == 0
        assert len(subscriber.receive(300)) == 300

    def test_rows_past_their_time_go_and_those_that_wait_stay(self, rig: Rig) -> None:
        old = clock.now() - timedelta(days=20)
        rig.announce(*(ThingChanged(thing_id=new_id()) for _ in range(2500)))
        rig.run("UPDATE outbox SET occurred_at = %s, published_at = %s", old, old)
        rig.run(
            "INSERT INTO inbox (event_id, handler, processed_at)"
            " SELECT gen_random_uuid(), 'gone', %s FROM generate_series(1, 2500)",
            old,
        )
        rig.announce(ThingChanged(thing_id=new_id()))
        rig.run("UPDATE outbox SET occurred_at = %s WHERE published_at IS NULL", old)
        recent = clock.now() - timedelta(days=14, hours=1)
        rig.run("INSERT INTO inbox (event_id, handler, processed_at) VALUES (gen_random_uuid(), 'kept', %s)", recent)
        rig.started_host()
        wait_until(lambda: rig.rows("SELECT count(*) FROM outbox") == [(1,)])
        wait_until(lambda: rig.rows("SELECT count(*) FROM inbox WHERE handler = 'gone'") == [(0,)])
        assert rig.rows("SELECT count(*) FROM inbox WHERE handler = 'kept'") == [(1,)]
