"""What is announced of customers that were added or changed."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from contracts.customer.customers import CustomerCreated, CustomerUpdated
from services.customer import models
from services.customer.queries.collaborators import collaborations


def created(record: models.Customer) -> CustomerCreated:
    """The announcement of a new customer."""
    return CustomerCreated(**_snapshot(record), owner_id=record.owner_id, pool_id=record.pool_id)


def updated(db: Session, record: models.Customer, changed: Iterable[str]) -> CustomerUpdated:
    """The announcement of a change; its collaborators are named each time, so that the latest one says all."""
    (told,) = all_updated(db, {record: changed})
    return told


def all_updated(db: Session, changed: Mapping[models.Customer, Iterable[str]]) -> list[CustomerUpdated]:
    """The same for many, each with its own changes."""
    shared = collaborations(db, [record.id for record in changed])
    return [
        CustomerUpdated(**_snapshot(record), changed=list(names), collaborators=shared[record.id])
        for record, names in changed.items()
    ]


def _snapshot(record: models.Customer) -> dict[str, Any]:
    names = ("kind", "name", "lifecycle", "level", "tags")
    return {"customer_id": record.id, **{name: getattr(record, name) for name in names}}
