"""When a customer is taken back: every clause of the rules, and what holds whatever they say."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contracts.activity import ActivityKind
from contracts.pool.rules import Clocks, DepartmentPool, LevelClocks, ReclaimRule, ReclaimRules
from services.pool.rules import reclaim
from services.pool.rules.calendar import Calendar, business_days, is_known
from services.pool.rules.reclaim import Deadline, Exemption, Facts, InForce

GOT = date(2026, 3, 2)
"""A Monday."""
SEGMENT, SALES, HOME, OTHER = (UUID(int=number) for number in range(1, 5))


def day(number: int) -> date:
    """The day so many days after the owner got it."""
    return GOT + timedelta(days=number)


def under(rules: ReclaimRules, facts: Facts, *, today: date = GOT) -> Deadline | None:
    """The deadline by rules that always counted."""
    return reclaim.deadline([InForce(date(2000, 1, 1), rules)], facts, today)


def clocks(**days: int) -> ReclaimRules:
    """Rules that have these clocks for all."""
    return ReclaimRules(clocks=Clocks(**{f"{name}_days": number for name, number in days.items()}))


def held(**more: Any) -> Facts:
    """Held since GOT, with which this was done."""
    return Facts(since=GOT, **more)


class TestClocks:
    @pytest.mark.parametrize(
        ("rules", "facts", "expected"),
        [
            pytest.param(clocks(), held(), None, id="no clock is on"),
            pytest.param(clocks(no_follow_up=30), held(), (day(30), "no_follow_up"), id="from the day it was got"),
            pytest.param(
                clocks(no_follow_up=30), held(touched={"call": day(10)}), (day(40), "no_follow_up"), id="calls move it"
            ),
            pytest.param(
                clocks(no_follow_up=30), held(touched={"call": day(-5)}), (day(30), "no_follow_up"),
                id="a call of the owner before does not",
            ),
            pytest.param(
                clocks(no_follow_up=30), held(touched={"note": day(10)}), (day(30), "no_follow_up"),
                id="a bare note does not",
            ),
            pytest.param(
                clocks(no_follow_up=30), held(touched={"call": day(3), "visit": day(9)}), (day(39), "no_follow_up"),
                id="the latest of all kinds counts",
            ),
            pytest.param(
                clocks(no_opportunity=14), held(), (day(14), "no_opportunity"), id="an opportunity is to be opened",
            ),
            pytest.param(
                clocks(no_opportunity=14), held(opened=day(14)), None, id="one opened on the last day is in time",
            ),
            pytest.param(
                clocks(no_opportunity=14), held(opened=day(15)), (day(14), "no_opportunity"), id="a day later is late",
            ),
            pytest.param(
                clocks(no_opportunity=14), held(opened=GOT), None, id="one that was open already is one",
            ),
            pytest.param(clocks(no_deal=90), held(), (day(90), "no_deal"), id="a deal is to be won"),
            pytest.param(clocks(no_deal=90), held(won=day(90)), None, id="one won on the last day is in time"),
            pytest.param(clocks(no_deal=90), held(won=day(91)), (day(90), "no_deal"), id="one won later is late"),
            pytest.param(
                clocks(no_follow_up=30, hard_maximum=180), held(touched={"call": day(170)}), (day(180), "hard_maximum"),
                id="the hard maximum ends it for active ones too",
            ),
            pytest.param(
                clocks(no_follow_up=30, no_opportunity=14, no_deal=90), held(), (day(14), "no_opportunity"),
                id="the nearest counts",
            ),
            pytest.param(
                clocks(no_follow_up=30, hard_maximum=30), held(), (day(30), "no_follow_up"),
                id="of two that end together the first is named",
            ),
        ],
    )  # fmt: skip
    def test_each_ends_when_it_says(self, rules: ReclaimRules, facts: Facts, expected: tuple[date, str] | None) -> None:
        found = under(rules, facts)
        assert (found and (found.day, found.rule)) == expected

    def test_a_level_may_have_its_own(self) -> None:
        rules = ReclaimRules(
            clocks=Clocks(no_follow_up_days=30),
            levels=[
                LevelClocks(level="A", clocks=Clocks(no_follow_up_days=90)),
                LevelClocks(level="D", clocks=Clocks()),
            ],
        )
        found = {level: under(rules, held(level=level)) for level in (None, "A", "C", "D")}
        ends = {level: each and each.day for level, each in found.items()}
        assert ends == {None: day(30), "A": day(90), "C": day(30), "D": None}

    def test_which_activities_count_is_configured(self) -> None:
        rules = clocks(no_follow_up=30).model_copy(update={"counted_kinds": [ActivityKind.VISIT]})
        assert self.end(rules, {"call": day(5)}) == day(30)
        assert self.end(rules, {"visit": day(5)}) == day(35)

    @staticmethod
    def end(rules: ReclaimRules, touched: Mapping[str, date]) -> date | None:
        found = under(rules, held(touched=touched))
        return found and found.day


class TestBusinessDays:
    def test_weekends_are_left_out(self) -> None:
        rules = clocks(no_follow_up=5).model_copy(update={"business_days": True})
        found = under(rules, held())
        assert found is not None
        assert (found.day, found.day.strftime("%A")) == (date(2026, 3, 9), "Monday")

    def test_so_are_a_countrys_holidays(self) -> None:
        # 1 and 3 May 2026 are holidays in Poland, a Friday and a Sunday.
        assert business_days("PL").after(date(2026, 4, 30), 1) == date(2026, 5, 4)
        assert business_days(None).after(date(2026, 4, 30), 1) == date(2026, 5, 1)
        assert business_days("CN").after(date(2026, 9, 30), 1) > date(2026, 10, 5)

    @pytest.mark.parametrize(("country", "known"), [("PL", True), ("CN", True), ("XX", False), ("POL", False)])
    def test_countries(self, country: str, known: bool) -> None:
        assert is_known(country) == known

    @given(start=st.dates(date(2020, 1, 1), date(2040, 1, 1)), days=st.integers(1, 400))
    def test_the_last_day_is_one_that_counts_and_there_are_so_many(self, start: date, days: int) -> None:
        calendar = business_days("PL")
        end = calendar.after(start, days)
        between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
        assert calendar.counts(end)
        assert sum(map(calendar.counts, between)) == days


class TestExemptions:
    @pytest.mark.parametrize(
        ("rules", "facts", "reason"),
        [
            ({}, {"ever_won": True}, Exemption.WON),
            ({"exempt_won": False}, {"ever_won": True}, None),
            ({}, {"open": True}, None),
            ({"exempt_open_opportunity": True}, {"open": True}, Exemption.OPEN_OPPORTUNITY),
            ({"exempt_segments": [SEGMENT]}, {"segment_ids": [SEGMENT]}, Exemption.SEGMENT),
            ({"exempt_segments": [SEGMENT]}, {"segment_ids": [OTHER]}, None),
        ],
    )
    def test_each_counts_as_the_rules_choose(
        self, rules: dict[str, Any], facts: dict[str, Any], reason: Exemption | None
    ) -> None:
        given = clocks(hard_maximum=10).model_copy(update=rules)
        assert reclaim.exemption(given, held(**facts)) == reason
        assert (under(given, held(**facts)) is None) == (reason is not None)

    def test_protection_moves_a_deadline_to_its_last_day(self) -> None:
        found = under(clocks(no_follow_up=30), held(not_before=day(45)))
        assert found is not None
        assert (found.day, found.postponed) == (day(45), True)

    def test_protection_that_ends_before_changes_nothing(self) -> None:
        found = under(clocks(no_follow_up=30), held(not_before=day(20)))
        assert found is not None
        assert (found.day, found.postponed) == (day(30), False)

    def test_what_is_done_under_protection_is_in_time(self) -> None:
        assert under(clocks(no_opportunity=14), held(not_before=day(45), opened=day(40))) is None

    def test_when_what_it_stands_on_changes_there_is_time_for_the_last_warning(self) -> None:
        rules = clocks(no_follow_up=30)
        assert reclaim.grace(rules, day(60)) == day(61)
        assert reclaim.grace(rules.model_copy(update={"warn_days": []}), day(60)) == day(60)
        assert reclaim.terms(rules, held(ever_won=True)) != reclaim.terms(rules, held())
        assert reclaim.terms(rules, held(level="A")) != reclaim.terms(rules, held(level="B"))


class TestSchedule:
    OLD, NEW = clocks(no_follow_up=90), clocks(no_follow_up=30)

    def due(self, first: date, *, today: date, facts: Facts | None = None) -> date | None:
        schedule = [InForce(date(2000, 1, 1), self.OLD), InForce(first, self.NEW)]
        found = reclaim.deadline(schedule, facts or held(), today)
        return found and found.day

    def test_rules_to_come_take_nothing_before_their_first_day(self) -> None:
        assert self.due(day(60), today=day(50)) == day(60)

    def test_rules_to_come_count_for_what_ends_later(self) -> None:
        assert self.due(day(10), today=day(5)) == day(30)

    def test_what_was_done_before_they_count_is_in_time(self) -> None:
        schedule = [InForce(day(60), clocks(no_opportunity=14, no_deal=30))]
        assert reclaim.deadline(schedule, held(opened=day(40), won=day(60)), day(50)) is None
        late = reclaim.deadline(schedule, held(opened=day(61), won=day(60)), day(50))
        assert late is not None
        assert (late.day, late.rule) == (day(60), ReclaimRule.NO_OPPORTUNITY)

    def test_what_ends_before_they_count_ends_by_those_before(self) -> None:
        assert self.due(day(100), today=day(50)) == day(90)

    def test_they_may_spare_what_those_before_would_have_taken_later(self) -> None:
        schedule = [InForce(date(2000, 1, 1), self.OLD), InForce(day(80), clocks(no_follow_up=120))]
        found = reclaim.deadline(schedule, held(), day(50))
        assert found is not None
        assert found.day == day(120)

    def test_what_ended_with_yesterday_is_judged_by_yesterdays_rules(self) -> None:
        schedule = [InForce(date(2000, 1, 1), self.NEW), InForce(day(31), self.OLD)]
        assert reclaim.deadline(schedule, held(), day(31)) == under(self.NEW, held())
        found = reclaim.deadline(schedule, held(), day(32))
        assert found is not None
        assert found.day == day(90)

    def test_without_rules_nothing_is_taken(self) -> None:
        assert reclaim.deadline([], held(), GOT) is None
        assert reclaim.deadline([InForce(day(5), clocks())], held(), GOT) is None


class TestWarnings:
    RULES = clocks(no_follow_up=30)

    @pytest.mark.parametrize(
        ("days_left", "warned", "expected"),
        [
            (8, None, None), (7, None, 7), (7, 7, None), (5, None, 7), (5, 7, None), (3, 7, 3), (3, 3, None),
            (2, None, 3), (1, 3, 1), (0, None, 1), (0, 3, 1), (0, 1, None), (-1, None, None),
        ],
    )  # fmt: skip
    def test_each_comes_once_and_one_missed_is_replaced_by_the_next(
        self, days_left: int, warned: int | None, expected: int | None
    ) -> None:
        assert reclaim.warning_due(self.RULES, day(30), day(30 - days_left), warned=warned) == expected

    def test_the_manager_hears_of_the_last_one(self) -> None:
        assert [reclaim.is_last_warning(self.RULES, days) for days in (7, 3, 1)] == [False, False, True]

    def test_the_next_one(self) -> None:
        assert reclaim.next_warning(self.RULES, day(30), day(5)) == day(23)
        assert reclaim.next_warning(self.RULES, day(30), day(23)) == day(27)
        assert reclaim.next_warning(self.RULES, day(30), day(29)) is None


class TestTarget:
    def test_it_is_the_pool_of_the_former_owners_department_or_home(self) -> None:
        rules = ReclaimRules(targets=[DepartmentPool(department_id=SALES, pool_id=OTHER)])
        assert [reclaim.target(rules, each, HOME) for each in (SALES, HOME, None)] == [OTHER, HOME, HOME]


DAYS = st.integers(0, 400).map(day)
CLOCKS = st.builds(
    Clocks,
    no_follow_up_days=st.none() | st.integers(1, 200),
    no_opportunity_days=st.none() | st.integers(1, 200),
    no_deal_days=st.none() | st.integers(1, 200),
    hard_maximum_days=st.none() | st.integers(1, 200),
)
RULES = st.builds(
    ReclaimRules,
    clocks=CLOCKS,
    business_days=st.booleans(),
    holidays_of=st.sampled_from([None, "PL"]),
    exempt_won=st.booleans(),
    exempt_open_opportunity=st.booleans(),
)
FACTS = st.builds(
    Facts,
    since=DAYS,
    touched=st.dictionaries(st.sampled_from(["call", "visit", "note"]), DAYS),
    open=st.booleans(),
    opened=st.none() | DAYS,
    ever_won=st.booleans(),
    won=st.none() | DAYS,
    not_before=st.none() | DAYS,
)
SCHEDULES = st.lists(st.builds(InForce, DAYS, RULES), min_size=1, max_size=4, unique_by=lambda each: each.first)


class TestWhateverTheRulesSay:
    @given(schedule=SCHEDULES, facts=FACTS, today=DAYS, touch=DAYS)
    def test_a_later_follow_up_never_brings_a_deadline_nearer(
        self, schedule: list[InForce], facts: Facts, today: date, touch: date
    ) -> None:
        before = reclaim.deadline(schedule, facts, today)
        touched = facts._replace(touched={**facts.touched, "call": max(facts.touched.get("call", touch), touch)})
        after = reclaim.deadline(schedule, touched, today)
        assume(after is not None)
        assert before is not None
        assert after is not None
        assert before.day <= after.day

    @given(schedule=SCHEDULES, facts=FACTS, today=DAYS)
    def test_a_deadline_is_never_before_the_day_it_was_earned(
        self, schedule: list[InForce], facts: Facts, today: date
    ) -> None:
        found = reclaim.deadline(schedule, facts, today)
        assume(found is not None)
        assert found is not None
        assert found.day >= found.counted_from + timedelta(days=found.days)
        assert found.day >= (facts.not_before or found.day)
        assert any(each.rules is found.rules and found.day >= each.first for each in schedule)

    @given(schedule=SCHEDULES, facts=FACTS, today=DAYS, later=st.integers(0, 60))
    def test_what_is_said_today_holds_until_it_comes(
        self, schedule: list[InForce], facts: Facts, today: date, later: int
    ) -> None:
        """Asked again on any day up to the one after the deadline, the answer is the same."""
        found = reclaim.deadline(schedule, facts, today)
        assume(found is not None)
        assert found is not None
        on = min(today + timedelta(days=later), max(found.day + timedelta(days=1), today))
        assert reclaim.deadline(schedule, facts, on) == found

    @given(rules=RULES, facts=FACTS, today=DAYS)
    def test_the_named_rule_is_one_that_is_on(self, rules: ReclaimRules, facts: Facts, today: date) -> None:
        found = under(rules, facts, today=today)
        assume(found is not None)
        assert found is not None
        assert getattr(rules.clocks, f"{ReclaimRule(found.rule)}_days") == found.days

    def test_every_day_counts_where_nothing_else_is_said(self) -> None:
        assert Calendar().after(GOT, 3) == day(3)
