"""The history of customers: each change is kept in the transaction that makes it, with what was and what is."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python
from sqlalchemy.orm import Session

from contracts.customer.history import ChangeKind, ChangePage, ListChanges, RecordKind
from servicekit import clock, context
from servicekit.context import caller
from servicekit.database import new_id
from servicekit.records import Changed
from services.customer import models
from services.customer.queries import history as queries
from services.customer.queries.custom_fields import hidden_from
from services.customer.queries.customers import customer

LONGEST = 2_000
"""Characters of a text that a history keeps."""
CUT = " […]"


def record(
    db: Session,
    customer_id: UUID,
    kind: ChangeKind,
    fields: Mapping[str, Changed],
    *,
    of: RecordKind = RecordKind.CUSTOMER,
    record_id: UUID | None = None,
    reason: str | None = None,
) -> None:
    """Keep a change of a customer or, with `of` and `record_id`, of a record that belongs to it."""
    work = context.current()
    db.add(
        models.Change(
            id=new_id(),
            customer_id=customer_id,
            kind=kind,
            record=of,
            record_id=record_id or customer_id,
            at=clock.now(),
            actor=caller().actor.model_dump(mode="json"),
            request_id=work.request_id or None,
            fields=[_kept(name, changed) for name, changed in fields.items()],
            reason=reason,
        )
    )


def given(record: object, names: Iterable[str]) -> dict[str, Changed]:
    """The fields of a new record that are not empty."""
    values = ((name, getattr(record, name)) for name in names)
    return {name: Changed(None, value) for name, value in values if not _is_empty(value)}


def lost(record: object, names: Iterable[str]) -> dict[str, Changed]:
    """The fields of a record that goes which were not empty."""
    return {name: Changed(value, None) for name, (_, value) in given(record, names).items()}


def list_changes(db: Session, request: ListChanges) -> ChangePage:
    """A page of the history of a customer that the caller may see."""
    person = caller()
    seen = customer(db, person, request.customer_id)
    hidden = {f"custom.{key}" for kind, key in hidden_from(db, person.role) if kind == seen.kind}
    return queries.changes(db, seen.id, request, hidden=hidden)


def _kept(field: str, changed: Changed) -> dict[str, Any]:
    return {"field": field, "before": _bounded(changed.before), "after": _bounded(changed.after)}


def _bounded(value: Any) -> Any:
    """As JSON. Only a text of its own can be long: those inside lists hold 200 characters at most."""
    if isinstance(value, str) and len(value) > LONGEST:
        return value[:LONGEST] + CUT
    return to_jsonable_python(value)


def _is_empty(value: Any) -> bool:
    return value is None or value is False or value in ("", [])
