"""What one process of a service stands on: its settings, its database, its keys. nameko's config carries it."""

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from servicekit.context import Caller, Work
from servicekit.database import Database, new_id
from servicekit.files import Files
from servicekit.settings import Settings
from servicekit.tokens import Signer, Verifier

if TYPE_CHECKING:
    from servicekit.rpc.line import Line

CONFIG_KEY = "tideline.runtime"


@dataclass(frozen=True)
class Runtime:
    """Made once per process by servicekit.run (or by a test), shared by all extensions of the container."""

    service: str
    settings: Settings
    line: "Line"
    """The process's channel for requests and replies."""

    @cached_property
    def database(self) -> Database:
        """The service's own database."""
        return Database(self.settings, self.service)

    @cached_property
    def files(self) -> Files:
        """Where this service keeps files."""
        return Files(self.settings.files_url)

    @cached_property
    def signer(self) -> Signer:
        """Signs what this process does on its own behalf."""
        if self.settings.signing_key_file is None:
            raise SystemExit("CRM_SIGNING_KEY_FILE: name the file with this process's private key")
        return Signer(self.settings.signing_key_file)

    @cached_property
    def verifier(self) -> Verifier:
        """Checks who calls."""
        if self.settings.trusted_keys_file is None:
            raise SystemExit("CRM_TRUSTED_KEYS_FILE: name the file with the public keys of the suite")
        return Verifier(self.settings.trusted_keys_file)

    def own_work(self, *, seconds: float = 30, request_id: str = "", traceparent: str = "") -> Work:
        """The context of what the service does on its own behalf: a named system caller with its own signature."""
        return Work(
            caller=Caller(id=self.service, name=self.service, kind="system"),
            token=self.signer.system_token(),
            deadline=time.time() + seconds,
            request_id=request_id or f"{self.service}-{new_id()}",
            traceparent=traceparent,
        )

    def nameko_config(self) -> dict[str, Any]:
        """The configuration of the nameko container that hosts the service."""
        return {"AMQP_URI": self.settings.amqp_url, "max_workers": self.settings.workers * 4, CONFIG_KEY: self}


def runtime_of(container: Any) -> Runtime:
    """The runtime of the process that a nameko container lives in."""
    runtime: Runtime = container.config[CONFIG_KEY]
    return runtime
