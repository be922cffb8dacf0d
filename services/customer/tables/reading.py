"""A table out of a file of either format, told apart by how the file begins."""

from typing import BinaryIO

from services.customer.tables.csv_file import read_csv
from services.customer.tables.table import Table, TableFault
from services.customer.tables.xlsx_file import BEGINS, read_xlsx

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b")


def read_table(file: BinaryIO, *, encoding: str | None = None, delimiter: str | None = None) -> Table:
    """The table in this file. TableFault: why there is none."""
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    if head.startswith(BEGINS):
        return read_xlsx(file)
    if head.startswith(_OLD_OFFICE):
        detail = "This is an old or encrypted Excel file. Save it as XLSX without a password, or as CSV."
        raise TableFault("import.not_a_table", detail)
    if head.startswith(_OTHERS):
        raise TableFault("import.not_a_table", "This is no table. Save it as XLSX or CSV.")
    return read_csv(file, encoding=encoding, delimiter=delimiter)
