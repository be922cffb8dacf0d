"""Leads: qualified by a checklist, then converted. Both are changes of the customer, whose row is held meanwhile."""

from sqlalchemy.orm import Session

from contracts.customer.customers import Customer
from contracts.customer.leads import (
    ConvertLead,
    CustomerQualified,
    GetQualification,
    Qualification,
    QualificationMethod,
    QualifyCustomer,
)
from contracts.values import Lifecycle
from servicekit import clock
from servicekit.context import caller
from servicekit.outbox import publish
from servicekit.records import Changed, check_version
from services.customer import models
from services.customer.operations.customers import finish_change
from services.customer.operations.lifecycle import check_step
from services.customer.queries import leads as queries
from services.customer.queries.customers import customer, customer_to_edit
from services.customer.rules import leads, lifecycle


def get_qualification(db: Session, request: GetQualification) -> Qualification:
    """The checklist of a customer that the caller may see."""
    seen = customer(db, caller(), request.customer_id)
    return queries.as_qualification(queries.qualification(db, seen.id), version=seen.version)


def qualify(db: Session, request: QualifyCustomer) -> Qualification:
    """Answer items, or choose the method; that the last one was met is announced."""
    record = customer_to_edit(db, caller(), request.customer_id)
    check_version(record, request.version)
    checklist = queries.qualification(db, record.id)
    was_open = leads.open_items(QualificationMethod(checklist.method), checklist.answers)
    changed = _apply(checklist, request)
    if changed:
        checklist.updated_at, checklist.updated_by = clock.now(), caller().actor.model_dump(mode="json")
        db.add(checklist)
        finish_change(db, record, changed)
        method = QualificationMethod(checklist.method)
        if was_open and not leads.open_items(method, checklist.answers):
            publish(db, CustomerQualified(customer_id=record.id, method=method))
        db.flush()
    return queries.as_qualification(checklist, version=record.version)


def convert(db: Session, request: ConvertLead) -> Customer:
    """Make a lead a prospect, unless that was done before."""
    person = caller()
    record = customer_to_edit(db, person, request.customer_id)
    before, after = Lifecycle(record.lifecycle), Lifecycle.PROSPECT
    if not lifecycle.is_converted(before):
        check_step(db, person, record, after)
        record.lifecycle = after
        finish_change(db, record, {"lifecycle": Changed(before, after)})
    return customer(db, person, record.id)


def _apply(checklist: models.Qualification, request: QualifyCustomer) -> dict[str, Changed]:
    """Set what the merge patch names; returns what really changed, each item by itself."""
    changes = request.changes
    method = changes.method or QualificationMethod(checklist.method)
    answers = changes.answers or {}
    leads.check_own_items(method, answers)
    before, after = checklist.answers, leads.answered(checklist.answers, answers)
    changed = {
        f"qualification.{item}": Changed(before.get(item), after.get(item))
        for item in answers
        if before.get(item) != after.get(item)
    }
    if method != checklist.method:
        changed["qualification.method"] = Changed(checklist.method, method)
    checklist.method, checklist.answers = method, after
    return changed
