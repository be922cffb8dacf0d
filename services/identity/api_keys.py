"""API keys: `tl_<id>_<secret>` with 256 random bits, kept only as hashes; what no guess can find needs no slow hash."""

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from contracts.identity.api_keys import PREFIX

_SECRET_BYTES = 32
_FORM = re.compile(rf"^{PREFIX}([0-9a-f]{{32}})_[A-Za-z0-9_-]{{43}}$")


@dataclass(frozen=True, slots=True)
class KeySecret:
    """An API key as a program holds it."""

    id: UUID
    text: str

    @property
    def hash(self) -> bytes:
        """What is kept of it."""
        return sha256(self.text.encode()).digest()

    def is_kept_as(self, kept: bytes) -> bool:
        """Whether this is the key that was kept so."""
        return compare_digest(self.hash, kept)


def new(key_id: UUID) -> KeySecret:
    """A key that nobody has seen yet."""
    return KeySecret(key_id, f"{PREFIX}{key_id.hex}_{secrets.token_urlsafe(_SECRET_BYTES)}")


def read(text: str) -> KeySecret | None:
    """What a program sent; None when it can't be a key."""
    found = _FORM.match(text)
    return KeySecret(UUID(found.group(1)), text) if found else None
