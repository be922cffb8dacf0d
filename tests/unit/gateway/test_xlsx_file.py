"""Workbooks that are sent while they are made: what goes in is what a spreadsheet reads."""

import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from gateway.xlsx_file import xlsx_pieces

CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def read(pieces: Iterator[bytes]) -> list[list[list[str]]]:
    """The rows of each sheet as openpyxl has them."""
    book = load_workbook(io.BytesIO(b"".join(pieces)), read_only=True)
    return [
        [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets
    ]


class TestXlsxPieces:
    def test_rows_come_in_their_order_through_any_number_of_pages(self) -> None:
        pages = [[["Name", "Note"], ["Żółć", "a < b & c"]], [["上海", "two\nlines"]], [["", " spaced "]]]
        assert read(xlsx_pieces(pages)) == [[*pages[0], *pages[1], *pages[2]]]

    def test_a_table_without_rows_holds_its_headings(self) -> None:
        assert read(xlsx_pieces([[["Name"]]])) == [[["Name"]]]

    @pytest.mark.parametrize("text", ["=1+1", "+48 22", "-5", "@home", "'=quoted"])
    def test_what_a_spreadsheet_would_take_for_a_formula_stays_text_also_when_it_is_edited(self, text: str) -> None:
        book = load_workbook(io.BytesIO(b"".join(xlsx_pieces([[["Name"], [text]]]))))
        cell = book.worksheets[0]["A2"]
        assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)

    def test_a_table_longer_than_a_sheet_goes_on_in_the_next_under_the_same_headings(self) -> None:
        rows = [[str(number)] for number in range(5)]
        sheets = read(xlsx_pieces([[["Number"], *rows]], most_rows=3))
        assert sheets == [[["Number"], *rows[:2]], [["Number"], *rows[2:4]], [["Number"], *rows[4:]]]

    def test_a_table_that_just_fills_its_sheet_has_no_second(self) -> None:
        assert len(read(xlsx_pieces([[["Number"], ["1"], ["2"]]], most_rows=3))) == 1

    def test_the_first_bytes_come_before_the_last_page_is_asked_for(self) -> None:
        asked = []

        def pages() -> Iterator[list[list[str]]]:
            for number in range(3):
                asked.append(number)
                yield [[f"{number} {row}"] for row in range(200)]

        pieces = xlsx_pieces(pages())
        assert next(pieces).startswith(b"PK")
        assert asked == [0]
        assert len(read(xlsx_pieces(pages()))[0]) == 600

    @given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=5))
    def test_any_text_makes_a_workbook_that_can_be_read(self, rows: list[list[str]]) -> None:
        (sheet,) = read(xlsx_pieces([rows]))
        assert len(sheet) == len(rows)
