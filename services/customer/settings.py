"""The customer service's own settings, read once when the service is loaded."""

from typing import Annotated, Literal

import phonenumbers
from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from servicekit.settings import load


def _region(code: str) -> str:
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("must be a two-letter country code such as US or CN")
    return code


class CustomerSettings(BaseSettings):
    """Each variable is named `CRM_CUSTOMER_` and the field's name."""

    model_config = SettingsConfigDict(env_prefix="CRM_CUSTOMER_", frozen=True, extra="ignore")

    region: Annotated[str, AfterValidator(_region)] = "US"
    """The country whose phone numbers may be written without a country code."""
    qualification: Literal["required", "optional"] = "required"
    """Whether a rep's lead becomes a prospect only when its checklist is complete."""
    upload_bytes: Annotated[int, Field(ge=1_000)] = 200_000_000
    """The largest file that is taken; the gateway has its own limit, CRM_UPLOAD_BYTES."""


SETTINGS = load(CustomerSettings)
