"""Texts that a spreadsheet would take for formulas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.formulas import neutralised, restored


class TestNeutralised:
    @pytest.mark.parametrize("text", ["=1+1", "+48 22", "-1", "@SUM(A1)", "\t=1", "'=1"])
    def test_what_could_be_a_formula_begins_with_an_apostrophe(self, text: str) -> None:
        assert neutralised(text) == f"'{text}"

    @pytest.mark.parametrize("text", ["", "Acme", "O'Neill", "'tis", "5 = 5"])
    def test_any_other_text_stays(self, text: str) -> None:
        assert neutralised(text) == text

    @given(text=st.text(st.sampled_from("'=+-@\t\r\nab")))
    def test_it_is_restored_as_it_was(self, text: str) -> None:
        assert restored(neutralised(text)) == text
