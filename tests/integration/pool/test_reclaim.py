"""The sweep: warns in time, takes what is over and nothing else, and says why."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import REGISTRY

from contracts.errors import NotPermitted, Unavailable
from contracts.pool.claims import ClaimStatus
from contracts.pool.holdings import HoldingSort, ListHoldings
from contracts.pool.pools import DEFAULT_POOL_ID
from contracts.pool.rules import Clocks, DepartmentPool, SweepHoldings
from servicekit import clock
from servicekit.database import new_id
from servicekit.testing import process_named, refused
from services.pool.operations import holdings, sweep
from tests.integration.pool.desk import ADMIN, AUDITOR, PROGRAM, Desk, manager_of, rep
from tests.integration.pool.reclaiming import DAY, Season


def topics(desk: Desk, customer_id: UUID) -> list[str]:
    """What was announced of a customer by the sweep."""
    found = [event["type"] for event in desk.announced(customer_id)]
    return [each.removeprefix("crm.holding.").removesuffix(".v1") for each in found if "reclaim" in each]


def last_of(desk: Desk, customer_id: UUID) -> dict[str, Any]:
    data: dict[str, Any] = desk.announced(customer_id)[-1]["data"]
    return data


class TestTaking:
    def test_a_customer_that_nobody_followed_up_goes_back_after_its_last_day(self, season: Season) -> None:
        rita = rep()
        customer = season.desk.add_customer(owner=rita, at=clock.now())
        season.clocks(no_follow_up=10)
        shown = season.desk.holding(rita, customer)
        assert (shown.reclaim_rule, shown.reclaim_at) == ("no_follow_up", season.midnight(11))
        season.pass_days(10)
        assert season.desk.holding(rita, customer).owner is not None
        season.pass_days(1)
        holding = season.desk.holding(ADMIN, customer)
        assert (holding.owner, holding.pool and holding.pool.id) == (None, DEFAULT_POOL_ID)
        assert (holding.reclaim_at, holding.reclaim_rule) == (None, None)

    def test_the_history_and_the_event_say_why_in_every_language(self, season: Season) -> None:
        customer = season.desk.add_customer(owner=rep(), at=clock.now())
        season.clocks(no_follow_up=10)
        season.pass_days(12)
        present, before = season.desk.history(customer)
        assert (present.began, before.ended, before.reason) == ("reclaimed", "reclaimed", "no_follow_up")
        assert before.reasoning is not None
        assert before.reasoning["en"] == (
            "No follow-up since January 7, 2030. Limit in days: 10, to the end of January 17, 2030. "
            "It went back to Open customers, the pool that it came from."
        )
        assert before.reasoning["pl"].startswith("Brak kontaktu od 7 stycznia 2030.")
        assert before.reasoning["zh"].startswith("自 2030年1月7日 起没有跟进")
        told = last_of(season.desk, customer)
        assert (told["rule"], told["deadline"], told["reasoning"]) == ("no_follow_up", "2030-01-17", before.reasoning)

    def test_a_follow_up_gives_the_days_anew(self, season: Season) -> None:
        customer = season.desk.add_customer(owner=rep(), at=clock.now())
        season.clocks(no_follow_up=10)
        season.pass_days(9)
        season.touch(customer)
        season.pass_days(9)
        assert season.desk.holding(ADMIN, customer).owner is not None
        season.pass_days(3)
        assert season.desk.holding(ADMIN, customer).owner is None

    def test_one_whose_event_never_came_saves_it_all_the_same(self, season: Season) -> None:
        customer = season.desk.add_customer(owner=rep(), at=clock.now())
        season.clocks(no_follow_up=10)
        season.pass_days(10)
        season.touch(customer, heard=False)
        season.pass_days(1)
        holding = season.desk.holding(ADMIN, customer)
        assert holding.owner is not None
        assert holding.reclaim_at == season.midnight(10)

    def test_a_pools_own_rules_go_with_what_came_from_it(self, season: Season) -> None:
        north, rita = season.desk.add_pool(f"North {new_id()}"), rep()
        claimed, created = season.desk.add_customer(pool_id=north), season.desk.add_customer(owner=rita, at=clock.now())
        season.desk.claim(rita, claimed, pool_id=north)
        season.clocks(north, no_follow_up=3)
        season.pass_days(5)
        pool = season.desk.holding(ADMIN, claimed).pool
        assert pool is not None
        assert pool.id == north
        assert season.desk.holding(ADMIN, created).owner is not None

    def test_it_goes_to_the_pool_for_its_former_owners_department(self, season: Season) -> None:
        sales, south = new_id(), season.desk.add_pool(f"South {new_id()}")
        rita = rep(sales)
        season.desk.add_user(rita)
        customer = season.desk.add_customer(owner=rita, at=clock.now())
        season.rules(clocks=Clocks(no_deal_days=2), targets=[DepartmentPool(department_id=sales, pool_id=south)])
        season.pass_days(4)
        pool = season.desk.holding(ADMIN, customer).pool
        assert pool is not None
        assert pool.id == south
        assert "the pool for its former owner's department" in season.desk.history(customer)[1].reasoning["en"]  # type: ignore[index]

    def test_once_taken_it_can_be_claimed_and_the_clock_starts_anew(self, season: Season) -> None:
        rolf = rep()
        customer = season.desk.add_customer(owner=rep(), at=clock.now())
        season.clocks(no_follow_up=5)
        season.pass_days(7)
        assert season.desk.claim(rolf, customer) == [ClaimStatus.CLAIMED]
        season.pass_days(5)
        assert season.desk.holding(rolf, customer).owner is not None
        season.pass_days(1.5)
        assert season.desk.holding(ADMIN, customer).owner is None

    def test_an_open_opportunity_exempts_and_its_loss_leaves_time_for_a_warning(self, season: Season) -> None:
        customer = season.desk.add_customer(owner=rep(), at=clock.now())
        season.rules(clocks=Clocks(no_follow_up_days=5), exempt_open_opportunity=True)
        deal = season.open_deal(customer)
        season.pass_days(20)
        season.close_deal(customer, deal, won=False)
        assert season.desk.holding(ADMIN, customer).reclaim_at == season.midnight(2)
        assert topics(season.desk, customer) == ["reclaim_warned"] * 2
        assert season.pass_days(2).reclaimed == 1

    def test_a_won_deal_exempts_for_good(self, season: Season) -> None:
        customer = season.desk.add_customer(owner=rep(), at=clock.now())
        season.clocks(no_follow_up=5, hard_maximum=30)
        season.close_deal(customer, season.open_deal(customer), won=True)
        assert season.pass_days(60).reclaimed == 0
        assert season.desk.holding(ADMIN, customer).reclaim_at is None

    def test_a_segment_exempts_while_it_is_in_it(self, season: Season) -> None:
        customer, segment = season.desk.add_customer(owner=rep(), at=clock.now()), new_id()
        season.world.customers[customer].segment_ids.append(segment)
        season.rules(clocks=Clocks(no_follow_up_days=5), exempt_segments=[segment])
        assert season.pass_days(20).reclaimed == 0
        season.world.customers[customer].segment_ids.clear()
        assert season.pass_days(4).reclaimed == 1

    def test_a_lower_level_brings_the_deadline_no_nearer_than_a_warning(self, season: Season) -> None:
        customer = season.desk.add_customer(owner=rep(), at=clock.now())
        season.world.customers[customer].level = "A"
        levels = [{"level": "A", "clocks": {"no_follow_up_days": 90}}]
        season.rules(clocks=Clocks(no_follow_up_days=5), levels=levels)
        season.pass_days(20)
        season.world.customers[customer].level = "C"
        season._heard(customer)
        assert season.desk.holding(ADMIN, customer).reclaim_at == season.midnight(2)


class TestWarning:
    def test_the_owner_is_warned_7_3_and_1_days_before_once_each(self, season: Season) -> None:
        customer = season.desk.add_customer(owner=rep(), at=clock.now())
        season.clocks(no_follow_up=10)
        given = [season.pass_days(1).warned for _ in range(10)]
        assert given == [0, 0, 1, 0, 0, 0, 1, 0, 1, 0]
        assert topics(season.desk, customer) == ["reclaim_warned"] * 3
        told = last_of(season.desk, customer)
        assert (told["days_left"], told["last"], told["deadline"]) == (1, True, "2030-01-17")

    def test_they_come_again_when_the_deadline_moves(self, season: Season) -> None:
        customer = season.desk.add_customer(owner=rep(), at=clock.now())
        season.clocks(no_follow_up=10)
        season.pass_days(8)
        season.touch(customer)
        season.pass_days(9)
        assert topics(season.desk, customer) == ["reclaim_warned"] * 5

    def test_a_suite_that_was_stopped_gives_the_nearest_one_alone(self, season: Season) -> None:
        customer = season.desk.add_customer(owner=rep(), at=clock.now())
        season.clocks(no_follow_up=10)
        clock.advance(8 * DAY)
        season.settle()
        assert topics(season.desk, customer) == ["reclaim_warned"]
        assert last_of(season.desk, customer)["days_left"] == 2


class TestPeersAway:
    @pytest.mark.parametrize("service", ["activity", "opportunity", "customer"])
    def test_nothing_is_taken_a_metric_says_so_and_it_catches_up(self, season: Season, service: str) -> None:
        customer = season.desk.add_customer(owner=rep(), at=clock.now())
        season.clocks(no_follow_up=5)
        season.world.away = {service}
        clock.advance(8 * DAY)
        before = _postponed(service)
        with pytest.raises(Unavailable):
            season.sweep()
        assert _postponed(service) > before
        assert season.desk.holding(ADMIN, customer).owner is not None
        season.world.away = set()
        season.settle()
        assert season.desk.holding(ADMIN, customer).owner is None


class TestSimultaneous:
    def test_rounds_on_many_replicas_take_each_once(self, season: Season) -> None:
        rita = rep()
        customers = [season.desk.add_customer(owner=rita, at=clock.now()) for _ in range(300)]
        season.clocks(no_follow_up=5)
        clock.advance(8 * DAY)
        with ThreadPoolExecutor(4) as pool:
            swept = [each.result() for each in [pool.submit(season.settle) for _ in range(4)]]
        assert sum(each.reclaimed for each in swept) == len(customers)
        assert {topics(season.desk, each).count("reclaimed") for each in customers} == {1}

    def test_a_release_before_the_round_is_not_done_again(self, season: Season) -> None:
        rita = rep()
        customer = season.desk.add_customer(owner=rita, at=clock.now())
        season.clocks(no_follow_up=5)
        clock.advance(8 * DAY)
        season.desk.release(rita, customer)
        assert season.settle().reclaimed == 0
        assert [span.ended for span in season.desk.history(customer)] == [None, "released"]

    def test_nobody_is_asked_when_nothing_is_due(self, season: Season) -> None:
        season.desk.add_customer(owner=rep(), at=clock.now())
        season.clocks(no_follow_up=50)
        asked = season.world.asked
        assert season.sweep().looked_at == 0
        assert season.world.asked == asked


class TestReading:
    def test_ones_own_by_deadline(self, season: Season) -> None:
        rita = rep()
        first, second, _free = (season.desk.add_customer(owner=rita, at=clock.now()) for _ in range(3))
        season.close_deal(_free, season.open_deal(_free), won=True)
        season.clocks(no_follow_up=10)
        season.pass_days(1)
        season.touch(first)
        listed = season.desk.ask(rita, holdings.list_holdings, ListHoldings(sort=HoldingSort.DEADLINE))
        assert [each.customer.id for each in listed.items] == [second, first]


class TestSweepNow:
    def test_operators_may_ask_for_a_round(self, season: Season) -> None:
        for caller in (ADMIN, process_named("cli")):
            assert season.desk.ask(caller, lambda db, _: sweep.sweep_now(db), SweepHoldings()).reclaimed == 0

    @pytest.mark.parametrize("caller", [rep(), manager_of(), AUDITOR, PROGRAM, process_named("customer")])
    def test_nobody_else_may(self, season: Season, caller: Any) -> None:
        with refused(NotPermitted, "operations.operators_only"):
            season.desk.ask(caller, lambda db, _: sweep.sweep_now(db), SweepHoldings())

    def test_a_minute_is_left_for_what_was_under_way_at_midnight(self, season: Season) -> None:
        season.desk.add_customer(owner=rep(), at=clock.now())
        season.clocks(no_follow_up=1)
        clock.advance(season.midnight(2) - clock.now() + timedelta(seconds=30))
        assert season.settle().reclaimed == 0
        clock.advance(timedelta(seconds=31))
        assert season.settle().reclaimed == 1


def _postponed(service: str) -> float:
    return REGISTRY.get_sample_value("crm_reclaim_postponed_total", {"service": service}) or 0.0
