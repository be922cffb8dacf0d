"""Tokens for people, signed with this process's own key: the one key that may speak for people."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from nameko.extensions import DependencyProvider

from contracts.identity.sessions import AccessToken
from contracts.values import Role
from servicekit.runtime import runtime_of
from servicekit.settings import load
from servicekit.tokens import Signer, packed
from services.identity.models import ApiKey, User
from services.identity.settings import IdentitySettings


class Issuer:
    """Makes tokens that live a set time."""

    def __init__(self, signer: Signer, *, seconds: int, refresh_days: int) -> None:
        self._signer = signer
        self._seconds = seconds
        self.session_life = timedelta(days=refresh_days)
        """How long a session outlives its last refresh."""

    def token_for(self, user: User, departments: Sequence[UUID], *, session: UUID | None = None) -> AccessToken:
        """A token that speaks for this person; `departments` are those they answer for."""
        claims = {
            "sub": str(user.id),
            "name": user.full_name,
            "role": user.role,
            "department": None if user.department_id is None else str(user.department_id),
            "departments": packed(departments),
            "session": None if session is None else str(session),
        }
        return AccessToken(access_token=self._signer.sign(claims, seconds=self._seconds), expires_in=self._seconds)

    def token_for_key(self, key: ApiKey, *, seconds: int) -> AccessToken:
        """A token that speaks for a program."""
        claims = {"sub": str(key.id), "name": key.name, "role": Role.INTEGRATION, "scopes": key.scopes}
        return AccessToken(access_token=self._signer.sign(claims, seconds=seconds), expires_in=seconds)


class IssuerProvider(DependencyProvider):  # type: ignore[misc]  # nameko ships no types
    """Gives the service its issuer. It is made at start, so that a missing key or a bad setting is known at once."""

    def setup(self) -> None:
        """Read the key and the setting."""
        settings, signer = load(IdentitySettings), runtime_of(self.container).signer
        self._issuer = Issuer(signer, seconds=settings.token_seconds, refresh_days=settings.refresh_days)

    def get_dependency(self, _worker: Any) -> Issuer:
        """The same one for every worker; a hook that raised would end the container."""
        return self._issuer
