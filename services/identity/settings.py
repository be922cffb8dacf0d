"""What may be set for the identity service alone."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class IdentitySettings(BaseSettings):
    """Each variable is named `CRM_IDENTITY_` and the field's name."""

    model_config = SettingsConfigDict(env_prefix="CRM_IDENTITY_", frozen=True, extra="ignore")

    token_seconds: Annotated[int, Field(ge=60, le=86_400)] = 900
    """How long a token speaks for a person. A changed role or department counts from the next token on."""
