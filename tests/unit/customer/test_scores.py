"""What customers are worth: rules over fields and activities, and how their points fade."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contracts.activity import ActivityKind
from contracts.customer.scores import BehaviourRule, FitField, FitRule
from contracts.errors import InvalidInput
from services.customer.rules.scores import Standing, check_rules, crosses, fit, points_of, rank, score, total, touched

EPOCH = datetime(2026, 11, 1, tzinfo=UTC)
HALF_LIFE = timedelta(days=14)
NEW = Standing(fit=0, fit_at=EPOCH, behaviour=0.0, behaviour_at=EPOCH)

half_lives = st.integers(1, 365).map(lambda days: timedelta(days=days))
moments = st.integers(0, 200 * 24 * 60).map(lambda minutes: EPOCH + timedelta(minutes=minutes))
tenths = st.integers(-10_000, 10_000).map(lambda number: number / 10)
standings = st.builds(Standing, st.integers(0, 1_000), moments, tenths, moments)


def last_touch(standing: Standing) -> datetime:
    """The moment after which it only fades."""
    return max(standing.fit_at, standing.behaviour_at)


def rule(field: str, points: int, **condition: Any) -> FitRule:
    """A rule of fit."""
    return FitRule(field=FitField(field), points=points, **condition)


class TestFit:
    VALUES: Mapping[str, Any] = {
        **dict.fromkeys(FitField),
        FitField.KIND: "company",
        FitField.INDUSTRY: "Retail",
        FitField.SIZE: 120,
        FitField.TAGS: ["Key Account", "fair"],
        FitField.EMAILS: [],
        FitField.WEBSITE: "https://acme.example",
    }

    @pytest.mark.parametrize(
        ("one", "holds"),
        [
            (rule("industry", 5, any_of=["finance", "RETAIL"]), True),
            (rule("industry", 5, any_of=["finance"]), False),
            (rule("source", 5, any_of=["fair"]), False),
            (rule("tags", 5, any_of=["key account"]), True),
            (rule("size", 5, at_least=120), True),
            (rule("size", 5, at_least=121), False),
            (rule("size", 5, at_least=50, at_most=119), False),
            (rule("website", 5), True),
            (rule("emails", 5), False),
            (rule("source", 5), False),
        ],
    )
    def test_a_rule_counts_where_it_holds(self, one: FitRule, holds: bool) -> None:
        assert fit([one], self.VALUES) == (5 if holds else 0)

    def test_all_that_hold_count_together(self) -> None:
        assert fit([rule("website", 5), rule("kind", 7), rule("tags", -2, any_of=["fair"])], self.VALUES) == 10

    def test_it_is_never_below_zero(self) -> None:
        assert fit([rule("website", -5)], self.VALUES) == 0


class TestCheckRules:
    def test_a_condition_that_the_field_can_not_meet_is_named(self) -> None:
        rules = [rule("size", 1, at_least=5), rule("size", 1, any_of=["5"]), rule("industry", 1, at_most=5)]
        with pytest.raises(InvalidInput) as raised:
            check_rules(rules)
        faults = [(fault.field, fault.code) for fault in raised.value.fields]
        assert faults == [("fit.1.any_of", "scoring.no_text"), ("fit.2.at_most", "scoring.no_number")]


class TestPointsOf:
    RULES = (
        BehaviourRule(outcome="Not interested", points=-20),
        BehaviourRule(kind=ActivityKind.CALL, outcome="Reached", points=8),
        BehaviourRule(kind=ActivityKind.CALL, points=5),
    )

    @pytest.mark.parametrize(
        ("kind", "outcome", "points"),
        [
            (ActivityKind.CALL, None, 5),
            (ActivityKind.CALL, "reached", 8),
            (ActivityKind.CALL, "NOT INTERESTED", -20),
            (ActivityKind.VISIT, "Not interested", -20),
            (ActivityKind.VISIT, "reached", 0),
        ],
    )
    def test_the_first_rule_that_is_met_counts(self, kind: ActivityKind, outcome: str | None, points: int) -> None:
        assert points_of(self.RULES, kind, outcome) == points


class TestTotal:
    @settings(deadline=None)
    @given(standings, half_lives)
    def test_after_a_half_life_half_is_left(self, standing: Standing, half_life: timedelta) -> None:
        now = last_touch(standing)
        whole = total(standing, now, half_life=half_life)
        assert math.isclose(total(standing, now + half_life, half_life=half_life), whole / 2, abs_tol=1e-6)


class TestTouched:
    @settings(deadline=None)
    @given(standings, st.integers(1, 1_000), moments, half_lives)
    def test_good_points_never_lower_a_total(
        self, standing: Standing, points: int, at: datetime, half_life: timedelta
    ) -> None:
        after = touched(standing, points, at, half_life=half_life)
        now = last_touch(after)
        assert total(after, now, half_life=half_life) >= total(standing, now, half_life=half_life) - 1e-6
        assert rank(after, half_life=half_life) >= rank(standing, half_life=half_life) - 1

    @settings(deadline=None)
    @given(standings, st.integers(-1_000, -1), moments, half_lives)
    def test_bad_points_always_lower_it(
        self, standing: Standing, points: int, at: datetime, half_life: timedelta
    ) -> None:
        after = touched(standing, points, at, half_life=half_life)
        now = last_touch(after)
        assert total(after, now, half_life=half_life) <= total(standing, now, half_life=half_life) + 1e-6

    @settings(deadline=None, max_examples=50)
    @given(standings, st.lists(st.tuples(st.integers(-100, 100), moments), max_size=4), half_lives)
    def test_the_order_in_which_it_is_told_makes_no_difference(
        self, standing: Standing, touches: list[tuple[int, datetime]], half_life: timedelta
    ) -> None:
        ends = []
        for order in permutations(touches):
            end = standing
            for points, at in order:
                end = touched(end, points, at, half_life=half_life)
            ends.append(end)
        assert len({(end.fit_at, end.behaviour_at) for end in ends}) == 1
        assert all(math.isclose(end.behaviour, ends[0].behaviour, abs_tol=1e-6) for end in ends)


class TestRank:
    @settings(deadline=None, max_examples=300)
    @given(standings, standings, st.timedeltas(timedelta(), timedelta(days=200)), half_lives)
    def test_its_order_is_that_of_totals_at_every_moment(
        self, one: Standing, other: Standing, later: timedelta, half_life: timedelta
    ) -> None:
        assume(all(abs(total(each, last_touch(each), half_life=half_life)) > 1e-6 for each in (one, other)))
        now = max(last_touch(one), last_touch(other)) + later
        mine, theirs = (total(each, now, half_life=half_life) for each in (one, other))
        assume(abs(mine - theirs) > 1e-6 * max(abs(mine), abs(theirs)))
        ranks = [rank(each, half_life=half_life) for each in (one, other)]
        assert (ranks[0] > ranks[1]) == (mine > theirs)

    def test_good_ones_come_before_nothing_and_nothing_before_bad_ones(self) -> None:
        good, bad = (touched(NEW, points, EPOCH, half_life=HALF_LIFE) for points in (1, -1))
        assert rank(good, half_life=HALF_LIFE) > rank(NEW, half_life=HALF_LIFE) == 0 > rank(bad, half_life=HALF_LIFE)

    def test_who_fits_comes_before_who_does_not_from_the_start(self) -> None:
        fitting = Standing(fit=1, fit_at=EPOCH, behaviour=0.0, behaviour_at=EPOCH)
        assert rank(fitting, half_life=HALF_LIFE) > rank(NEW, half_life=HALF_LIFE)


class TestScore:
    def test_fit_is_told_whole_and_what_fades_as_it_is_now(self) -> None:
        standing = touched(Standing(40, EPOCH, 0.0, EPOCH), 5, EPOCH, half_life=HALF_LIFE)
        told = score(standing, EPOCH + HALF_LIFE, half_life=HALF_LIFE)
        assert (told.fit, told.behaviour, told.total) == (40, 2.5, 22.5)

    def test_good_points_make_fit_count_in_full_again(self) -> None:
        stale = Standing(40, EPOCH, 0.0, EPOCH)
        later = EPOCH + 3 * HALF_LIFE
        assert score(stale, later, half_life=HALF_LIFE).total == 5
        assert score(touched(stale, 5, later, half_life=HALF_LIFE), later, half_life=HALF_LIFE).total == 45
        assert score(touched(stale, -1, later, half_life=HALF_LIFE), later, half_life=HALF_LIFE).total == 4


class TestCrosses:
    @pytest.mark.parametrize(
        ("before", "after", "threshold", "crossed"),
        [(49, 50, 50, True), (50, 49, 50, True), (50, 90, 50, False), (0, 49, 50, False)],
    )
    def test_only_a_step_over_the_threshold(self, before: float, after: float, threshold: int, crossed: bool) -> None:
        assert crosses(before, after, threshold) is crossed
