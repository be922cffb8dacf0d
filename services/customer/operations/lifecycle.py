"""Steps in the lifecycle of customers: who may take which, and what else changes with them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from contracts.customer.leads import QualificationMethod
from contracts.values import Lifecycle, Role
from servicekit.context import Caller
from services.customer import models
from services.customer.queries import leads as queries
from services.customer.rules import leads, lifecycle
from services.customer.settings import SETTINGS


def moved(db: Session, person: Caller, record: models.Customer, given: Mapping[str, Any]) -> dict[str, Any]:
    """What changes besides these given fields. Conflict, InvalidInput: why the customer may not move so."""
    before, reason = Lifecycle(record.lifecycle), given.get("junk_reason")
    after = Lifecycle(given.get("lifecycle", before))
    if after is not before:
        check_step(db, person, record, after)
    if after is not before or "junk_reason" in given:
        lifecycle.check_junk_reason(after, reason)
    return {} if after is Lifecycle.JUNK else {"junk_reason": None}


def check_step(db: Session, person: Caller, record: models.Customer, after: Lifecycle) -> None:
    """Conflict: lifecycle.not_allowed, and lead.not_qualified for reps, whose leads go on by the checklist alone."""
    before = Lifecycle(record.lifecycle)
    lifecycle.check_step(before, after)
    gated = SETTINGS.qualification == "required" and person.role == Role.REP
    if gated and lifecycle.converts(before, after):
        found = queries.qualification(db, record.id)
        if items := leads.open_items(QualificationMethod(found.method), found.answers):
            raise leads.not_qualified(items)
