"""When two writings mean the same name, and finding a record by any of its names."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

_IGNORED = frozenset("PZC")
"""Punctuation, blanks and control characters, as Unicode groups them."""


class Named(Protocol):
    """A record that an import's row may name."""

    @property
    def names(self) -> tuple[str, ...]:
        """All names it goes by, as they are written."""


T = TypeVar("T", bound=Named)


def fold(name: str) -> str:
    """What all writings of a name share: "GTX Pro", "GTXPro" and "gtx-pro" are one.

    A name of nothing but punctuation stays as it is, so that it is not everybody's.
    """
    text = _compose(_compose(name).casefold())
    kept = "".join(character for character in text if unicodedata.category(character)[0] not in _IGNORED)
    return _compose(kept) or text.strip()  # what stood apart may come to be one character


class Directory(Generic[T]):
    """Records to be found by name."""

    def __init__(self, records: Iterable[T]) -> None:
        self._records: defaultdict[str, list[T]] = defaultdict(list)
        for record in records:
            for key in dict.fromkeys(map(fold, record.names)):
                self._records[key].append(record)

    def find(self, written: str) -> list[T]:
        """Those that this may mean: one whose name is written exactly so goes before all others."""
        found = self._records.get(fold(written), [])
        return [record for record in found if written in record.names] or found


def _compose(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
