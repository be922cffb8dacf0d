"""Routing key patterns as regular expressions."""

import re
import time

import pytest

from servicekit.event_log import topics_regex


def matches(pattern: str, topic: str) -> bool:
    """Whether a routing key is what this pattern asks for."""
    return bool(re.match(topics_regex([pattern]), f".{topic}"))


class TestTopicsRegex:
    @pytest.mark.parametrize(
        ("pattern", "topic", "expected"),
        [
            ("#", "pool.created", True),
            ("#.#", "pool.created", True),
            ("#.#.created", "pool.created", True),
            ("#.#.created", "created", True),
            ("#.#.created", "pool.updated", False),
            ("*.*", "pool.created", True),
            ("*.*", "created", False),
            ("a.a", "a.a", True),
            ("a.a", "a", False),
        ],
    )
    def test_any_number_of_words_twice_over_is_any_number_of_words(
        self, pattern: str, topic: str, expected: bool
    ) -> None:
        assert matches(pattern, topic) == expected

    def test_no_pattern_takes_long(self) -> None:
        began = time.process_time()
        for words in (["#"] * 49 + ["x"], ["#", "*"] * 25, ["#", "x"] * 25, ["*"] * 50):
            assert not matches(".".join(words), "opportunity.stage_changed") or words[-1] == "*"
        assert time.process_time() - began < 1
