"""Handlers are exactly once in effect: duplicates, kills, outages and bad messages notwithstanding."""

import json
from collections import Counter
from uuid import UUID

import amqp

from deploy.local.servers import Broker, Server
from servicekit.cloudevents import CONTENT_TYPE
from servicekit.database import new_id
from servicekit.events import queues_of
from servicekit.testing import wait_until
from tests.integration.servicekit.conftest import Rig
from tests.integration.servicekit.probe import Probe
from tests.integration.servicekit.subscriber import EXCHANGE, connected
from tests.integration.servicekit.things import ThingChanged, ThingCounted


def body_of(thing: UUID, **changes: object) -> bytes:
    """A CloudEvent about this thing as any producer might send it."""
    event = {
        "specversion": "1.0",
        "id": str(new_id()),
        "source": "/crm/things",
        "type": "crm.thing.changed.v1",
        "subject": str(thing),
        "time": "2026-05-04T03:02:01Z",
        "datacontenttype": "application/json",
        "actor": "system:somebody",
        "sequence": 1,
        "data": {"thing_id": str(thing)},
    }
    return json.dumps({**event, **changes}).encode()


def send(rig: Rig, *bodies: bytes) -> None:
    """Publish these past the outbox."""
    with connected(rig.broker_url) as channel:
        for body in bodies:
            channel.basic_publish(amqp.Message(body, content_type=CONTENT_TYPE), EXCHANGE, "thing.changed")


class TestQueues:
    def test_a_handler_is_a_queue_by_its_name(self) -> None:
        assert [(queue.name, queue.topics) for queue in queues_of(Probe)] == [
            ("crm.probe.follow_thing", ("thing.changed", "thing.counted")),
            ("crm.probe.index_things", ("thing.counted",)),
            ("crm.probe.note_thing", ("thing.changed",)),
        ]

    def test_events_from_before_the_first_start_are_kept(self, rig: Rig) -> None:
        thing = new_id()
        send(rig, body_of(thing))
        rig.started_host()
        wait_until(lambda: rig.effects("note_thing") == [(thing, 1)])


class TestOn:
    def test_every_handler_has_its_effect_once_under_the_services_own_name(self, rig: Rig) -> None:
        rig.started_host()
        thing = new_id()
        rig.announce(ThingChanged(thing_id=thing))
        wait_until(lambda: rig.effects("note_thing") and rig.effects("follow_thing"))
        assert rig.effects("note_thing") == rig.effects("follow_thing") == [(thing, 1)]
        assert rig.rows("SELECT DISTINCT caller FROM effect") == [(rig.service,)]

    def test_an_event_delivered_many_times_to_several_processes_has_one_effect(self, rig: Rig) -> None:
        rig.started_host()
        rig.started_host()
        things = [new_id() for _ in range(20)]
        bodies = [body_of(thing) for thing in things]
        send(rig, *(bodies * 10))
        wait_until(lambda: rig.queue_length("note_thing") == 0 and len(rig.effects("note_thing")) >= 20)
        last = new_id()
        send(rig, body_of(last))
        wait_until(lambda: (last, 1) in rig.effects("note_thing"))
        assert Counter(rig.effects("note_thing")) == Counter([(thing, 1) for thing in (*things, last)])

    def test_a_subject_is_handled_in_its_order(self, rig: Rig) -> None:
        rig.started_host()
        thing, other = new_id(), new_id()
        rig.announce(*(ThingChanged(thing_id=each, wish="sleep 0.01") for _ in range(50) for each in (thing, other)))
        wait_until(lambda: len(rig.effects("note_thing")) == 100)
        for each in (thing, other):
            sequences = [sequence for subject, sequence in rig.effects("note_thing") if subject == each]
            assert sequences == list(range(1, 51))

    def test_a_slow_handler_holds_up_no_other(self, rig: Rig) -> None:
        rig.started_host()
        rig.announce(*(ThingChanged(thing_id=new_id(), wish="sleep 30") for _ in range(50)))
        wait_until(lambda: len(rig.effects("follow_thing")) == 50, seconds=10)
        assert rig.effects("note_thing") == []

    def test_what_cannot_be_read_goes_to_the_dead_letters(self, rig: Rig) -> None:
        rig.started_host()
        thing = new_id()
        unreadable = [
            b"",
            b"not json",
            b"[]",
            b"\xff\xfe",
            b"[" * 100_000,
            b"x" * 2_000_000,
            body_of(thing, id="no uuid"),
            body_of(thing, sequence=0),
            body_of(thing, sequence=2**70),
            body_of(thing, source="/crm/\x00"),
            body_of(thing, actor="nobody"),
            body_of(thing, time="2026-05-04T03:02:01"),
            body_of(thing).replace(b"somebody", b"\\ud800"),
        ]
        send(rig, *unreadable, body_of(thing))
        wait_until(lambda: rig.effects("note_thing") == [(thing, 1)])
        # Both handlers of this topic have a queue, and each rejects what it was given.
        wait_until(lambda: rig.dead_letters() == 2 * len(unreadable))
        assert rig.queue_length("note_thing") == 0
        assert rig.parked() == []

    def test_an_unknown_version_or_invalid_data_is_parked_at_once(self, rig: Rig) -> None:
        rig.started_host()
        thing = new_id()
        send(
            rig,
            body_of(thing, type="crm.thing.changed.v2"),
            body_of(thing, data={"thing_id": "secret"}, sequence=2),
            body_of(thing, data=None, sequence=3),
            body_of(thing, sequence=4),
        )
        wait_until(lambda: rig.effects("note_thing") == [(thing, 4)])
        wait_until(lambda: len(rig.parked()) == 6)
        assert {event.attempts for event in rig.parked()} == {1}
        faults = sorted(event.error.splitlines()[-1].partition(": ")[2] for event in rig.parked()[::2])
        assert faults[-1] == "unknown type or version crm.thing.changed.v2"
        assert faults[0].startswith("data does not match crm.thing.changed.v1")
        assert not any("secret" in event.error for event in rig.parked())


class TestOutages:
    def test_a_dead_database_pauses_the_handlers_and_loses_nothing(self, rig: Rig, database_server: Server) -> None:
        host = rig.started_host()
        things = [new_id() for _ in range(200)]
        send(rig, *(body_of(thing) for thing in things[:20]))
        wait_until(lambda: len(rig.effects("note_thing")) == 20)
        database_server.kill()
        try:
            send(rig, *(body_of(thing) for thing in things[20:]))
            wait_until(lambda: rig.says(host, "events held"))
        finally:
            database_server.start()
        rig.database.engine.dispose()
        wait_until(lambda: len(rig.effects("note_thing")) >= 200, seconds=30)
        wait_until(lambda: rig.rows("SELECT count(*) FROM event_retry") == [(0,)])
        assert Counter(rig.effects("note_thing")) == Counter((thing, 1) for thing in things)
        assert rig.says(host, "events held") < 100

    def test_a_dead_broker_that_comes_back_loses_and_doubles_nothing(self, rig: Rig, broker: Broker) -> None:
        rig.started_host()
        things = [new_id() for _ in range(300)]
        rig.announce(*(ThingChanged(thing_id=thing, wish="sleep 0.01") for thing in things))
        wait_until(lambda: len(rig.effects("note_thing")) > 20)
        rig.wait_for_queues_on_disk()
        broker.kill()
        rig.announce(*(ThingChanged(thing_id=thing) for thing in things))
        broker.start()
        wait_until(lambda: len(rig.effects("note_thing")) >= 600, seconds=40)
        assert Counter(rig.effects("note_thing")) == Counter((thing, n) for thing in things for n in (1, 2))

    def test_a_process_killed_at_work_leaves_nothing_undone_and_nothing_doubled(self, rig: Rig) -> None:
        host = rig.started_host()
        things = [new_id() for _ in range(400)]
        rig.announce(*(ThingChanged(thing_id=thing, wish="sleep 0.01") for thing in things))
        for done in (50, 150):
            wait_until(lambda done=done: len(rig.effects("note_thing")) > done)  # type: ignore[misc]
            host.kill()
            rig.start(host)
        wait_until(lambda: len(rig.effects("note_thing")) >= 400)
        assert Counter(rig.effects("note_thing")) == Counter((thing, 1) for thing in things)

    def test_a_stop_finishes_what_is_in_hand_and_gives_the_rest_back(self, rig: Rig) -> None:
        host = rig.started_host()
        things = [new_id() for _ in range(100)]
        rig.announce(*(ThingChanged(thing_id=thing, wish="sleep 0.3") for thing in things))
        wait_until(lambda: len(rig.effects("note_thing")) >= 4)
        host.stop()
        assert host.exit_code == 0
        done = rig.effects("note_thing")
        assert rig.queue_length("note_thing") == 100 - len(done)
        assert sum(len(rig.attempts(thing)) for thing in things) == len(done)
        rig.start(host)
        wait_until(lambda: len(rig.effects("note_thing")) >= 100)
        assert all(rig.attempts(thing) == [1] for thing in things)


class TestOnBatch:
    def test_what_has_arrived_is_handled_in_one_transaction(self, rig: Rig) -> None:
        host = rig.started_host()
        host.stop()
        things = [new_id() for _ in range(200)]
        rig.announce(*(ThingCounted(thing_id=thing) for thing in things))
        rig.start(host)
        wait_until(lambda: len(rig.effects("index_things")) >= 200)
        assert Counter(rig.effects("index_things")) == Counter((thing, 1) for thing in things)
        [(transactions,)] = rig.rows(
            "SELECT count(DISTINCT transaction::text) FROM effect WHERE handler = 'index_things'"
        )
        assert transactions < 100

    def test_a_bad_event_fails_alone(self, rig: Rig) -> None:
        rig.started_host()
        things = [new_id() for _ in range(40)]
        rig.announce(*(ThingCounted(thing_id=thing, wish="refuse" if n == 7 else "") for n, thing in enumerate(things)))
        wait_until(lambda: len(rig.parked()) == 1 and len(rig.effects("index_things")) >= 39)
        assert [event.subject for event in rig.parked()] == [things[7]]
        assert Counter(rig.effects("index_things")) == Counter((thing, 1) for thing in things if thing != things[7])
