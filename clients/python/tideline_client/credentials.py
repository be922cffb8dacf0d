"""What a client proves itself with: a token or key that it was given, or tokens that it gets by signing in."""

import threading
import time
from collections.abc import Callable, Generator

import httpx

from contracts.errors import Unavailable
from contracts.identity import AccessToken, SignIn
from tideline_client.routes import ROUTES
from tideline_client.sender import UNTIL, Sender

_EARLY_SECONDS = 30.0
"""A token is renewed this long before it ends, so that it does not end on its way."""

Flow = Generator[httpx.Request, httpx.Response, None]


class Bearer(httpx.Auth):
    """A token or API key, or what gives a token whenever one is needed."""

    def __init__(self, token: str | Callable[[], str]) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Send the request with the token."""
        request.headers["Authorization"] = f"Bearer {self._token if isinstance(self._token, str) else self._token()}"
        yield request


class SignedIn(httpx.Auth):
    """Tokens by name and password, shared by all threads; a new one is got when the last has ended or is refused."""

    def __init__(self, sender: Sender, name: str, password: str) -> None:
        self._sender = sender
        self._who = SignIn(name=name, password=password)
        self._renewing = threading.Lock()
        self._held: AccessToken | None = None
        self._ends_at = 0.0

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Send the request with a token, and once more with a new one where the gateway knows better than we do."""
        until: float = request.extensions[UNTIL]
        token = self.token(until=until)
        request.headers["Authorization"] = f"Bearer {token}"
        answer = yield request
        if answer.status_code == 401:
            request.headers["Authorization"] = f"Bearer {self.token(until=until, refused=token)}"
            yield request

    def token(self, *, until: float, refused: str = "") -> str:
        """A token that lives, and is not the one that was refused."""
        if not self._renewing.acquire(timeout=max(0.0, until - time.monotonic())):
            raise Unavailable("gateway.no_answer", "The sign-in takes too long.", data={"outcome": "not_done"})
        try:
            held = self._held
            if held is None or held.access_token == refused or time.monotonic() >= self._ends_at:
                held = self._renewed(until=until)
            return held.access_token
        finally:
            self._renewing.release()

    def _renewed(self, *, until: float) -> AccessToken:
        began = time.monotonic()
        held = self._held = self._sender.ask(ROUTES[SignIn], self._who, auth=None, until=until)
        self._ends_at = began + max(held.expires_in - _EARLY_SECONDS, held.expires_in / 2)
        return held
