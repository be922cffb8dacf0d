"""What API keys may be allowed: `<service>:read` and `<service>:write`; which one a request needs is decided here."""

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from contracts.base import ListFacts, Request


class Scope(StrEnum):
    """What an API key may be allowed. `…:write` holds `…:read`: who changes a record gets it as the answer."""

    CUSTOMER_READ = "customer:read"
    CUSTOMER_WRITE = "customer:write"
    POOL_READ = "pool:read"
    POOL_WRITE = "pool:write"
    OPPORTUNITY_READ = "opportunity:read"
    OPPORTUNITY_WRITE = "opportunity:write"
    ACTIVITY_READ = "activity:read"
    ACTIVITY_WRITE = "activity:write"
    IDENTITY_READ = "identity:read"
    EVENTS_READ = "events:read"


_CLOSED = {"identity", "notify", "*"}
"""Who works here, what they are told, and how the suite is run: no business of programs, unless a request says so."""
_READING = ("get_", "list_", "check_")
_AMONG_SERVICES = "describe_"
_BY_OPERATORS = "sweep_"


def scope_of(request: type[Request[Any]]) -> Scope | None:
    """What an API key must be allowed to ask this; None when no API key may."""
    if request.own_scope is not None:
        return Scope(request.own_scope)
    closed = issubclass(request, ListFacts) or request.method.startswith((_AMONG_SERVICES, _BY_OPERATORS))
    if request.service in _CLOSED or closed:
        return None
    return Scope(f"{request.service}:{'read' if request.method.startswith(_READING) else 'write'}")


def covers(allowed: Collection[str], scope: Scope) -> bool:
    """Whether who is allowed these may do what needs this scope."""
    return scope in allowed or scope.replace(":read", ":write") in allowed
