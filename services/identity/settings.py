"""What may be set for the identity service alone."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


class IdentitySettings(BaseSettings):
    """Each variable is named `CRM_IDENTITY_` and the field's name."""

    model_config = SettingsConfigDict(env_prefix="CRM_IDENTITY_", frozen=True, extra="ignore")

    token_seconds: Annotated[int, Field(ge=60, le=86_400)] = 900
    """How long a token speaks for a person. A changed role or department counts from the next token on."""
    refresh_days: Annotated[int, Field(ge=1, le=365)] = 30
    """How long a session lives after it was last refreshed."""


class OpenIdSettings(BaseSettings):
    """The OpenID provider, if people sign in there; each variable is named `CRM_OIDC_` and the field's name."""

    model_config = SettingsConfigDict(env_prefix="CRM_OIDC_", frozen=True, extra="ignore", env_ignore_empty=True)

    issuer: str | None = None
    """As the provider names itself, e.g. `https://login.acme.example`; unset, people sign in by password alone."""
    client_id: str = ""
    client_secret: SecretStr | None = None
    redirect_url: str = ""
    """Where the provider sends browsers back to; it is registered there."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.issuer is None:
            return self
        if not self.client_id or not self.redirect_url:
            raise ValueError("with CRM_OIDC_ISSUER set, CRM_OIDC_CLIENT_ID and CRM_OIDC_REDIRECT_URL are needed too")
        parts = urlsplit(self.issuer)
        if parts.scheme != "https" and parts.hostname not in _THIS_MACHINE:
            raise ValueError("CRM_OIDC_ISSUER must begin with https://")
        return self
