"""What is read of opportunities, to tell a customer's figures."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts.opportunity.pipelines import State
from services.customer import models


def customer_of(db: Session, opportunity_id: UUID) -> UUID | None:
    """Whose an opportunity is as far as it is known; it is held until the transaction ends."""
    record = models.Opportunity
    return db.scalar(select(record.customer_id).where(record.id == opportunity_id).with_for_update())


def figures_to_change(db: Session, customer_id: UUID) -> models.Figures:
    """A customer's figures, held against other changes until the transaction ends."""
    statement = select(models.Figures).where(models.Figures.customer_id == customer_id).with_for_update()
    return db.scalars(statement.execution_options(populate_existing=True)).one()


def sums(db: Session, customer_id: UUID) -> dict[str, Any]:
    """What a customer's opportunities come to, as the columns of its figures."""
    record = models.Opportunity
    counted = select(record.state, record.currency, func.count(), func.sum(record.amount), func.max(record.closed_on))
    rows = db.execute(counted.where(record.customer_id == customer_id).group_by(record.state, record.currency)).all()
    found: dict[str, Any] = {}
    for name in (State.OPEN, State.WON):
        mine = [row for row in rows if row[0] == name]
        found[f"{name}_count"] = sum(row[2] for row in mine)
        found[f"{name}_amounts"] = {row[1]: str(row[3]) for row in mine if row[1] is not None}
    found["last_won_on"] = max((row[4] for row in rows if row[0] == State.WON and row[4] is not None), default=None)
    return found
