"""Charts never lead back to where they began."""

from servicekit.database import new_id
from services.customer.rules.charts import closes_cycle

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
