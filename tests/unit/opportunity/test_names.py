"""When two writings are one name."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.opportunity.rules.names import Directory, fold


@dataclass(frozen=True)
class Entry:
    names: tuple[str, ...]


class TestFold:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("GTX Pro", "GTXPro"),
            ("GTX Pro", "gtx-pro"),
            ("GTX Pro", " GTX  PRO. "),
            ("Ｇｔｘ　Ｐｒｏ", "GTX Pro"),
            ("STRASSE", "Straße"),
            ("anna.snelling", "Anna Snelling"),
            ("北京 大学", "北京大学"),
            ("O'Neill & Sons", "ONeill Sons"),
        ],
    )
    def test_leaves_out_case_width_blanks_and_punctuation(self, one: str, other: str) -> None:
        assert fold(one) == fold(other)

    @pytest.mark.parametrize(
        ("one", "other"), [("GTX Pro", "GTX Plus Pro"), ("C", "C++"), ("कि", "का"), ("!!!", "???")]
    )
    def test_keeps_apart_what_is_spelled_apart(self, one: str, other: str) -> None:
        assert fold(one) != fold(other)

    @given(st.text())
    def test_changes_nothing_the_second_time(self, name: str) -> None:
        assert fold(fold(name)) == fold(name)


class TestDirectory:
    def test_finds_a_record_by_any_of_its_names(self) -> None:
        anna = Entry(("Anna Snelling", "asnelling"))
        directory = Directory([anna])

        assert directory.find("ANNA SNELLING") == directory.find("a.snelling") == [anna]

    def test_finds_nobody_by_a_name_that_nobody_has(self) -> None:
        assert Directory([Entry(("Anna",))]).find("Berta") == []

    def test_prefers_the_one_written_exactly_so(self) -> None:
        upper, lower = Entry(("ACME",)), Entry(("Acme",))

        assert Directory([upper, lower]).find("Acme") == [lower]

    def test_tells_of_all_that_it_may_mean(self) -> None:
        upper, lower = Entry(("ACME",)), Entry(("Acme",))

        assert Directory([upper, lower]).find("acme") == [upper, lower]
