"""Tables out of files: what a writer wrote is read again, and what is no table is refused with its row."""

import csv
import io
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from services.customer.tables.reading import read_table
from services.customer.tables.table import MOST_COLUMNS, TableFault

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=3).filter(any), max_size=5)
HEADINGS = ["Name", "Phone", "Note"]


def written(rows: list[list[str]], *, delimiter: str = ",", encoding: str = "utf-8", **how: Any) -> bytes:
    """The rows below the headings as a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, **how).writerows([HEADINGS, *rows])
    return text.getvalue().encode(encoding)


def workbook(*rows: list[Any]) -> bytes:
    """The rows as an XLSX file."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read(content: bytes, **said: str) -> list[list[str]]:
    """The rows of a file, each as wide as the headings."""
    rows = [cells for _, cells in read_table(io.BytesIO(content), **said).rows]
    return [cells + [""] * (len(HEADINGS) - len(cells)) for cells in rows]


def refusal(content: bytes) -> tuple[str, int | None]:
    """The code and the row of what is wrong with a file."""
    with pytest.raises(TableFault) as caught:
        list(read_table(io.BytesIO(content)).rows)
    return caught.value.code, caught.value.row


class TestReadTable:
    @given(
        rows=ROWS,
        delimiter=st.sampled_from(",;\t|"),
        encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "gb18030"]),
        quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    )
    def test_what_a_writer_wrote_is_read_again(
        self, rows: list[list[str]], delimiter: str, encoding: str, quoting: int
    ) -> None:
        content = written(rows, delimiter=delimiter, encoding=encoding, quoting=quoting)
        unmistakable = [[cell.lstrip("'") for cell in row] for row in rows]
        found = read(content, encoding=encoding, delimiter=delimiter)
        assert [[cell.lstrip("'") for cell in row] for row in found] == unmistakable

    @pytest.mark.parametrize(
        ("name", "encoding"),
        [
            ("上海贸易有限公司", "gb18030"),
            ("臺北科技股份有限公司", "big5"),
            ("Zażółć gęślą jaźń Spółka z o.o.", "cp1250"),
            ("上海贸易有限公司", "utf-16"),
            ("Żółw", "utf-8"),
            ("Żółw", "utf-8-sig"),
        ],
    )
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    def test_encoding_and_delimiter_are_guessed(self, name: str, encoding: str, delimiter: str) -> None:
        rows = [[name, str(number), name] for number in range(20)]
        assert read(written(rows, delimiter=delimiter, encoding=encoding)) == rows

    def test_a_foreign_byte_far_behind_is_guessed_by_what_stands_round_it(self) -> None:
        rows = [[f"Plain {number}", "x" * 50, ""] for number in range(20_000)] + [["上海贸易有限公司", "", ""]] * 20
        assert read(written(rows, encoding="gb18030"))[-1][0] == "上海贸易有限公司"

    def test_a_workbook_gives_texts_as_a_sheet_shows_them(self) -> None:
        content = workbook(HEADINGS, ["Acme", 250, 1.5], [None, None, None], ["=HYPERLINK", True, ""])
        table = read_table(io.BytesIO(workbook(HEADINGS, ["Acme", 250, 1.5], [], ["Last", True])))
        assert list(table.rows) == [(2, ["Acme", "250", "1.5"]), (4, ["Last", "true"])]
        assert refusal(content) == ("import.formula", 4)

    @pytest.mark.parametrize(
        ("content", "code", "row"),
        [
            (b"", "import.empty", None),
            (b"\n,,\n", "import.empty", None),
            (b"Name,name\nA,B\n", "import.repeated_heading", 1),
            (b"\xef\xbb\xbfName\nA\nB\xff\xfe\n", "import.bad_encoding", 3),
            (b"Name\nA\nB\x00\n" + b"x" * 5_000, "import.bad_encoding", 3),
            (b'Name\nA\n"B\nC\n', "import.bad_quoting", 3),
            (b'Name\nA\n"B"C\n', "import.bad_quoting", 3),
            (b'Name\nA\n"' + b"x" * 10_000_000 + b'"\n', "import.cell_too_large", 3),
            (b"Name\nA\n" + b"x" * 10_000_000, "import.cell_too_large", 3),
            (b"Name\nA\n" + b"x" * 40_000 + b"\n", "import.cell_too_large", 3),
            (b'Name\nA\n"B\n' + b"C,D\n" * 100_000, "import.cell_too_large", 3),
            (b"Name\nA\n" + b"," * MOST_COLUMNS + b"x\n", "import.too_many_columns", 3),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "import.not_a_table", None),
            (b"%PDF-1.7", "import.not_a_table", None),
            (b"PK\x03\x04 and then nothing", "import.broken_xlsx", None),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_is_no_table_is_refused_with_its_row(self, content: bytes, code: str, row: int | None) -> None:
        found = refusal(content)
        assert found == (code, row)

    @pytest.mark.parametrize("left", [0.2, 0.5, 0.9, 0.99])
    def test_a_workbook_that_was_cut_off_is_refused(self, left: float) -> None:
        content = workbook(HEADINGS, *([f"Row {number}", number] for number in range(200)))
        assert refusal(content[: int(len(content) * left)]) == ("import.broken_xlsx", None)

    def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unread(self) -> None:
        file = io.BytesIO()
        with ZipFile(file, "w", ZIP_DEFLATED) as packed:
            packed.writestr("xl/sharedStrings.xml", b"\x00" * 160_000_000)
        assert refusal(file.getvalue()) == ("import.too_large_inside", None)
