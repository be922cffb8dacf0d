"""Collaborators: colleagues who see or edit a customer besides who holds it; the other services learn of them."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from contracts.base import Received
from contracts.customer.collaborators import (
    AddCollaborator,
    Collaborator,
    CollaboratorList,
    ListCollaborators,
    RemoveCollaborator,
    RemovedCollaborator,
)
from contracts.customer.history import ChangeKind, RecordKind
from contracts.errors import Conflict, NotFound, fault
from contracts.pool.assignments import HoldingTransferred
from servicekit import clock, company
from servicekit.context import caller
from servicekit.outbox import publish
from servicekit.records import Changed
from services.customer import models
from services.customer.operations import history, others
from services.customer.operations.announcing import updated
from services.customer.queries import collaborators as queries
from services.customer.queries.customers import customer, customer_to_leave, customer_to_share

MOST = 50
"""Collaborators that one customer may have: events about it name them all."""
_ENDED_AT_ONCE = 100
_KEPT = ("access", "until")
"""What the history keeps of a collaborator."""


def add(db: Session, request: AddCollaborator) -> Collaborator:
    """Let a colleague see or edit a customer."""
    person = caller()
    record = customer_to_share(db, person, request.customer_id)
    _check_may_become(db, record, request)
    found = db.get(models.Collaborator, (record.id, request.user_id))
    collaborator = found or _one_more(db, record, request.user_id)
    before = {name: getattr(collaborator, name) for name in _KEPT}
    collaborator.access, collaborator.until = request.access, request.until
    changed = {name: Changed(value, now) for name, value in before.items() if (now := getattr(request, name)) != value}
    if changed:
        _keep(db, collaborator, ChangeKind.CREATED if found is None else ChangeKind.CHANGED, changed)
    collaborator.added_at, collaborator.added_by = clock.now(), person.actor.model_dump(mode="json")
    _announce(db, record)
    name = others.person_name(db, request.user_id)
    return queries.as_collaborator(collaborator, name)


def list_collaborators(db: Session, request: ListCollaborators) -> CollaboratorList:
    """Who works with a customer that the caller may see."""
    seen = customer(db, caller(), request.customer_id)
    return CollaboratorList(items=queries.collaborators(db, seen.id, clock.now()))


def remove(db: Session, request: RemoveCollaborator) -> RemovedCollaborator:
    """End a collaboration."""
    person = caller()
    reach = customer_to_leave if person.is_user(request.user_id) else customer_to_share
    record = reach(db, person, request.customer_id)
    collaborator = db.get(models.Collaborator, (record.id, request.user_id))
    if collaborator is None:
        raise NotFound("collaborator.not_found", "This colleague is no collaborator of this customer.")
    db.delete(collaborator)
    _keep_end(db, collaborator)
    _announce(db, record)
    return RemovedCollaborator(user_id=request.user_id)


def end_what_is_over(db: Session) -> bool:
    """Tell the other services of collaborations whose time is over; True when there may be more."""
    now = clock.now()
    customers = queries.with_collaborations_over(db, now, limit=_ENDED_AT_ONCE)
    shared = models.Collaborator
    ids = [record.id for record in customers]
    over = delete(shared).where(shared.customer_id.in_(ids), shared.until <= now).returning(shared)
    for collaborator in db.scalars(over):
        _keep_end(db, collaborator)
    for record in customers:
        _announce(db, record)
    return len(customers) == _ENDED_AT_ONCE


def keep_former_owner(db: Session, event: Received[HoldingTransferred]) -> None:
    """Let who handed a customer over read it on for as long as they said, if it has room for them."""
    told = event.data
    record = db.get(models.Customer, told.customer_id)
    shared = queries.collaborations(db, [told.customer_id])[told.customer_id] if record else []
    if record is None or told.keep_until is None or len(shared) >= MOST:
        return
    former, until = told.former_owner_id, company.end_of(told.keep_until)
    if db.get(models.Collaborator, (record.id, former)) is not None or until <= clock.now():
        return
    collaborator = models.Collaborator(customer_id=record.id, user_id=former, access="read", until=until)
    collaborator.added_at, collaborator.added_by = clock.now(), event.actor.model_dump(mode="json")
    db.add(collaborator)
    _keep(db, collaborator, ChangeKind.CREATED, history.given(collaborator, _KEPT))
    _announce(db, record)


def _check_may_become(db: Session, record: models.Customer, request: AddCollaborator) -> None:
    if request.until is not None and request.until <= clock.now():
        raise fault("until", "collaborator.over", "This moment is over already.")
    colleague = others.known_person(db, request.user_id)
    if colleague is None or not colleague.active or record.owner_id == colleague.id:
        raise fault("user_id", "collaborator.unknown_user", "There is no such active user, or they hold the customer.")


def _one_more(db: Session, record: models.Customer, user_id: UUID) -> models.Collaborator:
    if len(queries.collaborations(db, [record.id])[record.id]) >= MOST:
        raise Conflict("collaborator.too_many", f"A customer has at most {MOST} collaborators; remove some first.")
    collaborator = models.Collaborator(customer_id=record.id, user_id=user_id)
    db.add(collaborator)
    return collaborator


def _keep(db: Session, collaborator: models.Collaborator, kind: ChangeKind, changed: Mapping[str, Changed]) -> None:
    whose, user_id = collaborator.customer_id, collaborator.user_id
    history.record(db, whose, kind, changed, of=RecordKind.COLLABORATOR, record_id=user_id)


def _keep_end(db: Session, collaborator: models.Collaborator) -> None:
    _keep(db, collaborator, ChangeKind.REMOVED, history.lost(collaborator, _KEPT))


def _announce(db: Session, record: models.Customer) -> None:
    db.flush()
    publish(db, updated(db, record, ["collaborators"]))
