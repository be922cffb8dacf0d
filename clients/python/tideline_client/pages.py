"""A list of any length as one iteration: page by page, by cursor."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

from contracts.base import Request

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
P_co = TypeVar("P_co", covariant=True)


class Page(Protocol[T_co]):
    """What the reply to a list request looks like."""

    @property
    def items(self) -> Sequence[T_co]:
        """This page's items."""

    @property
    def next_cursor(self) -> str | None:
        """Where the next page begins; None on the last one."""


class Pages(Generic[P_co]):
    """All items of a list; each iteration asks anew, and for a page only when it gets there."""

    def __init__(self, call: Callable[[Any], P_co], request: Request[Any]) -> None:
        if "cursor" not in type(request).model_fields:
            raise TypeError(f"{type(request).__name__} has no pages: use call()")
        self._call = call
        self._request = request

    def __iter__(self: "Pages[Page[T]]") -> Iterator[T]:
        request = self._request
        while True:
            page = self._call(request)
            yield from page.items
            if page.next_cursor is None:
                return
            request = request.model_copy(update={"cursor": page.next_cursor})
