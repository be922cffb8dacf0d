"""Signed tokens: who a caller is, proven by a key that the broker does not have.

Every process has its own Ed25519 key, named as the process. Only tokens signed by `identity` can speak for people;
any other key speaks for that one process alone. Public keys stand in one JWKS file that all processes read.
"""

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import OKPAlgorithm

from contracts.errors import NotPermitted
from contracts.values import Role
from servicekit.context import Caller

T = TypeVar("T")

AUDIENCE = "crm"
PEOPLE_ISSUER = "identity"
SYSTEM_SECONDS = 600
_KNOWN_TOKENS = 10_000
_DIGEST_DIGITS = 16
_LOOK_SECONDS = 1.0
"""How long a key that is no longer trusted may still be taken for one that is."""


def private_key_in(file: Path) -> Ed25519PrivateKey:
    """A process's own key. ValueError when it is of another kind."""
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{file.name} is not an Ed25519 key")
    return key


def key_id_of(process: str, key: Ed25519PrivateKey) -> str:
    """`<process>:<digest>`: whose key it is, and which one of those that the process has had."""
    return f"{process}:{sha256(key.public_key().public_bytes_raw()).hexdigest()[:_DIGEST_DIGITS]}"


class Signer:
    """Signs tokens with this process's own key, which is read once; its file is named as the process."""

    def __init__(self, key_file: Path) -> None:
        self.issuer = key_file.stem
        self._key = private_key_in(key_file)
        self._key_id = key_id_of(self.issuer, self._key)
        self._own: tuple[str, float] = ("", 0.0)

    def sign(self, claims: dict[str, Any], *, seconds: int, audience: str = AUDIENCE) -> str:
        """A token with these claims that lives so many seconds; for another audience it speaks for nobody."""
        issued = int(time.time())
        stamped = {**claims, "iss": self.issuer, "aud": audience, "iat": issued, "exp": issued + seconds}
        return jwt.encode(stamped, self._key, algorithm="EdDSA", headers={"kid": self._key_id})

    def system_token(self) -> str:
        """A token that says: this process itself. Made anew when half of its life is over."""
        token, expires = self._own
        if expires - time.time() < SYSTEM_SECONDS / 2:
            token = self.sign({"sub": self.issuer, "kind": "system"}, seconds=SYSTEM_SECONDS)
            self._own = (token, time.time() + SYSTEM_SECONDS)
        return token


class Verifier:
    """Checks tokens against the trusted public keys; a token that was checked costs a look-up until it expires."""

    def __init__(self, keys_file: Path) -> None:
        self._file = keys_file
        self._read_at = 0.0
        self._looked_at = 0.0
        self._keys: dict[str, Any] = {}
        self._known: dict[str, tuple[Caller, float]] = {}

    def verify(self, token: str) -> Caller:
        """The caller a token speaks for. NotPermitted: auth.invalid_token, auth.expired_token."""
        if time.monotonic() - self._looked_at > _LOOK_SECONDS:
            self.load()
        known = self._known.get(token)
        if known is None:
            known = self._check(token)
            if len(self._known) >= _KNOWN_TOKENS:
                self._known.clear()
            self._known[token] = known
        caller, expires = known
        if expires <= time.time():
            self._known.pop(token, None)
            raise NotPermitted("auth.expired_token", "The token has expired; sign in again.")
        return caller

    def claims(self, token: str, *, audience: str = AUDIENCE) -> dict[str, Any]:
        """What a token says, as it was signed for this audience. NotPermitted: as for verify()."""
        return self._checked(token, audience, lambda claims: claims)

    def _check(self, token: str) -> tuple[Caller, float]:
        return self._checked(token, AUDIENCE, lambda claims: (_caller(claims), float(claims["exp"])))

    def _checked(self, token: str, audience: str, read: Callable[[dict[str, Any]], T]) -> T:
        try:
            key_id = str(jwt.get_unverified_header(token).get("kid", ""))
            claims = jwt.decode(
                token,
                self._key(key_id),
                algorithms=["EdDSA"],
                audience=audience,
                issuer=key_id.partition(":")[0],
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            return read(claims)
        except jwt.ExpiredSignatureError:
            raise NotPermitted("auth.expired_token", "The token has expired; sign in again.") from None
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError):
            raise NotPermitted("auth.invalid_token", "The token is not valid.") from None

    def load(self) -> None:
        """Read the trusted keys if their file changed; every token is then checked anew."""
        self._looked_at = time.monotonic()
        changed_at = self._file.stat().st_mtime
        if changed_at != self._read_at:
            document = json.loads(self._file.read_text())
            self._keys = {key["kid"]: OKPAlgorithm.from_jwk(key) for key in document["keys"]}
            self._known.clear()
            self._read_at = changed_at

    def _key(self, key_id: str) -> Any:
        self.load()
        return self._keys[key_id]


def _caller(claims: dict[str, Any]) -> Caller:
    if claims["iss"] != PEOPLE_ISSUER or claims.get("kind") == "system":
        if claims["sub"] != claims["iss"]:
            raise ValueError("a process can only speak for itself")
        return Caller(id=claims["sub"], name=claims["sub"], kind="system")
    department, role, session = claims.get("department"), str(claims["role"]), claims.get("session")
    return Caller(
        id=str(UUID(claims["sub"])),
        name=str(claims["name"]),
        kind="integration" if role == Role.INTEGRATION else "user",
        role=role,
        department=UUID(department) if department else None,
        departments=_unpacked(claims.get("departments", ())),
        scopes=frozenset(claims.get("scopes", ())),
        session=UUID(session) if session else None,
    )


def packed(ids: Iterable[UUID]) -> str:
    """Ids as a claim, at half of their usual length: a token must fit into a request's headers."""
    return urlsafe_b64encode(b"".join(each.bytes for each in ids)).decode()


def _unpacked(claim: str | list[str]) -> tuple[UUID, ...]:
    if not isinstance(claim, str):
        return tuple(UUID(each) for each in claim)  # as tokens of the former release have them
    raw = urlsafe_b64decode(claim)
    return tuple(UUID(bytes=raw[start : start + 16]) for start in range(0, len(raw), 16))
