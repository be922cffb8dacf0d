"""Customers that are deleted with all that hangs from them, and restored; the other services follow by the events."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from contracts.customer.customers import Customer
from contracts.customer.deletion import (
    CustomerDeleted,
    CustomerRestored,
    DeleteCustomer,
    DeletedCustomer,
    RestoreCustomer,
)
from contracts.customer.history import ChangeKind
from servicekit import clock
from servicekit.context import caller
from servicekit.outbox import publish
from servicekit.records import Changed, check_version
from services.customer import models
from services.customer.operations import history
from services.customer.queries import deletion as queries
from services.customer.queries.customers import customer_as_it_is
from services.customer.rules import deletion as rules


def delete(db: Session, request: DeleteCustomer) -> DeletedCustomer:
    """Hide a customer; its row stays as it was."""
    record = queries.customer_to_delete(db, caller(), request.customer_id)
    check_version(record, request.version)
    rules.check_no_children(queries.count_children(db, record.id))
    return DeletedCustomer(id=record.id, restore_until=hide(db, record) + rules.RESTORED_WITHIN)


def hide(db: Session, record: models.Customer) -> datetime:
    """Delete a customer that may be, now; the moment."""
    now = clock.now()
    _mark(db, record, deleted_at=now)
    publish(db, CustomerDeleted(customer_id=record.id, name=record.name))
    return now


def restore(db: Session, request: RestoreCustomer) -> Customer:
    """Show a deleted customer again."""
    rules.check_may_restore(caller().role)
    record = queries.customer_to_restore(db, caller(), request.customer_id)
    rules.check_restorable(record.deleted_at, now=clock.now())
    rules.check_parent_there(queries.parent_deleted_at(db, record))
    _mark(db, record, deleted_at=None)
    publish(db, CustomerRestored(customer_id=record.id, name=record.name))
    return customer_as_it_is(db, caller(), record.id)


def _mark(db: Session, record: models.Customer, *, deleted_at: datetime | None) -> None:
    """Being deleted is no edit: `version` and `updated_at` stay as they were."""
    changed = Changed(record.deleted_at, deleted_at)
    history.record(db, record.id, ChangeKind.CHANGED, {"deleted_at": changed})
    marked = update(models.Customer).where(models.Customer.id == record.id).values(deleted_at=deleted_at)
    db.execute(marked, execution_options={"synchronize_session": False})
