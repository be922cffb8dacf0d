"""Changing reclaim rules, and what a dry run of them says."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unavailable
from contracts.pool.pools import DEFAULT_POOL_ID
from contracts.pool.rules import Clocks, DepartmentPool, GetPoolRules, ReclaimRules, RulesChanges, UpdatePoolRules
from servicekit import clock, company
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import refused
from services.pool.operations import rules
from tests.integration.pool.desk import ADMIN, AUDITOR, PROGRAM, manager_of, rep
from tests.integration.pool.reclaiming import Season


def day(number: int) -> date:
    """The day so many days from now."""
    return company.today() + timedelta(days=number)


class TestUpdate:
    def test_a_change_counts_from_tomorrow_and_shows_until_then_as_coming(self, season: Season) -> None:
        changed = season.rules(at_once=False, clocks=Clocks(no_follow_up_days=30))
        assert (changed.rules, changed.effective_from) == (ReclaimRules(), None)
        (coming,) = changed.coming
        assert (coming.effective_from, coming.rules.clocks.no_follow_up_days) == (day(1), 30)
        assert coming.set_by.name == ADMIN.name
        season.pass_days(1)
        now = season.desk.ask(rep(), rules.get_rules, GetPoolRules(pool_id=DEFAULT_POOL_ID))
        assert (now.rules.clocks.no_follow_up_days, now.coming) == (30, [])

    def test_what_is_not_named_stays_as_it_was(self, season: Season) -> None:
        season.rules(clocks=Clocks(no_follow_up_days=30), warn_days=[5])
        changed = season.rules(exempt_won=False)
        assert (changed.rules.clocks.no_follow_up_days, changed.rules.warn_days) == (30, [5])
        assert not changed.rules.exempt_won

    def test_a_later_change_replaces_what_was_planned_from_its_day_on(self, season: Season) -> None:
        season.rules(at_once=False, clocks=Clocks(no_follow_up_days=30), effective_from=day(10))
        season.rules(at_once=False, clocks=Clocks(no_follow_up_days=20), effective_from=day(20))
        changed = season.rules(at_once=False, clocks=Clocks(no_follow_up_days=25), effective_from=day(15))
        found = [(each.effective_from, each.rules.clocks.no_follow_up_days) for each in changed.coming]
        assert found == [(day(10), 30), (day(15), 25)]

    def test_it_is_announced(self, season: Season) -> None:
        changed = season.rules(clocks=Clocks(no_deal_days=90))
        told = season.desk.announced(DEFAULT_POOL_ID)[-1]
        assert told["type"] == "crm.pool.rules_changed.v1"
        assert told["data"]["rules"]["clocks"] == changed.rules.clocks.model_dump(mode="json")

    def test_nothing_is_taken_on_the_day_it_is_saved_unless_told_to(self, season: Season) -> None:
        customer = season.desk.add_customer(owner=rep(), at=clock.now() - timedelta(days=100))
        season.rules(at_once=False, clocks=Clocks(no_follow_up_days=30))
        assert season.desk.holding(ADMIN, customer).reclaim_at == season.midnight(2)
        season.rules(clocks=Clocks(no_follow_up_days=30))
        assert season.desk.holding(ADMIN, customer).reclaim_at == season.midnight(1)

    def test_who_read_an_older_version_is_told_so(self, season: Season) -> None:
        request = UpdatePoolRules(pool_id=DEFAULT_POOL_ID, version=0, changes=RulesChanges(exempt_won=False))
        with refused(Conflict, "version.stale"):
            season.desk.ask(ADMIN, rules.update_rules, request)

    @pytest.mark.parametrize("caller", [rep(), manager_of(), AUDITOR, PROGRAM])
    def test_only_administrators_may(self, season: Season, caller: Caller) -> None:
        request = UpdatePoolRules(pool_id=DEFAULT_POOL_ID, version=1, changes=RulesChanges(exempt_won=False))
        with refused(NotPermitted, "pool.admins_only"):
            season.desk.ask(caller, rules.update_rules, request)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"effective_from": "2030-01-07"}, "rules.past_day"),
            ({"effective_from": "2029-01-01", "at_once": True}, "rules.past_day"),
            ({"levels": [{"level": "A", "clocks": {}}, {"level": "A", "clocks": {}}]}, "rules.level_twice"),
            ({"holidays_of": "PL"}, "rules.no_holidays"),
            ({"holidays_of": "XX", "business_days": True}, "rules.no_holidays"),
            ({"targets": [{"department_id": str(new_id()), "pool_id": str(new_id())}]}, "rules.unknown_pool"),
            (
                {"targets": [{"department_id": str(DEFAULT_POOL_ID), "pool_id": str(DEFAULT_POOL_ID)}] * 2},
                "rules.department_twice",
            ),
        ],
    )
    def test_what_does_not_hang_together_is_named_and_changes_nothing(
        self, season: Season, changes: dict[str, Any], code: str
    ) -> None:
        before = season.desk.ask(ADMIN, rules.get_rules, GetPoolRules(pool_id=DEFAULT_POOL_ID))
        asked = RulesChanges.model_validate(changes)
        request = UpdatePoolRules(pool_id=DEFAULT_POOL_ID, version=before.version, changes=asked)
        with pytest.raises(InvalidInput) as caught:
            season.desk.ask(ADMIN, rules.update_rules, request)
        assert [fault.code for fault in caught.value.fields] == [code]
        assert season.desk.ask(ADMIN, rules.get_rules, GetPoolRules(pool_id=DEFAULT_POOL_ID)) == before

    def test_a_pool_that_is_none(self, season: Season) -> None:
        with refused(NotFound, "pool.not_found"):
            season.desk.ask(ADMIN, rules.get_rules, GetPoolRules(pool_id=new_id()))


class TestPreview:
    def test_it_says_who_goes_when_why_and_where_to(self, season: Season) -> None:
        sales, south = new_id(), season.desk.add_pool(f"South {new_id()}")
        rita = rep(sales)
        season.desk.add_user(rita)
        customer = season.desk.add_customer(owner=rita, at=clock.now(), name="Globex")
        season.rules(clocks=Clocks(no_follow_up_days=10), targets=[DepartmentPool(department_id=sales, pool_id=south)])
        (found,) = season.preview().items
        assert (found.customer.id, found.owner.name, found.pool.id) == (customer, rita.name, south)
        assert (found.reclaim_at, found.rule) == (season.midnight(11), "no_follow_up")
        assert found.reasoning["en"].startswith("No follow-up since January 7, 2030.")

    def test_what_goes_later_is_left_out(self, season: Season) -> None:
        season.desk.add_customer(owner=rep(), at=clock.now())
        season.clocks(no_follow_up=10)
        assert len(season.preview(until=day(10)).items) == 1
        assert season.preview(until=day(9)).items == []

    def test_proposed_rules_count_from_tomorrow_and_change_nothing(self, season: Season) -> None:
        customer = season.desk.add_customer(owner=rep(), at=clock.now() - timedelta(days=50))
        proposed = ReclaimRules(clocks=Clocks(no_follow_up_days=30))
        (found,) = season.preview(rules=proposed).items
        assert found.reclaim_at == season.midnight(2)
        assert season.desk.holding(ADMIN, customer).reclaim_at is None
        assert season.preview().items == []

    def test_it_comes_in_pages_of_what_was_looked_at(self, season: Season) -> None:
        customers = {season.desk.add_customer(owner=rep(), at=clock.now()) for _ in range(5)}
        season.clocks(no_follow_up=10)
        first = season.preview(limit=3)
        rest = season.preview(limit=3, cursor=first.next_cursor)
        assert (first.looked_at, rest.looked_at, rest.next_cursor) == (3, 2, None)
        assert {each.customer.id for each in [*first.items, *rest.items]} == customers

    def test_a_manager_sees_what_their_people_hold(self, season: Season) -> None:
        sales = new_id()
        mine, other = rep(sales), rep(new_id())
        for each in (mine, other):
            season.desk.add_user(each)
        customer = season.desk.add_customer(owner=mine, at=clock.now())
        season.desk.add_customer(owner=other, at=clock.now())
        season.clocks(no_follow_up=10)
        assert [each.customer.id for each in season.preview(manager_of(sales)).items] == [customer]
        assert {len(season.preview(each).items) for each in (ADMIN, AUDITOR, PROGRAM)} == {2}

    def test_a_rep_may_not_look(self, season: Season) -> None:
        with refused(NotPermitted, "pool.managers_only"):
            season.preview(rep())

    def test_without_the_facts_there_is_no_answer(self, season: Season) -> None:
        season.desk.add_customer(owner=rep(), at=clock.now())
        season.clocks(no_follow_up=10)
        season.world.away = {"activity"}
        with refused(Unavailable, "call.timed_out"):
            season.preview()

    def test_it_equals_what_the_sweep_then_does(self, season: Season) -> None:
        rita = rep()
        for number in range(12):
            customer = season.desk.add_customer(owner=rita, at=clock.now() - timedelta(days=number))
            if number % 3 == 0:
                season.touch(customer)
            if number % 4 == 0:
                season.open_deal(customer)
        season.rules(clocks=Clocks(no_follow_up_days=15, no_opportunity_days=8), business_days=True)
        foretold = {each.customer.id: each for each in season.preview(until=day(60)).items}
        season.pass_days(60)
        taken = {}
        for customer, said in foretold.items():
            _, before = season.desk.history(customer)
            taken[customer] = (
                before.reason,
                before.reasoning and before.reasoning["en"].startswith(said.reasoning["en"]),
            )
            assert before.until is not None
            assert timedelta() < before.until - said.reclaim_at < timedelta(hours=7)
        assert taken == {customer: (said.rule, True) for customer, said in foretold.items()}
        assert len(foretold) == 12
