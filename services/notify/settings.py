"""The notify service's own settings."""

from pydantic_settings import BaseSettings, SettingsConfigDict

from servicekit.settings import load


class NotifySettings(BaseSettings):
    """Each variable is named `CRM_NOTIFY_` and the field's name."""

    model_config = SettingsConfigDict(env_prefix="CRM_NOTIFY_", frozen=True, extra="ignore")

    webhook_private_addresses: bool = False
    """Let webhooks post into private networks; for closed networks and tests, never where strangers make webhooks."""


SETTINGS = load(NotifySettings)
