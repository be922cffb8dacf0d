"""What hangs from a customer in this service moves with a merge: contacts, collaborators, files, companies below it."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Update, update
from sqlalchemy.orm import Session

from servicekit.merging import ends
from services.customer import models
from services.customer.operations import contacts
from services.customer.queries.contacts import crossing_reports
from services.customer.queries.customers import is_company, parents_above
from services.customer.rules import charts


def move(db: Session, merge: models.Merge) -> None:
    """Let the survivor have what the merge names."""
    _move(db, merge, from_id=merge.loser_id, to_id=merge.survivor_id)


def move_back(db: Session, merge: models.Merge) -> None:
    """Let the loser have again what the survivor still has of it; nobody reports to somebody of the other one then."""
    _move(db, merge, from_id=merge.survivor_id, to_id=merge.loser_id)
    contacts.cut(db, crossing_reports(db, (merge.survivor_id, merge.loser_id)))


def with_parent(
    db: Session, given: Mapping[str, Any], survivor: models.Customer, loser: models.Customer
) -> dict[str, Any]:
    """The fields that the survivor gets, with a parent that isn't itself, the loser, or a company below them."""
    wanted = (given.get("parent_id", survivor.parent_id), survivor.parent_id, loser.parent_id)
    possible = [each for each in wanted if each is not None and each != loser.id and _is_above(db, each, survivor.id)]
    parent_id = possible[0] if possible and wanted[0] is not None else None
    others = {name: value for name, value in given.items() if name != "parent_id"}
    return others if parent_id == survivor.parent_id else {**others, "parent_id": parent_id}


def with_former_parent(db: Session, back: Mapping[str, Any], survivor: models.Customer) -> dict[str, Any]:
    """The fields that the survivor gets back; a parent only if it is still there and not below the survivor by now."""
    parent_id: UUID | None = back.get("parent_id")
    if parent_id is None:
        return dict(back)
    now = ends(db, models.Customer, [parent_id]).get(parent_id)
    if now is not None and is_company(db, now) and _is_above(db, now, survivor.id):
        return {**back, "parent_id": now}
    return {name: value for name, value in back.items() if name != "parent_id"}


def _is_above(db: Session, parent_id: UUID, customer_id: UUID) -> bool:
    return not charts.closes_cycle(parents_above(db, parent_id), customer_id, parent_id)


def _move(db: Session, merge: models.Merge, *, from_id: UUID, to_id: UUID) -> None:
    for moved in _updates(merge, from_id=from_id, to_id=to_id):
        # No edit: versions stay as they are, so that undoing restores them too.
        db.execute(moved, execution_options={"synchronize_session": False})


def _updates(merge: models.Merge, *, from_id: UUID, to_id: UUID) -> Iterable[Update]:
    contact, shared, child = models.Contact, models.Collaborator, models.Customer
    file = models.Attachment
    theirs = update(contact).where(contact.customer_id == from_id, contact.id.in_(merge.contact_ids))
    yield theirs.values(customer_id=to_id)
    sharing = update(shared).where(shared.customer_id == from_id, shared.user_id.in_(merge.collaborator_ids))
    yield sharing.values(customer_id=to_id)
    attached = update(file).where(file.customer_id == from_id, file.id.in_(merge.attachment_ids))
    yield attached.values(customer_id=to_id)
    yield update(child).where(child.parent_id == from_id, child.id.in_(merge.child_ids)).values(parent_id=to_id)
