"""Where a broker and a database come from when several ways are open."""

from collections.abc import Callable
from functools import partial

import pytest

from deploy.local.choice import BROKER_ORDER, DATABASE_ORDER, Way, choose


class TestChoose:
    @pytest.mark.parametrize(
        ("possible", "chosen"),
        [
            ({Way.GIVEN, Way.EMBEDDED, Way.INSTALLED, Way.DOCKER}, Way.GIVEN),
            ({Way.EMBEDDED, Way.INSTALLED, Way.DOCKER}, Way.EMBEDDED),
            ({Way.INSTALLED, Way.DOCKER}, Way.INSTALLED),
            ({Way.DOCKER}, Way.DOCKER),
            (set(), None),
        ],
    )
    def test_a_database_is_given_else_embedded_else_installed_else_docker(
        self, possible: set[Way], chosen: Way | None
    ) -> None:
        assert choose(DATABASE_ORDER, _offers(possible)) is chosen

    @pytest.mark.parametrize(
        ("possible", "chosen"),
        [
            ({Way.GIVEN, Way.INSTALLED, Way.DOCKER, Way.APT}, Way.GIVEN),
            ({Way.INSTALLED, Way.DOCKER, Way.APT}, Way.INSTALLED),
            ({Way.DOCKER, Way.APT}, Way.DOCKER),
            ({Way.APT}, Way.APT),
            (set(), None),
        ],
    )
    def test_a_broker_is_given_else_installed_else_docker_else_from_apt(
        self, possible: set[Way], chosen: Way | None
    ) -> None:
        assert choose(BROKER_ORDER, _offers(possible)) is chosen

    def test_later_ways_are_not_even_tried(self) -> None:
        def refuse() -> str:
            raise AssertionError("asked for nothing")

        assert choose((Way.GIVEN, Way.DOCKER), {Way.GIVEN: lambda: "given", Way.DOCKER: refuse}) == "given"


def _offers(possible: set[Way]) -> dict[Way, Callable[[], Way | None]]:
    """Each way offers itself when it is possible."""
    return {way: partial({way: way for way in possible}.get, way) for way in Way}
