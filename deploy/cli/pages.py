"""Whole lists, asked for page by page."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T", covariant=True)


class Page(Protocol[T]):
    """A stretch of a list, and where the next one begins."""

    @property
    def items(self) -> Sequence[T]:
        """What stands on it."""

    @property
    def next_cursor(self) -> str | None:
        """None where the list ends."""


def every(ask: Callable[[str | None], Page[T]]) -> Iterator[T]:
    """All items of a list; `ask` gives the page at a cursor."""
    page = ask(None)
    yield from page.items
    while page.next_cursor is not None:
        page = ask(page.next_cursor)
        yield from page.items
