"""Charts never lead back to where they began."""

from hypothesis import given, settings
from hypothesis import strategies as st

from servicekit.database import new_id
from services.customer.rules.charts import closes_cycle, top_down

TOP, MIDDLE, BOTTOM, OTHER = new_id(), new_id(), new_id(), new_id()
CHART = {TOP: None, MIDDLE: TOP, BOTTOM: MIDDLE, OTHER: None}


class TestClosesCycle:
    def test_nobody_is_their_own_superior(self) -> None:
        assert closes_cycle(CHART, OTHER, OTHER)

    def test_one_below_can_not_be_above(self) -> None:
        assert closes_cycle(CHART, TOP, MIDDLE)
        assert closes_cycle(CHART, TOP, BOTTOM)

    def test_moving_up_or_aside_is_fine(self) -> None:
        assert not closes_cycle(CHART, BOTTOM, TOP)
        assert not closes_cycle(CHART, BOTTOM, OTHER)
        assert not closes_cycle(CHART, TOP, OTHER)

    def test_a_circle_that_is_there_already_ends_the_walk(self) -> None:
        assert closes_cycle({TOP: MIDDLE, MIDDLE: TOP}, OTHER, TOP)


class TestTopDown:
    def test_each_is_followed_by_those_below(self) -> None:
        assert list(top_down(CHART)) == [(TOP, 0), (MIDDLE, 1), (BOTTOM, 2), (OTHER, 0)]

    @settings(deadline=None)
    @given(st.lists(st.integers(min_value=0), max_size=30))
    def test_of_any_chart_everybody_is_there_once_just_below_their_superior(self, picks: list[int]) -> None:
        people = [new_id() for _ in picks]
        superiors = {
            person: [None, *people[:at]][pick % (at + 1)]
            for at, (person, pick) in enumerate(zip(people, picks, strict=True))
        }
        lines = list(top_down(superiors))
        depths = dict(lines)
        assert sorted(depths) == sorted(people)
        assert len(lines) == len(people)
        for person, superior in superiors.items():
            assert depths[person] == (0 if superior is None else depths[superior] + 1)
