"""Which events a webhook's patterns ask for."""

import time

import pytest

from services.notify import rules


class TestMatches:
    @pytest.mark.parametrize(
        ("pattern", "topic", "expected"),
        [
            ("#", "pool.created", True),
            ("#.#", "pool.created", True),
            ("#.#.created", "created", True),
            ("#.#.created", "pool.updated", False),
            ("pool.*", "pool.created", True),
            ("pool.*", "pool", False),
            ("pool.#", "pool", True),
        ],
    )
    def test_they_are_read_as_the_broker_reads_them(self, pattern: str, topic: str, expected: bool) -> None:
        assert rules.matches(topic, [pattern]) == expected

    def test_as_many_as_a_webhook_may_have_take_no_time(self) -> None:
        began = time.process_time()
        assert not rules.matches("opportunity.stage_changed", [".".join(["#"] * 49 + ["x"])] * 50)
        assert time.process_time() - began < 1
