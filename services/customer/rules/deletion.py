"""Who deletes and restores customers, and for how long."""

from datetime import datetime, timedelta

from contracts.errors import Conflict, NotPermitted
from contracts.values import Role

RESTORED_WITHIN = timedelta(days=30)
_RESTORERS = frozenset({Role.MANAGER, Role.ADMIN, Role.INTEGRATION})
_READERS = _RESTORERS | {Role.AUDITOR}


def check_may_restore(role: str) -> None:
    """NotPermitted: customer.managers_only."""
    if role not in _RESTORERS:
        raise _managers_only()


def check_may_list_deleted(role: str) -> None:
    """NotPermitted: customer.managers_only."""
    if role not in _READERS:
        raise _managers_only()


def check_restorable(deleted_at: datetime | None, *, now: datetime) -> None:
    """Conflict: customer.not_deleted, customer.deleted_too_long."""
    if deleted_at is None:
        raise Conflict("customer.not_deleted", "This customer is not deleted.")
    if now > deleted_at + RESTORED_WITHIN:
        days = RESTORED_WITHIN.days
        raise Conflict("customer.deleted_too_long", f"A customer can be restored for {days} days, and they are over.")


def check_no_children(children: int) -> None:
    """Conflict: customer.has_children."""
    if children:
        message = "Companies belong to this one: give them another parent first."
        raise Conflict("customer.has_children", message, data={"children": children})


def check_parent_there(deleted_at: datetime | None) -> None:
    """Conflict: customer.parent_deleted."""
    if deleted_at is not None:
        raise Conflict("customer.parent_deleted", "The company that it belongs to is deleted: restore that first.")


def _managers_only() -> NotPermitted:
    return NotPermitted("customer.managers_only", "Only managers and admins see deleted customers and restore them.")
