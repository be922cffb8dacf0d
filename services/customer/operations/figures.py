"""What others' records say of a customer in figures: when it was last touched."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.activity import ActivityLogged
from contracts.base import Received
from services.customer import models


def keep_touch(db: Session, event: Received[ActivityLogged]) -> None:
    """A customer was touched; the latest touch counts, in whatever order they are told of."""
    _touch(db, event.data.customer_id, event.data.occurred_at)


def _touch(db: Session, customer_id: UUID, moment: datetime) -> None:
    figures = models.Figures
    written = insert(figures).values(customer_id=customer_id, last_activity_at=moment)
    latest = func.greatest(figures.last_activity_at, written.excluded.last_activity_at)
    db.execute(written.on_conflict_do_update(index_elements=["customer_id"], set_={"last_activity_at": latest}))
