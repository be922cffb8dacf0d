"""The funnel, computed by the database over the rows that the caller may see."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Numeric, Row, Select, and_, cast, extract, func, or_, select
from sqlalchemy.orm import Session

from contracts.opportunity.pipelines import State
from contracts.opportunity.reports import Funnel, FunnelStage, FunnelSum, GetFunnel
from servicekit.context import Caller
from services.opportunity import models
from services.opportunity.queries.visibility import sees

_DAY_SECONDS = 86_400
_SUM = Numeric(24, 2)


def funnel(db: Session, caller: Caller, request: GetFunnel, stages: Sequence[models.Stage]) -> Funnel:
    """The figures of one pipeline, whose stages these are."""
    counted = _counted(caller, request, stages[0].pipeline_id)
    rows = db.execute(_by_stage(counted, stages[0].pipeline_id)).all()
    sums = {row.state: row for row in db.execute(_by_state(counted))}
    return Funnel(
        currency=request.currency,
        stages=[_stage(row) for row in rows],
        won=_sum(sums.get(State.WON)),
        lost=_sum(sums.get(State.LOST)),
    )


def _counted(caller: Caller, request: GetFunnel, pipeline_id: UUID) -> CTE:
    """What the figures are about. One without an amount counts in every currency, for it may come to be of any."""
    key = models.Opportunity
    conditions: list[ColumnElement[bool]] = [
        key.pipeline_id == pipeline_id,
        or_(key.currency == request.currency, key.currency.is_(None)),
        or_(key.state == State.OPEN, _closed_in_period(request)),
        sees(caller),
    ]
    if request.owner_id is not None:
        conditions.append(key.owner_id == request.owner_id)
    statement = select(key.id, key.stage_id, key.state, key.value).select_from(key)
    with_customers = statement.outerjoin(models.Customer, models.Customer.id == key.customer_id)
    return with_customers.where(*conditions).cte("counted")


def _closed_in_period(request: GetFunnel) -> ColumnElement[bool]:
    closed_on = models.Opportunity.closed_on
    bounds: list[ColumnElement[bool]] = [closed_on.is_not(None)]
    if request.from_day is not None:
        bounds.append(closed_on >= request.from_day)
    if request.to_day is not None:
        bounds.append(closed_on < request.to_day)
    return and_(*bounds)


def _by_stage(counted: CTE, pipeline_id: UUID) -> Select[Any]:
    stage, standing, passed = models.Stage, _standing(counted), _passed(counted)
    amount = cast(func.coalesce(standing.c.amount, 0), _SUM)
    return (
        select(
            stage.name,
            func.coalesce(standing.c.number, 0).label("number"),
            amount.label("amount"),
            cast(func.round(amount * stage.probability / 100, 2), _SUM).label("weighted_amount"),
            (cast(passed.c.further, Numeric) / passed.c.reached).label("conversion"),
            passed.c.median_days,
        )
        .outerjoin(standing, standing.c.stage_id == stage.id)
        .outerjoin(passed, passed.c.stage_id == stage.id)
        .where(stage.pipeline_id == pipeline_id)
        .order_by(stage.position)
    )


def _standing(counted: CTE) -> CTE:
    """The open ones, by the stage they stand in."""
    figures = select(counted.c.stage_id, func.count().label("number"), func.sum(counted.c.value).label("amount"))
    return figures.where(counted.c.state == State.OPEN).group_by(counted.c.stage_id).cte("standing")


def _passed(counted: CTE) -> CTE:
    """Of those that ever stood in a stage: how many, how many went further, how long those who left had stood there."""
    stay = _stays(counted)
    further = or_(stay.c.furthest > stay.c.position, stay.c.state == State.WON)
    return (
        select(
            stay.c.stage_id,
            func.count().label("reached"),
            func.count().filter(further).label("further"),
            func.percentile_cont(0.5).within_group(stay.c.days).filter(stay.c.gone).label("median_days"),
        )
        .group_by(stay.c.stage_id)
        .cte("passed")
    )


def _stays(counted: CTE) -> CTE:
    """Each opportunity in each stage it ever stood in: for how many days, whether it left, how far it ever came."""
    span, stage = models.StageSpan, models.Stage
    seconds = func.sum(extract("epoch", span.left_at - span.entered_at))
    return (
        select(
            counted.c.state,
            span.stage_id,
            stage.position,
            (seconds / _DAY_SECONDS).label("days"),
            func.bool_and(span.left_at.is_not(None)).label("gone"),
            func.max(stage.position).over(partition_by=counted.c.id).label("furthest"),
        )
        .join(span, span.opportunity_id == counted.c.id)
        .join(stage, stage.id == span.stage_id)
        .group_by(counted.c.id, counted.c.state, span.stage_id, stage.position)
        .cte("stays")
    )


def _by_state(counted: CTE) -> Select[Any]:
    amount = cast(func.coalesce(func.sum(counted.c.value), 0), _SUM).label("amount")
    return select(counted.c.state, func.count().label("number"), amount).group_by(counted.c.state)


def _stage(row: Row[Any]) -> FunnelStage:
    return FunnelStage(
        name=row.name,
        state=State.OPEN,
        count=row.number,
        amount=row.amount,
        weighted_amount=row.weighted_amount,
        conversion=None if row.conversion is None else float(row.conversion),
        median_days=None if row.median_days is None else float(row.median_days),
    )


def _sum(row: Row[Any] | None) -> FunnelSum:
    return FunnelSum(count=0, amount=0) if row is None else FunnelSum(count=row.number, amount=row.amount)
