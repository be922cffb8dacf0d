"""What is read of the checklists of leads."""

from uuid import UUID

from sqlalchemy.orm import Session

from contracts.customer.leads import Qualification, QualificationMethod
from contracts.values import Actor
from services.customer import models
from services.customer.rules import leads


def qualification(db: Session, customer_id: UUID) -> models.Qualification:
    """The checklist of a customer; an empty one, not yet of the session, where nobody began it."""
    found = db.get(models.Qualification, customer_id)
    return found or models.Qualification(customer_id=customer_id, method=QualificationMethod.BANT, answers={})


def as_qualification(record: models.Qualification, *, version: int) -> Qualification:
    """The checklist in the contract's shape; `version` is its customer's."""
    method = QualificationMethod(record.method)
    return Qualification(
        customer_id=record.customer_id,
        method=method,
        answers=leads.answers_of(method, record.answers),
        open=leads.open_items(method, record.answers),
        updated_at=record.updated_at,
        updated_by=None if record.updated_by is None else Actor.model_validate(record.updated_by),
        version=version,
    )
