"""What an API key may ask for: decided in the service that answers, before its own rules."""

from typing import Any

from contracts.base import Request
from contracts.errors import NotPermitted
from contracts.scopes import Scope, covers, scope_of
from contracts.values import Role
from servicekit.context import Caller, caller


def require_scope(request: type[Request[Any]]) -> None:
    """Let callers pass who are signed in and, if they are API keys, allowed this.

    NotPermitted: auth.required, auth.scope_missing.
    """
    found = caller()
    if found.role == Role.INTEGRATION:
        check_scope(found, scope_of(request))


def check_scope(program: Caller, scope: Scope | None) -> None:
    """NotPermitted `auth.scope_missing` unless an API key is allowed this; what has no scope is open to none."""
    if scope is None:
        raise NotPermitted("auth.scope_missing", "This is not open to API keys, whatever their scopes.")
    if not covers(program.scopes, scope):
        detail = f"This API key lacks the scope {scope}."
        raise NotPermitted("auth.scope_missing", detail, data={"scope": scope})
