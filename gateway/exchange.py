"""API keys at the edge: each is exchanged for a token once in a while, and remembered by its hash meanwhile."""

import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from typing import Generic, TypeVar

from contracts.errors import NotPermitted
from contracts.identity.api_keys import LONGEST_KEY, PREFIX, ExchangeApiKey
from contracts.identity.sessions import AccessToken
from servicekit.rpc import call

T = TypeVar("T")

_KEYS_AT_MOST = 2_000
_WRONG_KEYS_AT_MOST = 1_000
_WRONG_SECONDS = 5.0
"""How long a refusal is remembered: a program that goes on with a wrong key asks the identity service now and then."""
_SPARE_SECONDS = 60
"""A token must outlive the longest request that it is used for."""


class Exchange:
    """This process's memory of the tokens that API keys were exchanged for."""

    def __init__(self, ask: Callable[[ExchangeApiKey], AccessToken] = call) -> None:
        self._ask = ask
        self._tokens: _Memory[str] = _Memory(_KEYS_AT_MOST)
        # Apart from those, so that no flood of wrong keys makes it forget the right ones.
        self._refusals: _Memory[NotPermitted] = _Memory(_WRONG_KEYS_AT_MOST)

    def token_for(self, key: str) -> str:
        """A token that speaks for this key. NotPermitted: auth.invalid_api_key."""
        digest = sha256(key.encode()).digest()
        refusal = self._refusals.get(digest)
        if refusal is not None:
            raise NotPermitted(refusal.code, refusal.detail)
        return self._tokens.get(digest) or self._exchanged(key, digest)

    def _exchanged(self, key: str, digest: bytes) -> str:
        if len(key) > LONGEST_KEY:
            raise NotPermitted("auth.invalid_api_key", "This is longer than any API key.")
        try:
            token = self._ask(ExchangeApiKey(key=key))
        except NotPermitted as refusal:
            self._refusals.keep(digest, refusal, seconds=_WRONG_SECONDS)
            raise
        self._tokens.keep(digest, token.access_token, seconds=token.expires_in - _SPARE_SECONDS)
        return token.access_token


def is_api_key(bearer: str) -> bool:
    """Whether this is a key rather than a token."""
    return bearer.startswith(PREFIX)


class _Memory(Generic[T]):
    """A bounded number of values, each for its time; the one kept first makes room."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, tuple[T, float]] = OrderedDict()

    def get(self, digest: bytes) -> T | None:
        value, until = self._kept.get(digest, (None, 0.0))
        return value if time.monotonic() < until else None

    def keep(self, digest: bytes, value: T, *, seconds: float) -> None:
        self._kept.pop(digest, None)
        while len(self._kept) >= self._most:
            self._kept.popitem(last=False)
        self._kept[digest] = (value, time.monotonic() + seconds)
