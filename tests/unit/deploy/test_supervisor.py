"""When a part that ended by itself is started again, and what a person reads meanwhile."""

import pytest

from deploy.local.errors import LaunchError
from deploy.local.supervisor import Supervisor


class Lamp:
    """The smallest thing that can go out and be lit again."""

    def __init__(self) -> None:
        self.alive = True
        self.starts = 0

    def start(self) -> None:
        self.starts += 1
        self.alive = True


class BrokenLamp(Lamp):
    def start(self) -> None:
        super().start()
        self.alive = False
        raise LaunchError("the bulb is missing")


@pytest.fixture
def told() -> list[str]:
    return []


class TestLook:
    def test_what_runs_is_left_alone(self, told: list[str]) -> None:
        lamp = Lamp()
        assert not Supervisor({"lamp": lamp}, tell=told.append).look(0)
        assert (lamp.starts, told) == (0, [])

    def test_what_ended_is_told_and_started_after_a_second(self, told: list[str]) -> None:
        lamp = Lamp()
        supervisor = Supervisor({"lamp": lamp}, tell=told.append)
        lamp.alive = False

        assert not supervisor.look(10.0)
        assert not supervisor.look(10.9)
        assert supervisor.look(11.0)

        assert lamp.starts == 1
        assert told == [
            "lamp ended unexpectedly; it starts again in 1 s. Its log tells more.",
            "lamp is started again.",
        ]

    def test_each_end_soon_after_the_last_doubles_the_wait_up_to_half_a_minute(self, told: list[str]) -> None:
        lamp = Lamp()
        supervisor = Supervisor({"lamp": lamp}, tell=told.append)
        waits = []
        now = 0.0
        for _ in range(7):
            lamp.alive = False
            supervisor.look(now)
            ended = now
            while not supervisor.look(now):
                now += 1
            waits.append(now - ended)
        assert waits == [1, 2, 4, 8, 16, 30, 30]

    def test_a_steady_minute_is_a_fresh_beginning(self, told: list[str]) -> None:
        lamp = Lamp()
        supervisor = Supervisor({"lamp": lamp}, tell=told.append)
        lamp.alive = False
        supervisor.look(0)
        assert supervisor.look(1)
        supervisor.look(62)

        lamp.alive = False
        supervisor.look(100)

        assert supervisor.look(101)

    def test_a_start_that_fails_is_told_and_tried_again_later(self, told: list[str]) -> None:
        lamp = BrokenLamp()
        supervisor = Supervisor({"lamp": lamp}, tell=told.append)
        lamp.alive = False
        for now in (0, 1, 2, 4):
            assert not supervisor.look(now)
        assert lamp.starts == 2
        assert told.count("the bulb is missing") == 2
