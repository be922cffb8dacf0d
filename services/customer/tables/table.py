"""A table as it comes out of a file, whatever the file's format, and what may be wrong with one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_COLUMNS = 200
MOST_ROWS = 1_048_576
"""As many as a sheet of a spreadsheet has."""
CELL_CHARACTERS = 32_767
"""As many as a cell of a spreadsheet holds."""

Row = tuple[int, list[str]]
"""A row's number as a spreadsheet counts, and the texts of its cells."""


class TableFault(Exception):
    """The file can't be read as a table. `row` is where, None where it is about the file as such."""

    def __init__(self, code: str, detail: str, *, row: int | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail if row is None else f"Row {row}: {detail}"
        self.row = row


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written. XLSX has neither encoding nor delimiter."""

    format: str
    encoding: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """The headings, and the rows below them; the rows are read while they are iterated, and raise TableFault."""

    form: Form
    header: list[str]
    rows: Iterator[Row]


def as_table(form: Form, rows: Iterator[Row]) -> Table:
    """The first row that holds anything is the headings; further empty ones are left out."""
    filled = ((number, cells) for number, cells in _bounded(rows) if any(cells))
    number, cells = next(filled, (1, []))
    if not cells:
        raise TableFault("import.empty", "There is nothing in this file. Its first row must name the columns.")
    return Table(form, _header(cells, number), filled)


def _header(cells: Sequence[str], number: int) -> list[str]:
    named: dict[str, int] = {}
    for place, text in enumerate((text.strip() for text in cells), start=1):
        if text and (first := named.setdefault(text.casefold(), place)) != place:
            detail = f"Columns {first} and {place} have the same name, {text[:80]!r}. Rename one of them."
            raise TableFault("import.repeated_heading", detail, row=number)
    header = [text.strip() for text in cells]
    while not header[-1]:
        header.pop()
    return header


def _bounded(rows: Iterator[Row]) -> Iterator[Row]:
    for number, cells in rows:
        if number > MOST_ROWS:
            raise TableFault("import.too_many_rows", f"A file may have {MOST_ROWS:,} rows. Split it.")
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise TableFault("import.too_many_columns", f"A file may have {MOST_COLUMNS} columns.", row=number)
        if any(len(cell) > CELL_CHARACTERS for cell in cells):
            detail = f"A cell has more than {CELL_CHARACTERS:,} characters. A quotation mark may be missing."
            raise TableFault("import.cell_too_large", detail, row=number)
        if any("\x00" in cell for cell in cells):
            detail = "A cell holds a NUL character, as no text does. Check how the file was saved."
            raise TableFault("import.bad_encoding", detail, row=number)
        yield number, cells
