"""What is read of segments, and the customers that are in one now."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from contracts.customer.customers import CustomerPage
from contracts.customer.segments import ListSegmentMembers, ListSegments, Segment, SegmentPage
from contracts.errors import NotFound
from contracts.values import UserRef
from servicekit.context import Caller
from servicekit.paging import page, total
from services.customer import models
from services.customer.queries.conditions import holds, negated
from services.customer.queries.customers import CUSTOMERS, as_customers
from services.customer.queries.rights import visible_to
from services.customer.rules.conditions import Condition
from services.customer.rules.segments import Node, reads_all

Columns = TypeVarTuple("Columns")

_SEGMENTS: Select[models.Segment, str] = select(
    models.Segment, func.coalesce(models.User.name, models.Segment.owner_name)
).outerjoin(models.User, models.User.id == models.Segment.owner_id)


def list_segments(db: Session, caller: Caller, request: ListSegments, hidden: Sequence[str]) -> SegmentPage:
    """A page of the segments that the caller sees; one that asks for a field hidden from them is none of these."""
    wanted = _SEGMENTS.where(_seen_by(caller, hidden))
    keys = (models.Segment.name, models.Segment.id)
    rows, next_cursor = page(db, wanted, *keys, limit=request.limit, cursor=request.cursor)
    return SegmentPage(
        items=[as_segment(*row) for row in rows],
        next_cursor=next_cursor,
        total=total(db, wanted) if request.count else None,
    )


def segments(db: Session, caller: Caller, *, limit: int) -> list[models.Segment]:
    """The first segments by name that the caller sees, also those that ask for fields hidden from them."""
    record = models.Segment
    statement = select(record).where(_seen_by(caller, [])).order_by(record.name, record.id)
    return list(db.scalars(statement.limit(limit)))


def segment(db: Session, caller: Caller, segment_id: UUID, hidden: Sequence[str]) -> tuple[models.Segment, str]:
    """A segment that the caller sees, and its owner's name. NotFound: segment.not_found."""
    row = db.execute(_SEGMENTS.where(models.Segment.id == segment_id, _seen_by(caller, hidden))).one_or_none()
    if row is None:
        raise NotFound("segment.not_found", "There is no such segment.")
    return row[0], row[1]


def count_segments(db: Session, owner_id: UUID) -> int:
    """How many segments somebody has."""
    statement = select(func.count()).where(models.Segment.owner_id == owner_id)
    return db.scalar(statement) or 0


def members(db: Session, caller: Caller, request: ListSegmentMembers, node: Node, now: datetime) -> CustomerPage:
    """A page of the customers in a segment that the caller sees."""
    wanted = with_figures(CUSTOMERS).where(visible_to(caller), matches(node, now))
    keys = (models.Customer.folded_name, models.Customer.id)
    rows, next_cursor = page(db, wanted, *keys, limit=request.limit, cursor=request.cursor)
    return CustomerPage(
        items=as_customers(db, caller, rows),
        next_cursor=next_cursor,
        total=total(db, wanted) if request.count else None,
    )


def holding(db: Session, customer_id: UUID, nodes: Sequence[Node], now: datetime) -> list[bool]:
    """Which of these rules a customer fulfils."""
    if not nodes:
        return []
    asked = select(*(func.coalesce(matches(node, now), false()) for node in nodes)).select_from(models.Customer)
    owned = asked.outerjoin(models.User, models.User.id == models.Customer.owner_id)
    row = db.execute(with_figures(owned).where(models.Customer.id == customer_id)).one_or_none()
    return [False] * len(nodes) if row is None else [bool(each) for each in row]


def segments_by_id(db: Session, segment_ids: Collection[UUID]) -> list[models.Segment]:
    """Those of these segments that exist, whoever sees them."""
    return list(db.scalars(select(models.Segment).where(models.Segment.id.in_(set(segment_ids)))))


def classes(
    db: Session, customer_ids: Collection[UUID], nodes: Sequence[Node], now: datetime
) -> list[tuple[UUID, str | None, list[bool]]]:
    """Those of these customers that exist: their levels, and which of these rules each fulfils."""
    fulfilled = [func.coalesce(matches(node, now), false()) for node in nodes]
    asked = select(models.Customer.id, models.Customer.level, *fulfilled).select_from(models.Customer)
    owned = asked.outerjoin(models.User, models.User.id == models.Customer.owner_id)
    found = db.execute(with_figures(owned).where(models.Customer.id.in_(set(customer_ids))))
    return [(customer_id, level, [bool(each) for each in inside]) for customer_id, level, *inside in found]


def matches(node: Node, now: datetime) -> ColumnElement[bool]:
    """Whether a customer fulfils a rule; its owner and its figures must be joined to it."""
    if isinstance(node, Condition):
        return holds(node, now)
    parts = [matches(part, now) for part in node.parts]
    if node.way == "not":
        return negated(parts[0])
    return and_(true(), *parts) if node.way == "all" else or_(false(), *parts)


def with_figures(statement: Select[*Columns]) -> Select[*Columns]:
    """With the figures of each customer, where it has any."""
    return statement.outerjoin(models.Figures, models.Figures.customer_id == models.Customer.id)


def as_segment(record: models.Segment, owner_name: str) -> Segment:
    """The row in the contract's shape."""
    columns = {name: getattr(record, name) for name in Segment.model_fields.keys() - {"owner"}}
    return Segment(**columns, owner=UserRef(id=record.owner_id, name=owner_name))


def _seen_by(caller: Caller, hidden: Sequence[str]) -> ColumnElement[bool]:
    record = models.Segment
    allowed = ~record.fields.overlap(list(hidden)) if hidden else true()
    if reads_all(caller.role):
        return allowed
    return and_(allowed, or_(record.owner_id == caller.signed_by, record.shared_with.contains([caller.role])))
