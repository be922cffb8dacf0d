"""What is read of collaborators."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from contracts.customer.collaborators import Collaboration, Collaborator
from contracts.values import Actor, UserRef
from services.customer import models


def collaborators(db: Session, customer_id: UUID, now: datetime) -> list[Collaborator]:
    """The collaborators of a customer, by name; whether the caller may see it is decided before."""
    record = models.Collaborator
    statement = (
        select(record, func.coalesce(models.User.name, ""))
        .outerjoin(models.User, models.User.id == record.user_id)
        .where(record.customer_id == customer_id, or_(record.until.is_(None), record.until > now))
        .order_by(models.User.name, record.user_id)
    )
    return [as_collaborator(*row) for row in db.execute(statement)]


def as_collaborator(record: models.Collaborator, name: str) -> Collaborator:
    """The row in the contract's shape."""
    return Collaborator(
        user=UserRef(id=record.user_id, name=name),
        access=record.access,
        until=record.until,
        added_at=record.added_at,
        added_by=Actor.model_validate(record.added_by),
    )


def collaborations(db: Session, customer_ids: Sequence[UUID]) -> dict[UUID, list[Collaboration]]:
    """What other services keep of the collaborators of these customers."""
    record = models.Collaborator
    found: dict[UUID, list[Collaboration]] = {customer_id: [] for customer_id in customer_ids}
    statement = select(record.customer_id, record.user_id, record.access).where(record.customer_id.in_(customer_ids))
    for customer_id, user_id, access in db.execute(statement.order_by(record.user_id)):
        found[customer_id].append(Collaboration(user_id=user_id, access=access))
    return found


def with_collaborations_over(db: Session, now: datetime, *, limit: int) -> list[models.Customer]:
    """Customers with a collaboration that is over, held against other changes; those that others hold come later."""
    over = select(models.Collaborator.customer_id).where(models.Collaborator.until <= now)
    statement = select(models.Customer).where(models.Customer.id.in_(over)).order_by(models.Customer.id).limit(limit)
    return list(db.scalars(statement.with_for_update(skip_locked=True)))
