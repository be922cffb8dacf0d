"""The client: each request of the contracts goes to its route, and comes back as its own reply or one of five errors.

    with Client("https://crm.example.com", api_key=key) as client:
        acme = client.call(CreateCustomer(kind="company", name="Acme"))

InvalidInput, NotPermitted, NotFound, Conflict and Unavailable are those of contracts/errors.py; each has `code`,
`detail`, `fields`, `data`, `retry_after` and `request_id`.
"""

import time
from collections.abc import Callable, Generator
from typing import Any, Self, TypeVar

import httpx
from pydantic import BaseModel

from contracts.base import Request
from tideline_client import stream
from tideline_client.credentials import Bearer, SignedIn
from tideline_client.pages import Pages
from tideline_client.route import Route
from tideline_client.routes import ROUTES
from tideline_client.sender import Sender
from tideline_client.stream import Heard

R = TypeVar("R", bound=BaseModel)

_SECONDS = 30.0


class Client:
    """One caller of one gateway. Threads may share it; close it, or use it as a context manager."""

    def __init__(
        self,
        url: str,
        *,
        token: str | Callable[[], str] | None = None,
        api_key: str | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        """`token` may be a function that gives one whenever it is called; `seconds` is the deadline of a call."""
        given = [each for each in (token, api_key) if each]
        if len(given) != 1:
            raise ValueError("Give the client either a token or an api_key, or sign in by Client.sign_in().")
        self._begin(Sender(url), Bearer(given[0]), seconds=seconds)

    @classmethod
    def sign_in(cls, url: str, name: str, password: str, *, seconds: float = _SECONDS) -> Self:
        """A client that signs in by name and password, now and whenever its token has ended.

        NotPermitted: auth.bad_credentials, auth.locked.
        """
        sender = Sender(url)
        auth = SignedIn(sender, name, password)
        try:
            auth.token(until=time.monotonic() + seconds)
        except BaseException:
            sender.close()
            raise
        client = cls.__new__(cls)
        client._begin(sender, auth, seconds=seconds)
        return client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._sender.close()

    def call(self, request: Request[R], *, seconds: float | None = None) -> R:
        """Ask and wait for the typed reply, e.g. `call(GetPool(pool_id=…)).name`.

        Raises the five errors of contracts/errors.py; Unavailable when no answer comes within `seconds`, or within
        the client's own where none are given. Its `data["outcome"]` then says `not_done` or `unknown`.
        """
        route = _route_of(request)
        if seconds is None:
            seconds = max(self._seconds, 2 * route.seconds)
        return self._sender.ask(route, request, auth=self._auth, until=time.monotonic() + seconds)

    def pages(self, request: Request[R]) -> Pages[R]:
        """All items of a list, e.g. `for customer in client.pages(ListCustomers(tag="vip")):`."""
        return Pages(self.call, request)

    def listen(self, *types: str, after: str | None = None) -> Generator[Heard, None, None]:
        """Events of these types (`opportunity.won`, `customer.*`; all without any), as they happen, for ever.

        They begin behind the cursor `after`, or now. Where the connection breaks they go on behind the last one heard;
        Unavailable when it can't be had again within a minute.
        """
        return stream.listen(self._sender, self._auth, types=",".join(types) or "#", after=after)

    def _begin(self, sender: Sender, auth: httpx.Auth, *, seconds: float) -> None:
        self._sender = sender
        self._auth = auth
        self._seconds = seconds


def _route_of(request: Request[Any]) -> Route:
    route = ROUTES.get(type(request))
    if route is None:
        raise TypeError(f"{type(request).__name__} has no route: only services may ask it.")
    return route
