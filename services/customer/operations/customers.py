"""Customers: added, changed, read."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.customer.customers import (
    CreateCustomer,
    Customer,
    CustomerChanges,
    CustomerFields,
    CustomerLifecycleChanged,
    CustomerPage,
    GetCustomer,
    Kind,
    ListCustomers,
    UpdateCustomer,
)
from contracts.customer.facts import CustomerFactsPage, DescribeCustomers, DescribedCustomers, ListCustomerFacts
from contracts.customer.history import ChangeKind
from contracts.customer.scores import FitField
from contracts.errors import InvalidInput, NotPermitted, fault
from contracts.values import Lifecycle
from servicekit import clock
from servicekit.context import Caller, caller
from servicekit.database import new_id
from servicekit.operators import require_process
from servicekit.outbox import publish
from servicekit.records import Changed, apply_changes, check_version
from services.customer import models
from services.customer.operations import (
    classification,
    custom_values,
    duplicates,
    history,
    lifecycle,
    others,
    scores,
)
from services.customer.operations.announcing import created, updated
from services.customer.queries import customers as queries
from services.customer.queries import duplicates as find
from services.customer.rules import charts, deletion, fields, rights, search
from services.customer.rules.duplicates import COMPARED, Match, compared_as
from services.customer.rules.lifecycle import check_junk_reason
from services.customer.rules.names import read_name
from services.customer.settings import SETTINGS

_PLAIN = [name for name in CustomerFields.model_fields if name != "custom"]
_SEARCHED = frozenset({"name", "phones", "emails"})
_SCORED = frozenset(FitField)


def create(db: Session, request: CreateCustomer) -> Customer:
    """Add a customer; who holds it is stored at once, the pool service follows by the event."""
    person = caller()
    rights.check_may_add(person.role)
    owner_id, pool_id = _first_holder(db, person, request)
    given = {name: getattr(request, name) for name in CustomerFields.model_fields}
    read = fields.read_customer(request.kind, given, region=SETTINGS.region)
    check_junk_reason(request.lifecycle, request.junk_reason)
    known, read["custom"] = custom_values.of_new(db, person, request.kind, request.custom)
    if request.parent_id is not None:
        _check_parent(db, person, request.parent_id)
    described = compared_as(request.kind, read)
    customer_id, despite = new_id(), request.despite_duplicates or ""
    matches = duplicates.guard(db, person, customer_id, described, despite=despite)
    record = new_record(customer_id, request.kind, read, owner_id=owner_id, pool_id=pool_id)
    db.add(record)
    duplicates.keep_new(db, {record.id: described})
    duplicates.suspect(db, {record.id: matches}, reason=despite)
    custom_values.keep_new(db, known, [record])
    told = {**history.given(record, _PLAIN), **custom_values.given(record)}
    history.record(db, record.id, ChangeKind.CREATED, told)
    publish(db, created(record))
    scores.begin(db, [record])
    classification.classify(db, [record.id])
    return _answer(db, person, record.id, matches)


def get(db: Session, request: GetCustomer) -> Customer:
    """A customer that the caller may see."""
    return queries.customer(db, caller(), request.customer_id)


def list_customers(db: Session, request: ListCustomers) -> CustomerPage:
    """A page of the customers that the caller may see."""
    if request.deleted:
        deletion.check_may_list_deleted(caller().role)
    sought = None if request.q is None else search.read_search(request.q, region=SETTINGS.region)
    asked = custom_values.filters(db, caller(), request.custom)
    return queries.list_customers(db, caller(), request, sought, asked)


def update(db: Session, request: UpdateCustomer) -> Customer:
    """Change the fields that a merge patch names."""
    person = caller()
    record = queries.customer_to_edit(db, person, request.customer_id)
    check_version(record, request.version)
    matches = change(db, person, record, request.changes)
    return _answer(db, person, record.id, matches)


def change(db: Session, person: Caller, record: models.Customer, changes: CustomerChanges) -> list[Match]:
    """Change the fields that a merge patch names, of a customer that the person may edit; who may be the same by that.

    InvalidInput, Conflict, NotPermitted: why not.
    """
    written = changes.model_fields_set - {"despite_duplicates"}
    given = {name: getattr(changes, name) for name in written}
    read = fields.read_customer(_kind(record), given, region=SETTINGS.region)
    parent_id = read.get("parent_id")
    if parent_id is not None and parent_id != record.parent_id:
        _check_parent(db, person, parent_id)
        _check_no_circle(db, record.id, parent_id)
    despite = changes.despite_duplicates or ""
    described = find.described(record, **read)
    matches = duplicates.guard_change(db, person, record, described, despite=despite)
    read |= lifecycle.moved(db, person, record, read)
    custom = custom_values.change(db, person, record, read)
    changed = {**apply_changes(record, CustomerChanges.model_construct({*read}, **read)), **custom}
    if changed:
        finish_change(db, record, changed)
    if not COMPARED.isdisjoint(changed):
        duplicates.keep_changed(db, record.id, described, matches, reason=despite)
    return matches


def describe(db: Session, request: DescribeCustomers) -> DescribedCustomers:
    """Customers by id, for services that have not heard of them yet."""
    require_process()
    return DescribedCustomers(items=queries.facts(db, request.customer_ids))


def list_facts(db: Session, request: ListCustomerFacts) -> CustomerFactsPage:
    """What the other services keep of customers, page by page."""
    require_process()
    return queries.facts_page(db, request)


def new_record(
    customer_id: UUID, kind: Kind, read: Mapping[str, Any], *, owner_id: UUID | None, pool_id: UUID | None
) -> models.Customer:
    """A customer as it is kept, of fields that were read by the rules."""
    now = clock.now()
    return models.Customer(
        id=customer_id,
        kind=kind,
        **read,
        **search.search_keys(read["name"], read["phones"], read["emails"]),
        match_name=read_name(kind, read["name"]).core,
        owner_id=owner_id,
        pool_id=pool_id,
        created_at=now,
        updated_at=now,
    )


def finish_change(db: Session, record: models.Customer, changed: Mapping[str, Changed]) -> None:
    """Keep and announce a change of these fields, which is made already, and what rules give for it."""
    record.updated_at = clock.now()
    if not _SEARCHED.isdisjoint(changed):
        for column, value in search.search_keys(record.name, record.phones, record.emails).items():
            setattr(record, column, value)
        record.match_name = read_name(_kind(record), record.name).core
    history.record(db, record.id, ChangeKind.CHANGED, changed)
    publish(db, updated(db, record, changed))
    if not _SCORED.isdisjoint(changed):
        scores.refit(db, record)
    if (moved := changed.get("lifecycle")) is not None:
        before, after = Lifecycle(moved.before), Lifecycle(moved.after)
        publish(db, CustomerLifecycleChanged(customer_id=record.id, before=before, after=after))
    classification.classify(db, [record.id], changed=changed)


def giver(person: Caller) -> rights.Giver:
    """The caller, as far as giving customers away depends on it."""
    return rights.Giver(person.signed_by, person.role, person.departments)


def unknown_pool() -> InvalidInput:
    """The refusal of a pool that isn't there."""
    return fault("pool_id", "customer.unknown_pool", "There is no such pool.")


def _first_holder(db: Session, person: Caller, request: CreateCustomer) -> tuple[UUID | None, UUID | None]:
    rights.check_one_holder(request.owner_id, request.pool_id)
    rights.check_holder_named(person.role, request.owner_id, request.pool_id)
    if request.pool_id is not None:
        if not others.open_pools(db, {request.pool_id}):
            raise unknown_pool()
        return None, request.pool_id
    owner_id = request.owner_id or person.user_id
    if not person.is_user(owner_id):
        rights.check_may_give(others.known_person(db, owner_id), giver=giver(person), field="owner_id")
    return owner_id, None


def _check_parent(db: Session, person: Caller, parent_id: UUID) -> None:
    may_edit = queries.may_edit_company(db, person, parent_id)
    if may_edit is None:
        raise fault("parent_id", "customer.unknown_parent", "There is no such company.")
    if not may_edit:
        raise NotPermitted("customer.foreign_parent", "You may not put anything below this company.")


def _check_no_circle(db: Session, customer_id: UUID, parent_id: UUID) -> None:
    queries.hold_tree(db)
    if charts.closes_cycle(queries.parents_above(db, parent_id), customer_id, parent_id):
        raise fault("parent_id", "customer.parent_cycle", "A company can't belong to itself, nor to one below it.")


def _answer(db: Session, person: Caller, customer_id: UUID, matches: Sequence[Match]) -> Customer:
    customer = queries.customer(db, person, customer_id)
    return customer.model_copy(update={"duplicates": find.told(db, person, matches)}) if matches else customer


def _kind(record: models.Customer) -> Kind:
    return "company" if record.kind == "company" else "person"
