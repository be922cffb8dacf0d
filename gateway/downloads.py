"""Files on their way out: the first piece is had before the answer begins, the others while it is sent."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from typing import TypeVar
from urllib.parse import quote

from flask import Response
from pydantic import BaseModel, ConfigDict, SkipValidation

from servicekit import context

T = TypeVar("T")

_PIECE_SECONDS = 30.0
_UNQUOTABLE = re.compile(r'["\\?\x00-\x1f\x7f]')
"""What has a meaning within the quotes of a header, or none in headers at all; `?` stands for what ASCII lacks."""


class Download(BaseModel):
    """The file, as an attachment."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str
    media_type: str
    pieces: SkipValidation[Iterator[bytes]]
    size: int | None = None
    """Bytes of all pieces, where they are known before."""


def answered(download: Download) -> Response:
    """The file as an attachment. What goes wrong later breaks the connection, so no part passes for the whole."""
    pieces = _as_caller(download.pieces)
    first = next(pieces, b"")
    response = Response(chain([first], pieces), content_type=download.media_type)
    if download.size is not None:
        response.content_length = download.size
    ascii_name = _UNQUOTABLE.sub("_", download.name.encode("ascii", "replace").decode())
    named = f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(download.name, safe='')}"
    response.headers["Content-Disposition"] = named
    return response


def pages(read: Callable[[str | None], tuple[T, str | None]]) -> Iterator[T]:
    """Page after page; `read` gives the one behind a cursor, and the cursor of the next."""
    cursor: str | None = None
    while True:
        page, cursor = read(cursor)
        yield page
        if cursor is None:
            return


def _as_caller(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Have each piece made on behalf of who asked: by then the request's own context is over, as is its deadline."""
    work = context.current()
    while True:
        with context.working(replace(work, deadline=time.time() + _PIECE_SECONDS)):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece
