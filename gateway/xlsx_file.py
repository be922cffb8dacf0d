"""Tables as XLSX files that are sent while they are made; libraries give the first byte after the last row.

The format is ECMA-376 in its least: sheets of texts written in their cells, without a list of strings. What looks like
a formula has the style of text typed behind an apostrophe: it stays text when the cell is edited, and reads as it was.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import BinaryIO, cast
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from servicekit.formulas import is_risky

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_576
"""The rows that a sheet can hold; a longer table goes on in further sheets, each under the same headings."""
_ROWS_AT_ONCE = 200
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""What XML can't hold, and what would be read as the way to write it."""


class _Outgoing(io.RawIOBase):
    """Takes what is written, until it is sent."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]  # typeshed has a wider one
        self._pieces.append(bytes(data))
        return len(data)

    def sent(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def xlsx_pieces(pages: Iterable[Sequence[Sequence[str]]], *, most_rows: int = MOST_ROWS) -> Iterator[bytes]:
    """The rows as a workbook, a piece per page; the first row holds the headings."""
    outgoing = _Outgoing()
    with ZipFile(cast(BinaryIO, outgoing), "w", ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", _CONTENT_TYPES)
        book.writestr("_rels/.rels", _relations({"rId1": ("officeDocument", "xl/workbook.xml")}))
        names = []
        for number, rows in enumerate(_sheets(chain.from_iterable(pages), most_rows), start=1):
            names.append(f"sheet{number}")
            with book.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as sheet:
                for piece in _sheet(rows):
                    sheet.write(piece.encode())
                    yield outgoing.sent()
        book.writestr("xl/workbook.xml", _workbook(names))
        book.writestr("xl/styles.xml", _STYLES)
        listed = {f"rId{number}": ("worksheet", f"worksheets/{name}.xml") for number, name in enumerate(names, start=1)}
        listed["rId0"] = ("styles", "styles.xml")
        book.writestr("xl/_rels/workbook.xml.rels", _relations(listed))
    yield outgoing.sent()


def _sheets(rows: Iterator[Sequence[str]], most_rows: int) -> Iterator[Iterator[Sequence[str]]]:
    """The rows of each sheet, to be read before the next sheet is asked for."""
    headings, following = next(rows, ()), next(rows, None)
    while True:
        begun = [headings] if following is None else [headings, following]
        yield chain(begun, islice(rows, most_rows - len(begun)))
        following = next(rows, None)
        if following is None:
            return


def _sheet(rows: Iterator[Sequence[str]]) -> Iterator[str]:
    yield f'{_HEAD}<worksheet xmlns="{_SPREADSHEET}"><sheetData>'
    while written := "".join(map(_row, islice(rows, _ROWS_AT_ONCE))):
        yield written
    yield "</sheetData></worksheet>"


_CONTENT_TYPES = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="{_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>'
)
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_SPREADSHEET}"><fonts count="1"><font/></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf quotePrefix="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _row(cells: Sequence[str]) -> str:
    return f"<row>{''.join(map(_cell, cells))}</row>"


def _cell(text: str) -> str:
    if not text:
        return "<c/>"
    style = ' s="1"' if is_risky(text) else ""
    written = escape(_UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text))
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{written}</t></is></c>'


def _workbook(names: Sequence[str]) -> str:
    sheets = (f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, start=1))
    return f'{_HEAD}<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_OFFICE}"><sheets>{"".join(sheets)}</sheets></workbook>'


def _relations(targets: dict[str, tuple[str, str]]) -> str:
    listed = (
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(listed)}</Relationships>'
