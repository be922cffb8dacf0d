"""What is read of scores and of their rules."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from contracts.customer.scores import Score
from servicekit import clock
from services.customer import models
from services.customer.rules import scores
from services.customer.rules.scores import Standing


def scoring(db: Session) -> models.Scoring:
    """The rules of all scores; the first migration of theirs wrote them."""
    return db.scalars(select(models.Scoring)).one()


def score_to_change(db: Session, customer_id: UUID) -> models.Score | None:
    """What a customer has earned, held against other changes; None where there is no such customer."""
    return db.scalar(select(models.Score).where(models.Score.customer_id == customer_id).with_for_update())


def under_other_rules(db: Session, version: int, *, limit: int) -> Sequence[tuple[models.Score, models.Customer]]:
    """Scores that were made by earlier rules, held against other changes; those that others hold come later."""
    score, customer = models.Score, models.Customer
    statement = (
        select(score, customer)
        .join(customer, customer.id == score.customer_id)
        .where(score.scoring_version < version)
        .order_by(score.scoring_version)
        .limit(limit)
        .with_for_update(of=score, skip_locked=True)
    )
    return [(row[0], row[1]) for row in db.execute(statement)]


def without_score(db: Session, before: datetime, *, limit: int) -> Sequence[models.Customer]:
    """Customers that were added before this moment and have no score: by processes of a release that knew none."""
    customer = models.Customer
    scored = exists().where(models.Score.customer_id == customer.id)
    statement = select(customer).where(~scored, customer.created_at < before).limit(limit)
    return db.scalars(statement.with_for_update(skip_locked=True, key_share=True)).all()


def standing(record: models.Score) -> Standing:
    """A score as the rules need it."""
    return Standing(record.fit, record.fit_at, record.behaviour, record.behaviour_at)


def as_score(record: models.Score, half_life_days: int) -> Score:
    """What a customer is worth at this moment."""
    return scores.score(standing(record), clock.now(), half_life=timedelta(days=half_life_days))
