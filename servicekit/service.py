"""The base of every service class, and how to find it by the service's name."""

import os
from datetime import UTC, datetime
from importlib import import_module
from typing import ClassVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from contracts.base import GetHealth, Health
from contracts.log import EventLog, ListEvents
from servicekit import event_log
from servicekit.rpc import answers, answers_anyone
from servicekit.runtime import Runtime

_STARTED_AT = datetime.now(UTC)


class Service:
    """A service: its RPC methods (`@answers`), event handlers (`@on`) and timers (`@every`).

    One instance lives for one piece of work; `db` is that work's session, in a transaction that the decorators commit,
    and `runtime` what the process stands on.
    """

    name: ClassVar[str]
    db: Session
    runtime: Runtime

    @answers_anyone(GetHealth)
    def get_health(self, _request: GetHealth) -> Health:
        """How this process is; every service answers this."""
        self.db.execute(text("SELECT 1"))
        return Health(service=self.name, process=os.getpid(), started_at=_STARTED_AT)

    @answers(ListEvents)
    def list_events(self, request: ListEvents) -> EventLog:
        """The events that this service has published."""
        return event_log.read(self.db, request)


def find(name: str) -> type[Service]:
    """The service class in services/<name>/service.py."""
    try:
        module = import_module(f"services.{name}.service")
    except ModuleNotFoundError as error:
        if error.name not in {"services", f"services.{name}", f"services.{name}.service"}:
            raise
        raise SystemExit(f"There is no service named {name}.") from None
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Service) and getattr(value, "name", None) == name:
            return value
    raise SystemExit(f"services/{name}/service.py holds no Service named {name}.")
