"""Settings from the environment: typed, checked at start, printed without secrets."""

import sys
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

S = TypeVar("S", bound=BaseSettings)


class Settings(BaseSettings):
    """What every process of the suite reads; each variable is named `CRM_` and the field's name."""

    model_config = SettingsConfigDict(env_prefix="CRM_", frozen=True, extra="ignore")

    database_url: str = "postgresql://127.0.0.1:5432/crm"
    """The server and the base name of the databases: `…/crm` gives crm_pool, crm_customer …"""
    amqp_url: str = "amqp://guest:guest@127.0.0.1:5672//"
    signing_key_file: Path | None = None
    """This process's own private key (PEM); it signs what the process does on its own behalf."""
    trusted_keys_file: Path | None = None
    """The public keys of all processes (JWKS); read again when the file changes."""
    log_level: str = "INFO"
    telemetry_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    """Where /healthz, /readyz and /metrics of this process are served; 0 takes any free port, unset serves none."""
    host: str = "127.0.0.1"
    """The address that HTTP is bound to."""
    start_wait_seconds: Annotated[float, Field(gt=0)] = 60
    """How long to wait at start for the broker and the database."""
    grace_seconds: Annotated[float, Field(gt=0)] = 10
    """How long work in hand may take after SIGTERM before the process ends itself."""
    workers: Annotated[int, Field(ge=1, le=500)] = 20
    """RPC requests worked on at once by one process."""
    database_connections: Annotated[int, Field(ge=2, le=200)] = 20
    statement_timeout_seconds: Annotated[float, Field(gt=0)] = 10
    lock_timeout_seconds: Annotated[float, Field(gt=0)] = 5
    connect_timeout_seconds: Annotated[float, Field(gt=0)] = 5
    outbox_days: Annotated[int, Field(ge=1)] = 14
    """How long published events stay as the replayable log."""
    files_url: str = ".data/files"
    """Where files are kept, the same place for all replicas of a service: a folder, `file:///…` or `s3://bucket/prefix`."""
    event_retry_seconds: tuple[Annotated[float, Field(ge=0)], ...] = (1, 10, 60, 600, 3600)
    """How long an event that a handler failed on waits before each further attempt; then it is parked."""
    otlp_endpoint: str | None = None
    """Where OpenTelemetry traces go, e.g. `http://collector:4318`; unset, none are made."""
    test_clock: bool = False
    """Let `crm clock advance` move the time of the whole suite; never in production."""
    test_clock_file: Path = Path(".data/clock")

    def database_url_of(self, service: str) -> str:
        """The URL of one service's own database, with the driver named."""
        parts = urlsplit(self.database_url)
        base = parts.path.lstrip("/") or "crm"
        return urlunsplit(parts._replace(scheme="postgresql+psycopg2", path=f"/{base}_{service}"))

    def public(self) -> dict[str, object]:
        """The settings for a log line: passwords in URLs are masked."""
        return {
            name: _masked(value) if name.endswith("_url") else str(value) for name, value in self.model_dump().items()
        }


def load(settings: type[S]) -> S:
    """Read settings or end the process with a line per bad variable, by its name."""
    try:
        return settings()
    except ValidationError as error:
        prefix = settings.model_config.get("env_prefix", "")
        for problem in error.errors():
            name = prefix + "_".join(str(part) for part in problem["loc"]).upper()
            sys.stderr.write(f"{name}: {problem['msg']}\n")
        raise SystemExit(2) from None


def _masked(url: str) -> str:
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")))
