"""A handler that fails is tried again rung by rung, then parked, and nobody waits for it but its own subject."""

from collections import Counter

from servicekit.database import new_id
from servicekit.testing import wait_until
from tests.integration.servicekit.conftest import Rig
from tests.integration.servicekit.things import ThingChanged


class TestLadder:
    def test_an_event_goes_down_the_ladder_and_is_parked_while_others_go_on(self, rig: Rig) -> None:
        rig.started_host()
        bad, good = new_id(), new_id()
        rig.announce(ThingChanged(thing_id=bad, wish="fail"), ThingChanged(thing_id=good))
        wait_until(lambda: rig.effects("note_thing") == [(good, 1)])
        wait_until(lambda: len(rig.parked()) == 1)
        [event] = rig.parked()
        assert (event.subject, event.handler, event.attempts) == (bad, "note_thing", 3)
        assert event.error == "RuntimeError: as wished"
        assert rig.attempts(bad) == [1, 1, 1]
        wait_until(lambda: len(rig.effects("follow_thing")) >= 2)
        assert Counter(rig.effects("follow_thing")) == Counter([(bad, 1), (good, 1)])  # no order across subjects

    def test_between_attempts_it_waits_as_long_as_its_rung_says(self, rig: Rig) -> None:
        rig.started_host(CRM_EVENT_RETRY_SECONDS="[0.1, 600]")
        bad = new_id()
        rig.announce(ThingChanged(thing_id=bad, wish="fail"))
        wait_until(lambda: len(rig.attempts(bad)) == 2)
        wait = "SELECT attempts, next_attempt_at - now() BETWEEN '9 minutes' AND '10 minutes' FROM event_retry"
        wait_until(lambda: rig.rows(wait) == [(2, True)])

    def test_an_attempt_that_succeeds_ends_it(self, rig: Rig) -> None:
        rig.started_host(CRM_EVENT_RETRY_SECONDS="[0.5, 0.5, 0.5, 0.5]")
        thing = new_id()
        rig.announce(ThingChanged(thing_id=thing, wish="fail"))
        wait_until(lambda: rig.rows("SELECT count(*) FROM event_retry") == [(1,)])
        rig.run("INSERT INTO mended VALUES (%s)", str(thing))
        wait_until(lambda: rig.rows("SELECT count(*) FROM event_retry") == [(0,)])
        assert rig.effects("note_thing") == [(thing, 1)]

    def test_what_the_handler_refuses_as_invalid_is_parked_at_once(self, rig: Rig) -> None:
        rig.started_host()
        bad = new_id()
        rig.announce(ThingChanged(thing_id=bad, wish="refuse"))
        wait_until(lambda: len(rig.parked()) == 1)
        assert rig.attempts(bad) == [1]

    def test_an_error_that_no_text_column_can_hold_is_recorded_all_the_same(self, rig: Rig) -> None:
        rig.started_host(CRM_EVENT_RETRY_SECONDS="[]")
        bad = new_id()
        rig.announce(ThingChanged(thing_id=bad, wish="gibber"))
        wait_until(lambda: len(rig.parked()) == 1)
        assert rig.rows("SELECT right(error, 8) FROM event_retry") == [("the end\n",)]

    def test_several_processes_share_the_attempts(self, rig: Rig) -> None:
        rig.started_host()
        rig.started_host()
        things = [new_id() for _ in range(30)]
        rig.announce(*(ThingChanged(thing_id=thing, wish="fail") for thing in things))
        wait_until(lambda: len(rig.parked()) == 30, seconds=30)
        assert {thing: rig.attempts(thing) for thing in things} == {thing: [1, 1, 1] for thing in things}

    def test_an_attempt_that_ends_its_process_is_counted(self, rig: Rig) -> None:
        host = rig.started_host(CRM_EVENT_RETRY_SECONDS="[1, 1]")
        thing = new_id()
        rig.announce(ThingChanged(thing_id=thing, wish="fail then die"))
        wait_until(lambda: not host.alive)
        assert rig.rows("SELECT attempts, next_attempt_at > now() FROM event_retry") == [(2, True)]

    def test_what_a_dead_process_had_claimed_is_tried_by_another_once_its_lease_is_over(self, rig: Rig) -> None:
        host = rig.started_host(CRM_EVENT_RETRY_SECONDS="[1, 1]")
        thing = new_id()
        rig.announce(ThingChanged(thing_id=thing, wish="fail then die"))
        wait_until(lambda: not host.alive)
        rig.run("INSERT INTO mended VALUES (%s)", str(thing))
        rig.started_host(CRM_EVENT_RETRY_SECONDS="[1, 1]")
        assert rig.rows("SELECT next_attempt_at > now() + interval '10 s' FROM event_retry") == [(True,)]
        rig.run("UPDATE event_retry SET next_attempt_at = next_attempt_at - interval '60 s'")
        wait_until(lambda: rig.rows("SELECT count(*) FROM event_retry") == [(0,)])
        assert rig.effects("note_thing") == [(thing, 1)]


class TestOrder:
    def test_later_events_of_the_subject_wait_behind_it_and_keep_their_order(self, rig: Rig) -> None:
        rig.started_host(CRM_EVENT_RETRY_SECONDS="[1, 1, 1, 1]")
        thing, other = new_id(), new_id()
        rig.announce(ThingChanged(thing_id=thing, wish="fail"))
        rig.announce(*(ThingChanged(thing_id=thing) for _ in range(5)), ThingChanged(thing_id=other))
        wait_until(lambda: rig.effects("note_thing") == [(other, 1)])
        wait_until(lambda: rig.rows("SELECT count(*) FROM event_retry") == [(6,)])
        rig.run("INSERT INTO mended VALUES (%s)", str(thing))
        wait_until(lambda: len(rig.effects("note_thing")) == 7)
        assert rig.effects("note_thing") == [(other, 1), *((thing, n) for n in range(1, 7))]

    def test_a_parked_event_holds_nobody_up(self, rig: Rig) -> None:
        rig.started_host()
        thing = new_id()
        rig.announce(ThingChanged(thing_id=thing, wish="fail"), ThingChanged(thing_id=thing))
        wait_until(lambda: rig.effects("note_thing") == [(thing, 2)])
        assert [event.sequence for event in rig.parked()] == [1]
        rig.announce(ThingChanged(thing_id=thing))
        wait_until(lambda: rig.effects("note_thing") == [(thing, 2), (thing, 3)])
