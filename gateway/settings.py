"""The gateway's own settings."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class GatewaySettings(BaseSettings):
    """Limits of the HTTP edge; each variable is named `CRM_` and the field's name."""

    model_config = SettingsConfigDict(env_prefix="CRM_", frozen=True, extra="ignore")

    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    body_bytes: Annotated[int, Field(ge=1024)] = 2_000_000
    """The largest body of a request that is no file."""
    upload_bytes: Annotated[int, Field(ge=1024)] = 200_000_000
    """The largest file; the service that keeps it has its own limit."""
    upload_seconds: Annotated[float, Field(gt=0)] = 600
    """How long a file may take to arrive; each piece of it must come within `request_seconds`."""
    connections: Annotated[int, Field(ge=1)] = 500
    """HTTP connections served at once by one process."""
    connections_per_address: Annotated[int, Field(ge=1)] = 200
    """Of them, those of one client address; not heeded behind proxies, which have one address for everybody."""
    idle_seconds: Annotated[float, Field(gt=0)] = 30
    """How long a connection may stay silent, in a request or between two."""
    request_seconds: Annotated[float, Field(gt=0)] = 10
    """The deadline of one request, with all calls it makes; its body must arrive within as long."""
    requests_per_minute: Annotated[int, Field(ge=1)] = 600
    """Of each caller, counted by each gateway process for itself."""
    trusted_proxies: Annotated[int, Field(ge=0, le=10)] = 0
    """How many proxies stand before the gateway and say in X-Forwarded-For whom they speak for; 0 believes nobody."""
