"""Tables in CSV files of any encoding and delimiter."""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from servicekit.formulas import restored
from services.customer.tables.encodings import guessed_encoding
from services.customer.tables.table import Form, Row, Table, TableFault, as_table

DELIMITERS = ",;\t|"
_LINE_CHARACTERS = 1_000_000
_SAMPLE_CHARACTERS = 65_536
_SAMPLE_ROWS = 50

_FOREIGN = "\udfff"
"""Stands for bytes that the encoding does not know: no text decodes to a lone half of a character."""
_MARK = "tideline-mark"
codecs.register_error(_MARK, lambda error: (_FOREIGN, error.end if isinstance(error, UnicodeDecodeError) else 0))


def read_csv(file: BinaryIO, *, encoding: str | None, delimiter: str | None) -> Table:
    """The table in this file; what is not given is guessed. TableFault: why there is none."""
    encoding = encoding or guessed_encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors=_MARK, newline="")
    if delimiter is None:
        delimiter = guessed_delimiter(text.read(_SAMPLE_CHARACTERS))
        text.seek(0)
    return as_table(Form("csv", encoding, delimiter), _Rows(text, encoding, delimiter).read())


def guessed_delimiter(sample: str) -> str:
    """The one that gives most rows as many cells as the first one has; a comma where none does."""
    return max(DELIMITERS, key=lambda delimiter: _fit(sample, delimiter))


def _fit(sample: str, delimiter: str) -> tuple[float, int]:
    whole = sample if len(sample) < _SAMPLE_CHARACTERS else sample[: sample.rfind("\n") + 1]
    widths: list[int] = []
    try:
        for row in csv.reader(io.StringIO(whole, newline=""), delimiter=delimiter):
            widths += [len(row)] if row else []
            if len(widths) == _SAMPLE_ROWS:
                break
    except csv.Error:
        return 0.0, 0
    if not widths or widths[0] == 1:
        return 0.0, 0
    return widths.count(widths[0]) / len(widths), widths[0]


class _Rows:
    """The rows of a text, and which one is being read."""

    def __init__(self, text: io.TextIOWrapper, encoding: str, delimiter: str) -> None:
        self._text = text
        self._encoding = encoding
        self._delimiter = delimiter
        self._number = 1

    def read(self) -> Iterator[Row]:
        """Each row with its number, blank ones too."""
        try:
            for cells in csv.reader(self._lines(), delimiter=self._delimiter, strict=True):
                yield self._number, [restored(cell) for cell in cells]
                self._number += 1
        except csv.Error as error:
            raise self._fault(str(error)) from None

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(_LINE_CHARACTERS):
            if len(line) == _LINE_CHARACTERS:
                detail = f"A line has more than {_LINE_CHARACTERS:,} characters. Check how the file was saved."
                raise TableFault("import.cell_too_large", detail, row=self._number)
            if _FOREIGN in line:
                detail = f"This is not text in {self._encoding}. Save the file as UTF-8, or say its encoding."
                raise TableFault("import.bad_encoding", detail, row=self._number)
            yield line

    def _fault(self, reason: str) -> TableFault:
        if "field larger" in reason:
            detail = "A cell is too long. The quotation mark that should end it may be missing."
            return TableFault("import.cell_too_large", detail, row=self._number)
        detail = "The quotation marks don't match. Write one within a quoted cell twice, and close each quoted cell."
        return TableFault("import.bad_quoting", detail, row=self._number)
