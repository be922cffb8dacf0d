"""Tokens for people, signed with this process's own key: the one key that may speak for people."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from nameko.extensions import DependencyProvider

from contracts.identity import AccessToken
from servicekit.runtime import runtime_of
from servicekit.settings import load
from servicekit.tokens import Signer, packed
from services.identity.models import User
from services.identity.settings import IdentitySettings


class Issuer:
    """Makes tokens that live a set time."""

    def __init__(self, signer: Signer, *, seconds: int) -> None:
        self._signer = signer
        self._seconds = seconds

    def token_for(self, user: User, departments: Sequence[UUID]) -> AccessToken:
        """A token that speaks for this person; `departments` are those they answer for."""
        claims = {
            "sub": str(user.id),
            "name": user.full_name,
            "role": user.role,
            "department": None if user.department_id is None else str(user.department_id),
            "departments": packed(departments),
        }
        return AccessToken(access_token=self._signer.sign(claims, seconds=self._seconds), expires_in=self._seconds)


class IssuerProvider(DependencyProvider):  # type: ignore[misc]  # nameko ships no types
    """Gives the service its issuer. It is made at start, so that a missing key or a bad setting is known at once."""

    def setup(self) -> None:
        """Read the key and the setting."""
        self._issuer = Issuer(runtime_of(self.container).signer, seconds=load(IdentitySettings).token_seconds)

    def get_dependency(self, _worker: Any) -> Issuer:
        """The same one for every worker; a hook that raised would end the container."""
        return self._issuer
