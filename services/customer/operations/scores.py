"""Scores: they follow activities, edits and new rules; a total that crosses the threshold is announced."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from contracts.activity import ActivityLogged
from contracts.base import Received
from contracts.customer.scores import CustomerScored, FitField, GetScoring, Scoring, UpdateScoring
from servicekit import clock
from servicekit.context import caller
from servicekit.outbox import publish
from servicekit.records import apply_changes, check_version
from services.customer import models
from services.customer.queries import scores as queries
from services.customer.rules import rights, scores
from services.customer.rules.scores import Standing

_AT_ONCE = 200
_GRACE = timedelta(minutes=5)
"""Longer than any transaction that adds customers and their scores."""


def get_scoring(db: Session, _request: GetScoring) -> Scoring:
    """The rules."""
    return Scoring.model_validate(queries.scoring(db), from_attributes=True)


def update_scoring(db: Session, request: UpdateScoring) -> Scoring:
    """Change the rules; the scores follow in rescore()."""
    rights.check_may_set_scoring(caller().role)
    record = queries.scoring(db)
    check_version(record, request.version)
    scores.check_rules(request.changes.fit or [])
    if apply_changes(record, request.changes):
        record.updated_at = clock.now()
        db.flush()
    return Scoring.model_validate(record, from_attributes=True)


def begin(db: Session, customers: Iterable[models.Customer]) -> None:
    """Score new customers."""
    scoring = queries.scoring(db)
    for customer in customers:
        at = customer.created_at
        record = models.Score(customer_id=customer.id, fit=0, fit_at=at, behaviour=0.0, behaviour_at=at)
        _refit(db, scoring, record, customer)
        db.add(record)


def refit(db: Session, customer: models.Customer) -> None:
    """Score a customer anew whose fields changed."""
    record = queries.score_to_change(db, customer.id)
    if record is not None:
        scoring = queries.scoring(db)
        _refit(db, scoring, record, customer)


def follow_activity(db: Session, event: Received[ActivityLogged]) -> None:
    """An activity earns points at the moment it happened."""
    scoring, told = queries.scoring(db), event.data
    points = scores.points_of(scoring.behaviour, told.kind, told.outcome)
    record = queries.score_to_change(db, told.customer_id) if points else None
    if record is not None:
        standing, half_life = queries.standing(record), timedelta(days=scoring.half_life_days)
        _settle(db, scoring, record, scores.touched(standing, points, told.occurred_at, half_life=half_life))


def rescore(db: Session) -> bool:
    """Score some customers by the rules of now that were scored by others; True when there may be more."""
    scoring = queries.scoring(db)
    found = queries.under_other_rules(db, scoring.version, limit=_AT_ONCE)
    for record, customer in found:
        _refit(db, scoring, record, customer)
    return len(found) == _AT_ONCE


def begin_missing(db: Session) -> bool:
    """Score some customers that have no score; True when there may be more."""
    found = queries.without_score(db, clock.now() - _GRACE, limit=_AT_ONCE)
    begin(db, found)
    return len(found) == _AT_ONCE


def _refit(db: Session, scoring: models.Scoring, record: models.Score, customer: models.Customer) -> None:
    fit = scores.fit(scoring.fit, {field: getattr(customer, field) for field in FitField})
    record.scoring_version = scoring.version
    _settle(db, scoring, record, replace(queries.standing(record), fit=fit))


def _settle(db: Session, scoring: models.Scoring, record: models.Score, after: Standing) -> None:
    """Keep what a customer has earned now, and announce it when that makes it cross the threshold."""
    before = queries.as_score(record, scoring.half_life_days)
    record.fit, record.fit_at = after.fit, after.fit_at
    record.behaviour, record.behaviour_at = after.behaviour, after.behaviour_at
    record.rank = scores.rank(after, half_life=timedelta(days=scoring.half_life_days))
    now = queries.as_score(record, scoring.half_life_days)
    if scoring.threshold is not None and scores.crosses(before.total, now.total, scoring.threshold):
        told = {"customer_id": record.customer_id, "threshold": scoring.threshold, **now.model_dump()}
        publish(db, CustomerScored.model_validate(told))
