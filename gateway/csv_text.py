"""Tables as CSV that spreadsheets open as they should: UTF-8 with a mark, and no text that they take for a formula."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from servicekit.formulas import neutralised

MEDIA_TYPE = "text/csv; charset=utf-8"
_MARK = "\ufeff"
"""Without it some spreadsheets read UTF-8 as something else."""


def csv_pieces(pages: Iterable[Sequence[Sequence[str]]]) -> Iterator[bytes]:
    """The rows as a file, a piece per page."""
    text = io.StringIO(newline="")
    text.write(_MARK)
    for rows in pages:
        csv.writer(text).writerows([neutralised(cell) for cell in row] for row in rows)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
