"""What others' records say of a customer in figures: when it was last touched, and what its opportunities come to."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.activity import ActivityLogged
from contracts.base import Received
from contracts.opportunity.opportunities import OpportunityLost, OpportunityOpened, OpportunityUpdated, OpportunityWon
from contracts.opportunity.pipelines import State
from contracts.values import Money
from servicekit.projections import project
from services.customer import models
from services.customer.operations import classification
from services.customer.queries import figures as queries

_COUNTED = ("open_count", "open_amount", "won_count", "won_amount", "last_won_on")
"""What conditions call the figures that opportunities come to."""

Told = Received[OpportunityOpened] | Received[OpportunityUpdated] | Received[OpportunityWon]


def keep_touch(db: Session, event: Received[ActivityLogged]) -> None:
    """A customer was touched; the latest touch counts, in whatever order they are told of."""
    _touch(db, event.data.customer_id, event.data.occurred_at)
    classification.classify(db, [event.data.customer_id], changed=["last_activity_at"])


def keep_opportunity(db: Session, event: Told) -> None:
    """Whose an opportunity is and what it is worth."""
    told, before = event.data, queries.customer_of(db, event.subject)
    _describe(db, event.subject, told.customer_id, told.amount, sequence=event.sequence)
    if isinstance(told, OpportunityWon):
        _move(db, event.subject, State.WON, told.closed_on, sequence=event.sequence)
    elif isinstance(told, OpportunityOpened):
        _move(db, event.subject, State.OPEN, None, sequence=event.sequence)
    recount(db, {before, told.customer_id})


def keep_loss(db: Session, event: Received[OpportunityLost]) -> None:
    """An opportunity is lost; its amount is what was told before."""
    _move(db, event.subject, State.LOST, event.data.closed_on, sequence=event.sequence)
    recount(db, {queries.customer_of(db, event.subject)})


def recount(db: Session, customer_ids: Iterable[UUID | None]) -> None:
    """Add up the opportunities of these customers anew."""
    ids = sorted({each for each in customer_ids if each is not None})
    for customer_id in ids:
        # Held first: whoever counts later sees all that was written by who counted before.
        db.execute(insert(models.Figures).values(customer_id=customer_id).on_conflict_do_nothing())
        figures = queries.figures_to_change(db, customer_id)
        for name, value in queries.sums(db, customer_id).items():
            setattr(figures, name, value)
        db.flush()
    classification.classify(db, ids, changed=_COUNTED)


def _describe(
    db: Session, opportunity_id: UUID, customer_id: UUID | None, amount: Money | None, *, sequence: int
) -> None:
    worth = {"amount": None, "currency": None} if amount is None else dict(amount)
    values = {"customer_id": customer_id, **worth}
    project(db, models.Opportunity, opportunity_id, sequence={"sequence": sequence}, values=values)


def _move(db: Session, opportunity_id: UUID, state: State, closed_on: date | None, *, sequence: int) -> None:
    values = {"state": state.value, "closed_on": closed_on}
    project(db, models.Opportunity, opportunity_id, sequence={"state_sequence": sequence}, values=values)


def _touch(db: Session, customer_id: UUID, moment: datetime) -> None:
    figures = models.Figures
    written = insert(figures).values(customer_id=customer_id, last_activity_at=moment)
    latest = func.greatest(figures.last_activity_at, written.excluded.last_activity_at)
    db.execute(written.on_conflict_do_update(index_elements=["customer_id"], set_={"last_activity_at": latest}))
