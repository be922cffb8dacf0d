"""Refresh tokens: a half that all tokens of a session share and a half of its own, both random, kept only as hashes.

The shared half tells a token that was spent, which ends the session it was stolen from, from one that was made up.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from hashlib import sha256

_FAMILY_BYTES = 16
_OWN_BYTES = 32


@dataclass(frozen=True, slots=True)
class RefreshSecret:
    """A refresh token in its two halves."""

    family: bytes
    own: bytes

    @property
    def text(self) -> str:
        """As clients hold it."""
        return urlsafe_b64encode(self.family + self.own).decode()

    @property
    def family_hash(self) -> bytes:
        """By which its session is found."""
        return sha256(self.family).digest()

    @property
    def own_hash(self) -> bytes:
        """By which it is told from those before and after it."""
        return sha256(self.own).digest()

    def successor(self) -> "RefreshSecret":
        """The next one of the same session."""
        return replace(self, own=secrets.token_bytes(_OWN_BYTES))


def first() -> RefreshSecret:
    """The first one of a new session."""
    return RefreshSecret(secrets.token_bytes(_FAMILY_BYTES), secrets.token_bytes(_OWN_BYTES))


def read(text: str) -> RefreshSecret | None:
    """The halves of what a client sent; None when it can't be a refresh token."""
    try:
        raw = urlsafe_b64decode(text.encode())
    except ValueError:
        return None
    if len(raw) != _FAMILY_BYTES + _OWN_BYTES:
        return None
    return RefreshSecret(raw[:_FAMILY_BYTES], raw[_FAMILY_BYTES:])
