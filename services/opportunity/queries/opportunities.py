"""Opportunities with the names that stand in them, and their way through the stages."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from contracts.errors import NotFound
from contracts.opportunity.opportunities import (
    CustomerOpportunities,
    ListOpportunities,
    Opportunity,
    OpportunityPage,
    OpportunitySort,
    StageHistory,
    StageSpan,
    Total,
)
from contracts.opportunity.pipelines import State
from contracts.values import CustomerRef, UserRef
from servicekit.context import Caller
from servicekit.paging import page, total
from services.opportunity import models
from services.opportunity.queries.catalogue import as_stage
from services.opportunity.queries.visibility import edits, sees

Columns = TypeVarTuple("Columns")
Sum = Row[State, str | None, int, Decimal | None]

_LATEST = 10
_LONGEST_WAY = 1_000
_SORTS: dict[OpportunitySort, tuple[InstrumentedAttribute[Any], bool]] = {
    OpportunitySort.NEWEST: (models.Opportunity.created_at, True),
    OpportunitySort.RECENTLY_UPDATED: (models.Opportunity.updated_at, True),
    OpportunitySort.AMOUNT: (models.Opportunity.value_rank, True),
    OpportunitySort.EXPECTED_CLOSE: (models.Opportunity.close_rank, False),
}
"""What each order goes by, and whether downwards."""


class Found(NamedTuple):
    """An opportunity with its stage, and the names of its customer, product and owner as far as they are known."""

    record: models.Opportunity
    stage: models.Stage
    customer_name: str | None
    product_name: str | None
    owner_name: str | None


def find(db: Session, caller: Caller, opportunity_id: UUID) -> Found:
    """An opportunity that the caller may see. NotFound: opportunity.not_found."""
    statement = _opportunities().where(models.Opportunity.id == opportunity_id, sees(caller))
    row = db.execute(statement).one_or_none()
    if row is None:
        raise NotFound("opportunity.not_found", "There is no such opportunity.")
    return Found(*row)


def may_edit(db: Session, caller: Caller, opportunity_id: UUID) -> bool:
    """Whether the caller may edit an opportunity."""
    record, customer = models.Opportunity, models.Customer
    statement = select(edits(caller)).select_from(record).outerjoin(customer, customer.id == record.customer_id)
    return bool(db.scalar(statement.where(record.id == opportunity_id)))


def lock(db: Session, opportunity_id: UUID) -> None:
    """Hold an opportunity against other changes until the transaction ends.

    A statement of its own: one that joins and waits for a lock goes on with the others' rows as they were before.
    """
    db.execute(select(models.Opportunity.id).where(models.Opportunity.id == opportunity_id).with_for_update())


def list_opportunities(db: Session, caller: Caller, request: ListOpportunities) -> OpportunityPage:
    """A page of the opportunities that the caller may see."""
    asked = _opportunities().where(sees(caller), *_filters(caller, request))
    key, descending = _SORTS[request.sort]
    rows, next_cursor = page(
        db,
        asked,
        *(key, models.Opportunity.id),
        limit=request.limit,
        cursor=request.cursor,
        descending=descending,
    )
    return OpportunityPage(
        items=[as_opportunity(Found(*row)) for row in rows],
        next_cursor=next_cursor,
        total=total(db, asked) if request.count else None,
    )


def of_customer(db: Session, caller: Caller, customer_id: UUID) -> CustomerOpportunities:
    """The opportunities of a customer that the caller may see: the latest, and sums over all."""
    key = models.Opportunity
    theirs = (key.customer_id == customer_id, sees(caller))
    newest_first = (key.closed_on.desc(), key.created_at.desc(), key.id.desc())
    place = func.row_number().over(partition_by=key.state == State.OPEN, order_by=newest_first).label("place")
    placed = _with_customers(select(key.id, place)).where(*theirs).subquery()
    latest = _opportunities().join(placed, placed.c.id == key.id).where(placed.c.place <= _LATEST)
    items = [as_opportunity(Found(*row)) for row in db.execute(latest.order_by(placed.c.place))]
    figures = _with_customers(select(key.state, key.currency, func.count().label("number"), func.sum(key.value)))
    sums = db.execute(figures.where(*theirs).group_by(key.state, key.currency).order_by(key.currency)).all()
    return CustomerOpportunities(
        open=[item for item in items if item.state is State.OPEN],
        closed=[item for item in items if item.state is not State.OPEN],
        open_count=_count(sums, State.OPEN),
        won_count=_count(sums, State.WON),
        lost_count=_count(sums, State.LOST),
        open_amounts=_totals(sums, State.OPEN),
        won_amounts=_totals(sums, State.WON),
    )


def known_external_ids(db: Session, external_ids: Collection[str]) -> set[str]:
    """Those of these that were imported before, whoever may see them."""
    key = models.Opportunity.external_id
    return {found for found in db.scalars(select(key).where(key.in_(external_ids))) if found is not None}


def began_at(db: Session, opportunity_id: UUID) -> datetime:
    """When an opportunity entered its first stage."""
    span = models.StageSpan
    first = select(span.entered_at).where(span.opportunity_id == opportunity_id, span.number == 1)
    return db.scalars(first).one()


def present_span(db: Session, opportunity_id: UUID) -> models.StageSpan:
    """The stretch that an open opportunity is in."""
    span = models.StageSpan
    return db.scalars(select(span).where(span.opportunity_id == opportunity_id, span.left_at.is_(None))).one()


def history(db: Session, opportunity_id: UUID, *, now: datetime) -> StageHistory:
    """The way of an opportunity through its stages, oldest first; of a very long one the latest part."""
    span = models.StageSpan
    statement = (
        select(span, models.Stage.name, func.coalesce(models.User.name, span.by_name))
        .join(models.Stage, models.Stage.id == span.stage_id)
        .outerjoin(models.User, models.User.id == span.by_id)
        .where(span.opportunity_id == opportunity_id)
        .order_by(span.number.desc())
        .limit(_LONGEST_WAY)
    )
    spans = [_as_span(*row, now=now) for row in db.execute(statement)]
    return StageHistory(items=spans[::-1])


def as_opportunity(found: Found) -> Opportunity:
    """An opportunity as readers get it."""
    record = found.record
    customer_id = record.customer_id
    return Opportunity(
        id=record.id,
        name=record.name,
        customer=None if customer_id is None else CustomerRef(id=customer_id, name=found.customer_name or ""),
        owner=UserRef(id=record.owner_id, name=found.owner_name or ""),
        pipeline_id=record.pipeline_id,
        stage=as_stage(found.stage),
        state=record.state,
        amount=record.amount,
        product=found.product_name,
        expected_close_on=record.expected_close_on,
        source=record.source,
        note=record.note,
        entered_stage_at=record.entered_stage_at,
        closed_on=record.closed_on,
        loss_reason=record.loss_reason,
        competitor=record.competitor,
        external_id=record.external_id,
        version=record.version,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )


def _opportunities() -> Select[models.Opportunity, models.Stage, str, str, str]:
    key = models.Opportunity
    found = select(key, models.Stage, models.Customer.name, models.Product.name, models.User.name)
    return (
        _with_customers(found)
        .join(models.Stage, models.Stage.id == key.stage_id)
        .outerjoin(models.Product, models.Product.id == key.product_id)
        .outerjoin(models.User, models.User.id == key.owner_id)
    )


def _with_customers(statement: Select[*Columns]) -> Select[*Columns]:
    """With what the conditions for visibility look at."""
    customer = models.Customer
    return statement.select_from(models.Opportunity).outerjoin(customer, customer.id == models.Opportunity.customer_id)


def _filters(caller: Caller, request: ListOpportunities) -> list[ColumnElement[bool]]:
    key = models.Opportunity
    owner_id = caller.user_id if request.owner_id == "me" else request.owner_id
    equal = {
        key.customer_id: request.customer_id,
        key.owner_id: owner_id,
        key.pipeline_id: request.pipeline_id,
        key.stage_id: request.stage_id,
        key.state: request.state,
    }
    filters = [column == value for column, value in equal.items() if value is not None]
    if request.q is not None:
        filters.append(key.name.icontains(request.q, autoescape=True))
    if request.without_customer:
        filters.append(key.customer_id.is_(None))
    if request.updated_since is not None:
        filters.append(key.updated_at >= request.updated_since)
    if request.expected_close_from is not None:
        filters += [key.close_rank >= request.expected_close_from, key.expected_close_on.is_not(None)]
    if request.expected_close_to is not None:
        filters.append(key.close_rank < request.expected_close_to)
    return filters


def _count(sums: Sequence[Sum], state: State) -> int:
    return sum(number for found, _, number, _ in sums if found is state)


def _totals(sums: Sequence[Sum], state: State) -> list[Total]:
    return [
        Total(amount=amount, currency=currency)
        for found, currency, _, amount in sums
        if found is state and currency is not None and amount is not None
    ]


def _as_span(span: models.StageSpan, stage: str, by: str, *, now: datetime) -> StageSpan:
    until = span.left_at or max(now, span.entered_at)
    return StageSpan(
        stage=stage,
        entered_at=span.entered_at,
        left_at=span.left_at,
        seconds=int((until - span.entered_at).total_seconds()),
        by=by,
    )
