"""Segments: saved by those who ask often, evaluated when they are asked for."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import compress
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.customer.customers import CustomerPage
from contracts.customer.facts import CustomerClass, DescribeClasses, DescribedClasses
from contracts.customer.segments import (
    CreateSegment,
    GetSegment,
    ListSegmentMembers,
    ListSegments,
    RemovedSegment,
    RemoveSegment,
    Segment,
    SegmentPage,
    SegmentRef,
    UpdateSegment,
)
from contracts.errors import Conflict, InvalidInput, NotPermitted
from contracts.values import Role
from servicekit import clock
from servicekit.context import Caller, caller
from servicekit.database import new_id
from servicekit.operators import require_process
from servicekit.records import apply_changes, check_version
from services.customer import models
from services.customer.queries import custom_fields
from services.customer.queries import segments as queries
from services.customer.rules import segments as rules
from services.customer.rules.conditions import Attribute, attributes

MOST = 100
"""Segments that one person, or API key, may have."""
_CONSIDERED = 200
_NAMED = 50


def list_segments(db: Session, request: ListSegments) -> SegmentPage:
    """A page of those that the caller sees."""
    return queries.list_segments(db, caller(), request, _hidden(db, caller()))


def get(db: Session, request: GetSegment) -> Segment:
    """One that the caller sees."""
    return queries.as_segment(*queries.segment(db, caller(), request.segment_id, _hidden(db, caller())))


def create(db: Session, request: CreateSegment) -> Segment:
    """Save a filter."""
    person = caller()
    rules.check_may_write(person.role)
    rules.read_rule(request.rule, _known(db, person))
    if queries.count_segments(db, person.signed_by) >= MOST:
        raise Conflict("segment.too_many", f"You have {MOST} segments already; remove one first.")
    now = clock.now()
    record = models.Segment(
        id=new_id(),
        name=request.name,
        rule=request.rule,
        fields=sorted(set(rules.fields_of(request.rule))),
        shared_with=list(request.shared_with),
        owner_id=person.signed_by,
        owner_name=person.name,
        created_at=now,
        updated_at=now,
    )
    db.add(record)
    db.flush()
    return queries.as_segment(record, person.name)


def update(db: Session, request: UpdateSegment) -> Segment:
    """Change the fields that a merge patch names."""
    person = caller()
    record, owner_name = _to_change(db, person, request.segment_id)
    check_version(record, request.version)
    if "rule" in request.changes.model_fields_set:
        rules.read_rule(request.changes.rule, _known(db, person))
        record.fields = sorted(set(rules.fields_of(request.changes.rule)))
    if apply_changes(record, request.changes):
        record.updated_at = clock.now()
    db.flush()
    return queries.as_segment(record, owner_name)


def remove(db: Session, request: RemoveSegment) -> RemovedSegment:
    """Forget a segment; the customers in it stay as they are."""
    record, _ = _to_change(db, caller(), request.segment_id)
    check_version(record, request.version)
    db.delete(record)
    return RemovedSegment(id=request.segment_id)


def list_members(db: Session, request: ListSegmentMembers) -> CustomerPage:
    """A page of the customers that are in it now."""
    person = caller()
    record, _ = queries.segment(db, person, request.segment_id, _hidden(db, person))
    readable = _readable([record], _known(db, person))
    if not readable:
        raise Conflict("segment.outdated", "This segment asks for a field that is no more; change its rule.")
    return queries.members(db, person, request, readable[0][1], clock.now())


def describe_classes(db: Session, request: DescribeClasses) -> DescribedClasses:
    """Levels of customers, and which of these segments each is in, whoever made the segments."""
    require_process()
    known = attributes(custom_fields.custom_fields(db, *custom_fields.KINDS), Role.ADMIN)
    readable = _readable(queries.segments_by_id(db, request.segment_ids), known)
    found = queries.classes(db, request.customer_ids, [node for _, node in readable], clock.now())
    ids = [record.id for record, _ in readable]
    items = [
        CustomerClass(customer_id=customer_id, level=level, segment_ids=list(compress(ids, inside)))
        for customer_id, level, inside in found
    ]
    return DescribedClasses(items=items)


def segments_of(db: Session, customer_id: UUID) -> list[SegmentRef]:
    """The segments that a customer is in, of the first 200 that the caller sees; 50 at most."""
    person = caller()
    seen = queries.segments(db, person, limit=_CONSIDERED)
    if not seen:
        return []
    readable = _readable(seen, _known(db, person))
    inside = queries.holding(db, customer_id, [node for _, node in readable], clock.now())
    names = [SegmentRef(id=record.id, name=record.name) for record, _ in readable]
    return list(compress(names, inside))[:_NAMED]


def _readable(
    records: Sequence[models.Segment], known: Mapping[str, Attribute]
) -> list[tuple[models.Segment, rules.Node]]:
    """Segments with what their rules mean; one that asks for what is no more is left out."""
    read = []
    for record in records:
        with suppress(InvalidInput):
            read.append((record, rules.read_rule(record.rule, known)))
    return read


def _to_change(db: Session, person: Caller, segment_id: UUID) -> tuple[models.Segment, str]:
    record, owner_name = queries.segment(db, person, segment_id, _hidden(db, person))
    if not rules.may_change(person.role, owns=record.owner_id == person.signed_by):
        raise NotPermitted("segment.owners_only", "Only who made this segment, and admins, may change it.")
    return record, owner_name


def _known(db: Session, person: Caller) -> Mapping[str, Attribute]:
    return attributes(custom_fields.custom_fields(db, *custom_fields.KINDS), person.role)


def _hidden(db: Session, person: Caller) -> list[str]:
    """The custom fields that the caller may not ask for, whichever kind of customer has them."""
    found = custom_fields.custom_fields(db, *custom_fields.KINDS)
    known = attributes(found, person.role)
    return sorted({f"custom.{each.key}" for each in found} - known.keys())
