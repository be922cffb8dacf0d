"""Tables in XLSX files: the first sheet, read row by row; formulas and torn files are refused."""

import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from services.customer.tables.table import MOST_COLUMNS, Form, Row, Table, TableFault, as_table

BEGINS = b"PK\x03\x04"
_UNPACKED_BYTES = 2_000_000_000
_STRINGS_BYTES = 150_000_000
"""All texts of a workbook lie in one list that is read first, so this one bounds the memory."""
_TORN = (BadZipFile, ParseError, zlib.error, KeyError, ValueError, TypeError, EOFError, InvalidFileException)
"""What the library raises over a file that is not as it should be."""


def read_xlsx(file: BinaryIO) -> Table:
    """The table in the first sheet. TableFault: why there is none."""
    try:
        _check_size(file)
        book = load_workbook(file, read_only=True, keep_links=False)
        sheet = book.worksheets[0]
    except (*_TORN, IndexError):
        raise _torn(row=None) from None
    return as_table(Form("xlsx"), _rows(sheet))


def _check_size(file: BinaryIO) -> None:
    with ZipFile(file) as packed:
        sizes = {entry.filename: entry.file_size for entry in packed.infolist()}
    strings = sum(size for name, size in sizes.items() if name.lower().endswith("sharedstrings.xml"))
    if sum(sizes.values()) > _UNPACKED_BYTES or strings > _STRINGS_BYTES:
        raise TableFault("import.too_large_inside", "This workbook is too large. Save it as CSV, or split it.")


def _rows(sheet: Any) -> Iterator[Row]:
    number = 0
    try:
        for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
            yield number, [_text(cell, number) for cell in row]
    except _TORN:
        raise _torn(row=number + 1) from None


def _text(cell: Any, number: int) -> str:
    if cell.data_type == "f":
        detail = f"Cell {cell.coordinate} holds a formula. Copy the column and paste it as values."
        raise TableFault("import.formula", detail, row=number)
    return _written(cell.value)


def _written(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
        case _:
            return str(value)


def _torn(*, row: int | None) -> TableFault:
    return TableFault("import.broken_xlsx", "The workbook is damaged or cut off. Save it again, or as CSV.", row=row)
