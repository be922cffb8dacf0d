"""Customers that are deleted, and brought back."""

from datetime import datetime
from uuid import UUID

from contracts.base import Event, Message, Request
from contracts.customer.customers import Customer


class DeletedCustomer(Message):
    """A customer that is gone, with all that hangs from it."""

    id: UUID
    restore_until: datetime


class DeleteCustomer(Request[DeletedCustomer], to="customer"):
    """Hide a customer and all that hangs from it, in all services; for 30 days a manager can bring it back.

    Only who holds it, their manager and admins may. Conflict: version.stale, customer.has_children (companies that
    belong to it: give them another parent first). NotFound: customer.not_found, customer.merged. NotPermitted:
    customer.owners_only.
    """

    customer_id: UUID
    version: int


class RestoreCustomer(Request[Customer], to="customer"):
    """Bring a deleted customer back with all that hangs from it, within 30 days.

    Conflict: customer.not_deleted, customer.deleted_too_long, customer.parent_deleted (the company it belongs to:
    restore that first). NotFound: customer.not_found. NotPermitted: customer.managers_only.
    """

    customer_id: UUID


class CustomerDeleted(Event, type="customer.deleted", subject="customer_id"):
    """A customer was deleted, with all that hangs from it; it may be restored later."""

    customer_id: UUID
    name: str


class CustomerRestored(Event, type="customer.restored", subject="customer_id"):
    """A deleted customer is back, with all that hangs from it."""

    customer_id: UUID
    name: str
