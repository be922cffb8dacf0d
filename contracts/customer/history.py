"""What became of a customer, its contacts, collaborators and files: who changed what, from what to what."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from contracts.base import Message, Request
from contracts.values import Actor, Limit, Line, Value


class RecordKind(StrEnum):
    """Which of a customer's records a change was of."""

    CUSTOMER = "customer"
    CONTACT = "contact"
    COLLABORATOR = "collaborator"
    ATTACHMENT = "attachment"


class ChangeKind(StrEnum):
    """What was done to the record."""

    CREATED = "created"
    CHANGED = "changed"
    REMOVED = "removed"
    CLASSIFIED = "classified"
    """Rules gave a level or tags; `reason` names them."""
    ATTACHED = "attached"
    """A file was added."""
    DETACHED = "detached"


class FieldChange(Value):
    """One field, written as its record writes it; a text of more than 2,000 characters is cut and ends in ` […]`."""

    field: str
    before: Any
    """Null where there was none."""
    after: Any
    """Null where there is none any more."""


class Change(Value):
    """One change of a record, kept in the transaction that made it."""

    id: UUID
    kind: ChangeKind
    record: RecordKind
    record_id: UUID
    """The customer's, contact's or file's id; of a collaborator the user's."""
    at: datetime
    actor: Actor
    request_id: str | None
    """What the services' logs name the request by; none for what the suite does by itself."""
    fields: list[FieldChange]
    """Of a record created or removed those that were not empty; none for a customer that was imported."""
    reason: str | None


class ChangePage(Message):
    """A page of changes, latest first; `total` only when it was asked for."""

    items: list[Change]
    next_cursor: str | None
    total: int | None = None


class ListChanges(Request[ChangePage], to="customer"):
    """The history of a customer with its contacts, collaborators and files, latest first.

    Who held it when is told by ListHoldingHistory. NotFound: customer.not_found, customer.merged.
    """

    customer_id: UUID
    record: RecordKind | None = None
    record_id: UUID | None = None
    field: Line | None = None
    """Only changes of this field."""
    limit: Limit = 50
    cursor: str | None = None
    count: bool = False
