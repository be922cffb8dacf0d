"""Moving and closing opportunities: each ends the present stretch of the way at the moment where the next begins."""

from datetime import date

from sqlalchemy.orm import Session

from contracts.opportunity.opportunities import LoseOpportunity, MoveOpportunity, Opportunity, WinOpportunity
from contracts.opportunity.pipelines import State
from servicekit import clock
from servicekit.context import caller
from servicekit.outbox import publish
from services.opportunity import models
from services.opportunity.operations import told
from services.opportunity.operations.opportunities import to_edit
from services.opportunity.queries import catalogue
from services.opportunity.queries import opportunities as queries
from services.opportunity.queries.opportunities import Found
from services.opportunity.rules import opportunities as rules


def move(db: Session, request: MoveOpportunity) -> Opportunity:
    """Go on to another stage, or back; to the present one changes nothing."""
    found = to_edit(db, request.opportunity_id)
    rules.require_open(found.record.state)
    stage = rules.choose_stage(catalogue.stages(db, found.record.pipeline_id), request.stage_id)
    if stage.id != found.stage.id:
        _enter(db, found, stage)
    return queries.as_opportunity(found._replace(stage=stage))


def win(db: Session, request: WinOpportunity) -> Opportunity:
    """Close as won."""
    found = to_edit(db, request.opportunity_id)
    rules.require_open(found.record.state)
    rules.check_amount(request.amount, "amount")
    if request.amount is not None:
        found.record.amount = request.amount
    rules.require_winnable(found.record.customer_id, found.record.amount)
    return _close(db, found, State.WON, request.closed_on)


def lose(db: Session, request: LoseOpportunity) -> Opportunity:
    """Close as lost."""
    found = to_edit(db, request.opportunity_id)
    rules.require_open(found.record.state)
    found.record.loss_reason, found.record.competitor = request.reason, request.competitor
    return _close(db, found, State.LOST, request.closed_on)


def _enter(db: Session, found: Found, stage: models.Stage) -> None:
    record, person, now = found.record, caller(), clock.now()
    span = queries.present_span(db, record.id)
    span.left_at = moment = rules.left_at(span.entered_at, now)
    db.flush()  # there is never a second present stretch
    following = models.StageSpan(
        opportunity_id=record.id,
        number=span.number + 1,
        stage_id=stage.id,
        entered_at=moment,
        by_id=person.signed_by,
        by_name=person.name,
    )
    db.add(following)
    record.stage_id, record.entered_stage_at, record.updated_at = stage.id, moment, now
    publish(db, told.stage_changed(record, span, from_stage=found.stage.name, to_stage=stage.name))
    db.flush()


def _close(db: Session, found: Found, state: State, closed_on: date | None) -> Opportunity:
    record, now = found.record, clock.now()
    span = queries.present_span(db, record.id)
    record.closed_on = rules.closing_day(closed_on, began_at=queries.began_at(db, record.id), now=now)
    record.state, record.updated_at = state, now
    span.left_at = rules.closed_at(record.closed_on, entered_at=span.entered_at, now=now)
    publish(db, told.won(record) if state is State.WON else told.lost(record))
    db.flush()
    return queries.as_opportunity(found)
