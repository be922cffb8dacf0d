"""The base of every service class, and how to find it by the service's name."""

from importlib import import_module
from typing import ClassVar

from sqlalchemy.orm import Session


class Service:
    """A service: its RPC methods (`@answers`), event handlers (`@on`) and timers (`@every`).

    One instance lives for one piece of work; `db` is that work's session, in a transaction that the decorators commit.
    """

    name: ClassVar[str]
    db: Session


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
