"""What a service counts of events: what handlers did, how late, and what waits."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.ports import free_port
from servicekit.database import new_id
from servicekit.metrics import Backlog
from servicekit.testing import wait_until
from tests.integration.servicekit.conftest import Rig
from tests.integration.servicekit.things import ThingChanged

Figures = dict[tuple[str, ...], float]


def figures_of(port: int) -> Figures:
    """What a process serves: values by a sample's name and its labels' values."""
    families = text_string_to_metric_families(httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text)
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


class TestHandlers:
    def test_each_attempt_is_counted_by_its_outcome(self, rig: Rig) -> None:
        port = free_port()
        rig.started_host(CRM_TELEMETRY_PORT=str(port))
        fails, is_refused, fine = new_id(), new_id(), new_id()
        wishes = {fails: "fail", is_refused: "refuse", fine: ""}
        rig.announce(*(ThingChanged(thing_id=thing, wish=wish) for thing, wish in wishes.items()))
        wait_until(lambda: len(rig.parked()) == 2)
        wait_until(lambda: len(rig.effects("follow_thing")) == 3)

        def counted() -> bool:
            figures = figures_of(port)
            outcomes = ("done", "put_off", "parked")
            attempts = [figures.get(("crm_events_handled_total", "note_thing", each)) for each in outcomes]
            return attempts == [1, 2, 2]

        wait_until(counted)

    def test_the_lag_of_each_effect_is_measured(self, rig: Rig) -> None:
        port = free_port()
        rig.announce(ThingChanged(thing_id=new_id()))
        rig.started_host(CRM_TELEMETRY_PORT=str(port))
        wait_until(lambda: figures_of(port).get(("crm_event_lag_seconds_count", "note_thing")) == 1)
        assert 0 < figures_of(port)[("crm_event_lag_seconds_sum", "note_thing")] < 120


class TestBacklog:
    def test_it_tells_how_many_events_wait_and_how_long(self, rig: Rig) -> None:
        def waiting() -> tuple[float, float]:
            found = {
                family.name: family.samples[0].value for family in Backlog(rig.database).collect() if family.samples
            }
            return found["crm_outbox_depth"], found["crm_outbox_oldest_seconds"]

        assert waiting() == (0, 0)
        rig.announce(ThingChanged(thing_id=new_id()), ThingChanged(thing_id=new_id()))
        rig.run("UPDATE outbox SET occurred_at = occurred_at - interval '1 minute' WHERE position = 1")
        depth, oldest = waiting()
        assert depth == 2
        assert 60 <= oldest < 120
