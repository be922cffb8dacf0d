"""SCALE as people write it, and the processes that come of it."""

import pytest

from deploy.local.errors import LaunchError
from deploy.local.scale import parse_scale, replicas


class TestParseScale:
    def test_names_and_counts_are_read(self) -> None:
        assert parse_scale("pool=2 gateway=3") == {"pool": 2, "gateway": 3}

    def test_commas_do_as_well(self) -> None:
        assert parse_scale("pool=2, gateway=3") == {"pool": 2, "gateway": 3}

    def test_nothing_is_no_change(self) -> None:
        assert parse_scale("  ") == {}

    def test_a_part_can_be_left_out(self) -> None:
        assert parse_scale("notify=0") == {"notify": 0}

    def test_an_unknown_name_is_refused_with_the_known_ones(self) -> None:
        with pytest.raises(LaunchError, match=r"no 'poll'.*pool.*For example"):
            parse_scale("poll=2")

    @pytest.mark.parametrize("text", ["pool", "pool=", "pool=two", "pool=-1", "pool=33", "pool=²"])
    def test_a_bad_count_is_refused_with_an_example(self, text: str) -> None:
        with pytest.raises(LaunchError, match=r"needs a count.*For example"):
            parse_scale(text)


class TestReplicas:
    def test_each_kind_runs_once_and_the_gateway_comes_last(self) -> None:
        assert replicas(("customer", "pool"), {}) == {"customer": "customer", "pool": "pool", "gateway": "gateway"}

    def test_the_second_of_a_kind_has_a_number(self) -> None:
        assert list(replicas(("pool",), {"pool": 3, "gateway": 0})) == ["pool", "pool-2", "pool-3"]
