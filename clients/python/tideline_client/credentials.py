"""What a client proves itself with: a token or key that it was given, or tokens that it gets by signing in."""

import threading
import time
from collections.abc import Callable, Generator

import httpx

from contracts.errors import CallError, Unavailable
from contracts.identity.sessions import AccessToken, RefreshTokens, SignIn
from tideline_client.routes import ROUTES
from tideline_client.sender import UNTIL, Sender

_EARLY_SECONDS = 30.0
"""A token is renewed this long before it ends, so that it does not end on its way."""
_REFRESH_SECONDS = 8.0
"""A refresh whose answer was lost may be repeated for 10 seconds; later the session would be ended for it."""

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
    """Tokens by name and password, shared by all threads; a new one is got when the last has ended or is refused.

    It comes by the refresh token where there is one, and else by signing in anew.
    """

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
        """A token that lives, and is not the one that was refused. Unavailable: the call it is for was not sent."""
        if not self._renewing.acquire(timeout=max(0.0, until - time.monotonic())):
            raise Unavailable("gateway.no_answer", "The sign-in takes too long.", data={"outcome": "not_done"})
        try:
            held = self._held
            if held is None or held.access_token == refused or time.monotonic() >= self._ends_at:
                held = self._renewed(until=until)
            return held.access_token
        except Unavailable as error:
            error.data["outcome"] = "not_done"
            raise
        finally:
            self._renewing.release()

    def _renewed(self, *, until: float) -> AccessToken:
        began = time.monotonic()
        held = self._refreshed(until=until)
        if held is None:
            held = self._sender.ask(ROUTES[SignIn], self._who, auth=None, until=until)
        self._held, self._ends_at = held, began + max(held.expires_in - _EARLY_SECONDS, held.expires_in / 2)
        return held

    def _refreshed(self, *, until: float) -> AccessToken | None:
        """A new pair of tokens without the password; None where that can't be had, and the password must do."""
        held, self._held = self._held, None  # its refresh token is spent by the attempt, whatever comes of it
        if held is None or held.refresh_token is None:
            return None
        request = RefreshTokens(refresh_token=held.refresh_token)
        try:
            by = min(until, time.monotonic() + _REFRESH_SECONDS)
            return self._sender.ask(ROUTES[RefreshTokens], request, auth=None, until=by)
        except CallError:
            return None
