"""Merges: two customers become one, and two again; the other services follow by the event."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python
from sqlalchemy import update
from sqlalchemy.orm import Session

from contracts.customer.customers import CustomerChanges
from contracts.customer.history import ChangeKind
from contracts.customer.merges import (
    CustomerMerged,
    CustomerUnmerged,
    GetMerge,
    ListMerges,
    Merge,
    MergeCustomers,
    MergePage,
    UndoMerge,
)
from contracts.errors import Conflict, NotPermitted
from servicekit import clock
from servicekit.context import Caller, caller
from servicekit.database import new_id
from servicekit.outbox import publish
from servicekit.records import Changed, apply_changes, check_version
from services.customer import models
from services.customer.operations import (
    attachments,
    collaborators,
    contacts,
    custom_values,
    duplicates,
    history,
    moves,
    others,
)
from services.customer.operations.announcing import updated
from services.customer.operations.customers import finish_change, giver, unknown_pool
from services.customer.queries import merges as queries
from services.customer.queries.attachments import attachment_ids
from services.customer.queries.customers import hold_tree
from services.customer.queries.duplicates import described
from services.customer.rules import merges as rules
from services.customer.rules import rights

_FIELDS = tuple(CustomerChanges.model_fields.keys() - {"despite_duplicates"})
_UNVERSIONED = {"synchronize_session": False}
"""Being merged or given away is no edit: `version` and `updated_at` stay, so that undoing has not to restore them."""


def merge(db: Session, request: MergeCustomers) -> Merge:
    """Make two customers one; a dry run does so too, and takes it back."""
    rules.check_two(request.survivor_id, request.loser_id)
    _check_receiver(db, caller(), request)
    if not request.dry_run:
        return queries.as_merge(db, caller(), _merge(db, request))
    with db.begin_nested() as savepoint:
        shown = queries.as_merge(db, caller(), _merge(db, request))
        savepoint.rollback()
    return shown.model_copy(update={"id": None})


def get(db: Session, request: GetMerge) -> Merge:
    """One merge whose survivor the caller may see."""
    return queries.as_merge(db, caller(), queries.merge(db, caller(), request.merge_id))


def list_merges(db: Session, request: ListMerges) -> MergePage:
    """A page of the merges whose survivor the caller may see."""
    return queries.list_merges(db, caller(), request)


def undo(db: Session, request: UndoMerge) -> Merge:
    """Take two customers apart again."""
    record = queries.merge(db, caller(), request.merge_id)
    held = queries.customers_to_part(db, caller(), record)
    if not all(one.editable for one in held.values()):
        raise NotPermitted("merge.read_only", "Only who may edit both customers may take them apart.")
    rules.check_undoable(at=record.at, undone_at=record.undone_at, now=clock.now())
    if (later := queries.in_the_way(db, record)) is not None:
        data = {"merge_id": str(later)}
        raise Conflict("merge.in_the_way", "The survivor was merged again later: undo that first.", data=data)
    _part(db, record, held[record.survivor_id].record, held[record.loser_id].record)
    return queries.as_merge(db, caller(), record)


def _check_receiver(db: Session, person: Caller, request: MergeCustomers) -> None:
    """Before any row is held, as this may have to ask others."""
    rights.check_one_holder(request.owner_id, request.pool_id)
    if request.owner_id is not None and not person.is_user(request.owner_id):
        rights.check_may_give(others.known_person(db, request.owner_id), giver=giver(person), field="owner_id")
    if request.pool_id is not None and not others.open_pools(db, {request.pool_id}):
        raise unknown_pool()


def _merge(db: Session, request: MergeCustomers) -> models.Merge:
    survivor, loser = _two(db, request)
    own = {name: getattr(survivor, name) for name in _FIELDS}
    given = rules.merged(own, {name: getattr(loser, name) for name in _FIELDS}, keep=request.keep)
    record = models.Merge(
        id=new_id(),
        survivor_id=survivor.id,
        loser_id=loser.id,
        **_what_moves(db, survivor, loser),
        owner_id=request.owner_id,
        pool_id=request.pool_id,
        former_owner_id=survivor.owner_id,
        former_pool_id=survivor.pool_id,
        reason=request.reason,
        by=caller().actor.model_dump(mode="json"),
        at=clock.now(),
    )
    _lead(db, loser.id, to=survivor.id)
    hold_tree(db)
    moves.move(db, record)
    given = moves.with_parent(db, given, survivor, loser)
    record.before, record.given = to_jsonable_python({name: own[name] for name in given}), to_jsonable_python(given)
    db.add(record)
    _change(db, survivor, given)
    custom_values.pass_on(db, _keys_given(record), from_id=loser.id, to_id=survivor.id)
    _keep(db, loser, Changed(None, survivor.id), reason=request.reason or None)
    publish(db, _told(record, survivor, loser))
    if record.collaborator_ids:
        publish(db, updated(db, survivor, ["collaborators"]))
    db.flush()
    if request.owner_id is not None or request.pool_id is not None:
        _give(db, survivor, owner_id=request.owner_id, pool_id=request.pool_id)
    return record


def _two(db: Session, request: MergeCustomers) -> tuple[models.Customer, models.Customer]:
    """The two, held, as far as the caller may merge them."""
    held = queries.customers_to_merge(db, caller(), (request.survivor_id, request.loser_id))
    if not all(one.editable for one in held.values()):
        raise NotPermitted("customer.read_only", "You may look at these customers but not change both.")
    is_given = request.owner_id is not None or request.pool_id is not None
    if is_given and not all(one.answered_for for one in held.values()):
        raise NotPermitted("merge.owners_only", "Only who holds both, and their manager, may give the survivor away.")
    survivor, loser = held[request.survivor_id].record, held[request.loser_id].record
    rules.check_kinds(survivor.kind, loser.kind)
    for record, version in ((survivor, request.survivor_version), (loser, request.loser_version)):
        if version is not None:
            check_version(record, version)
    return survivor, loser


def _what_moves(db: Session, survivor: models.Customer, loser: models.Customer) -> dict[str, list[UUID]]:
    """The ids of what hangs from the loser. A collaborator of both, and the survivor's owner, stay where they are."""
    people, shared_already = (queries.contact_ids(db, loser.id), queries.collaborator_ids(db, survivor.id))
    sharing = set(queries.collaborator_ids(db, loser.id)) - {*shared_already, survivor.owner_id}
    rules.check_room("contacts", len(people) + len(queries.contact_ids(db, survivor.id)), contacts.MOST)
    rules.check_room("collaborators", len(sharing) + len(shared_already), collaborators.MOST)
    children = [child for child in queries.children(db, loser.id) if child != survivor.id]
    files, there_already = (attachment_ids(db, each.id) for each in (loser, survivor))
    rules.check_room("files", len(files) + len(there_already), attachments.MOST)
    moving = {"contact_ids": people, "collaborator_ids": sorted(sharing), "child_ids": children}
    return {**moving, "attachment_ids": files}


def _part(db: Session, record: models.Merge, survivor: models.Customer, loser: models.Customer) -> None:
    before = CustomerChanges.model_validate(record.before)
    given = CustomerChanges.model_validate(record.given)
    _lead(db, loser.id, to=None)
    hold_tree(db)
    moves.move_back(db, record)
    back = rules.reverted(
        {name: getattr(survivor, name) for name in record.given},
        before={name: getattr(before, name) for name in record.given},
        given={name: getattr(given, name) for name in record.given},
    )
    _change(db, survivor, moves.with_former_parent(db, back, survivor))
    custom_values.pass_on(db, _keys_given(record) - set(survivor.custom), from_id=survivor.id, to_id=loser.id)
    _keep(db, loser, Changed(survivor.id, None))
    record.undone_at = clock.now()
    ids = {"merge_id": record.id, "survivor_id": survivor.id, "loser_id": loser.id}
    publish(db, CustomerUnmerged(**ids, contact_ids=record.contact_ids))
    if record.collaborator_ids:
        publish(db, *(updated(db, each, ["collaborators"]) for each in (survivor, loser)))
    db.flush()
    holder = (record.owner_id, record.pool_id)
    if holder != (None, None) and holder == (survivor.owner_id, survivor.pool_id):
        _give(db, survivor, owner_id=record.former_owner_id, pool_id=record.former_pool_id)


def _keys_given(record: models.Merge) -> set[str]:
    """The custom fields whose values the survivor got."""
    return set(record.given.get("custom", {})) - set(record.before.get("custom", {}))


def _lead(db: Session, customer_id: UUID, *, to: UUID | None) -> None:
    record = models.Customer
    led = update(record).where(record.id == customer_id).values(merged_into_id=to)
    db.execute(led, execution_options=_UNVERSIONED)


def _give(db: Session, survivor: models.Customer, *, owner_id: UUID | None, pool_id: UUID | None) -> None:
    """Stored at once, as for a new customer; the pool service follows by the event and says what holds."""
    record = models.Customer
    held = update(record).where(record.id == survivor.id).values(owner_id=owner_id, pool_id=pool_id)
    db.execute(held, execution_options=_UNVERSIONED)
    db.refresh(survivor)


def _change(db: Session, survivor: models.Customer, fields: Mapping[str, Any]) -> None:
    custom = custom_values.put(db, survivor, fields["custom"]) if "custom" in fields else {}
    changed = apply_changes(survivor, CustomerChanges.model_construct(_fields_set={*fields} - {"custom"}, **fields))
    if changed or custom:
        finish_change(db, survivor, {**changed, **custom})
        duplicates.keep_changed(db, survivor.id, described(survivor), [], reason="")


def _keep(db: Session, loser: models.Customer, changed: Changed, *, reason: str | None = None) -> None:
    """The loser's history says where it went; the survivor's which fields it got."""
    history.record(db, loser.id, ChangeKind.CHANGED, {"merged_into_id": changed}, reason=reason)


def _told(record: models.Merge, survivor: models.Customer, loser: models.Customer) -> CustomerMerged:
    return CustomerMerged(
        merge_id=record.id,
        survivor_id=survivor.id,
        survivor_name=survivor.name,
        loser_id=loser.id,
        loser_name=loser.name,
        loser_owner_id=loser.owner_id,
        owner_id=record.owner_id,
        pool_id=record.pool_id,
        reason=record.reason,
        contact_ids=record.contact_ids,
    )
