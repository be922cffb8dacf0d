"""Files in an object store, each as its numbered parts: a part is written whole, so no file is ever appended to.

All replicas of a service must see the same store: a folder that they share, or a bucket. See docs/decisions/0010.
"""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from contracts.errors import Unavailable
from servicekit.threads import away

P = ParamSpec("P")
T = TypeVar("T")

_CALL_SECONDS = 10
_TRIES_SECONDS = 20


class Files:
    """One store. The numbers of a file's parts begin at 0."""

    def __init__(self, place: str) -> None:
        """`place` is a folder, `file:///…`, or a bucket such as `s3://name/prefix`."""
        self._store = _open(place)

    def put(self, file_id: UUID, part: int, data: bytes) -> None:
        """Keep a part. Unavailable: files.unavailable."""
        _reached(obstore.put, self._store, _path(file_id, part), data, use_multipart=False)

    def part(self, file_id: UUID, part: int) -> bytes:
        """A part as it was kept. FileNotFoundError where there is none. Unavailable: files.unavailable."""
        return _reached(self._read, _path(file_id, part))

    def delete(self, file_id: UUID) -> None:
        """Throw a file away, as far as it is there. Unavailable: files.unavailable."""
        _reached(self._delete, str(file_id))

    def _read(self, path: str) -> bytes:
        return bytes(obstore.get(self._store, path).bytes())

    def _delete(self, prefix: str) -> None:
        for found in obstore.list(self._store, prefix):
            obstore.delete(self._store, [each["path"] for each in found])


class PartsReader(io.RawIOBase):
    """A file as one readable, seekable stream; holds one part at a time in memory."""

    def __init__(self, files: Files, file_id: UUID, *, size: int, part_bytes: int) -> None:
        super().__init__()
        self._files, self._file_id, self._size, self._part_bytes = files, file_id, size, part_bytes
        self._position = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where the next byte is."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go on somewhere else."""
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if self._position < 0:
            raise ValueError("there is nothing before the first byte")
        return self._position

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # typeshed has a wider one
        """Fill from the part in hand; who wants more asks again."""
        if self._position >= self._size:
            return 0
        number, start = divmod(self._position, self._part_bytes)
        if self._held[0] != number:
            self._held = number, self._files.part(self._file_id, number)
        piece = self._held[1][start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)


def _open(place: str) -> ObjectStore:
    scheme, _, rest = place.partition("://")
    if not rest:
        return _folder(Path(place))
    if scheme == "file":
        return _folder(Path(rest))
    return from_url(
        place,
        client_options={"timeout": f"{_CALL_SECONDS}s", "connect_timeout": "3s"},
        retry_config={"retry_timeout": timedelta(seconds=_TRIES_SECONDS)},
    )


def _folder(path: Path) -> LocalStore:
    return LocalStore(path.absolute(), mkdir=True)


def _path(file_id: UUID, part: int) -> str:
    return f"{file_id}/{part:08d}"


def _reached(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the store answers; its calls know no green threads."""
    try:
        return away(work, *args, **kwargs)
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        raise Unavailable("files.unavailable", "The file store can't be reached.", retry_after=5) from error
