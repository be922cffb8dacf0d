"""What is read of suspected pairs, of the policies, and of scans."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from contracts.customer.duplicates import (
    DuplicatePolicy,
    DuplicateScan,
    EntryPoint,
    ListSuspicions,
    Suspect,
    Suspicion,
    SuspicionPage,
)
from contracts.errors import NotFound
from servicekit.context import Caller
from servicekit.paging import page
from services.customer import models
from services.customer.queries.rights import visible_to

_OLDER, _NEWER = aliased(models.Customer), aliased(models.Customer)
_SUSPICIONS: Select[models.Suspicion, str, str] = (
    select(models.Suspicion, _OLDER.name, _NEWER.name)
    .join(_OLDER, _OLDER.id == models.Suspicion.older_id)
    .join(_NEWER, _NEWER.id == models.Suspicion.newer_id)
)
_RUNNING = select(models.DuplicateScan).where(models.DuplicateScan.state == "running")
_LAST_SCANS = 20


def suspicion(db: Session, caller: Caller, suspicion_id: UUID) -> Suspicion:
    """A pair of which the caller may see both. NotFound: suspicion.not_found."""
    row = db.execute(_seen_by(caller).where(models.Suspicion.id == suspicion_id)).one_or_none()
    if row is None:
        raise NotFound("suspicion.not_found", "There is no such suspected pair.")
    return _as_suspicion(*row)


def suspicions(db: Session, caller: Caller, request: ListSuspicions) -> SuspicionPage:
    """A page of the pairs of which the caller may see both."""
    record = models.Suspicion
    wanted = _seen_by(caller).where(record.state == request.state)
    if request.customer_id is not None:
        wanted = wanted.where(or_(record.older_id == request.customer_id, record.newer_id == request.customer_id))
    rows, next_cursor = page(
        db, wanted, record.score, record.id, limit=request.limit, cursor=request.cursor, descending=True
    )
    return SuspicionPage(items=[_as_suspicion(*row) for row in rows], next_cursor=next_cursor)


def suspicion_to_change(db: Session, suspicion_id: UUID) -> models.Suspicion:
    """A pair that is known to be there, held until the transaction ends."""
    return db.get_one(models.Suspicion, suspicion_id, with_for_update=True)


def policy(db: Session, entry_point: EntryPoint) -> models.DuplicatePolicy:
    """The policy of a way in."""
    return db.scalars(select(models.DuplicatePolicy).where(models.DuplicatePolicy.entry_point == entry_point)).one()


def policies(db: Session) -> list[DuplicatePolicy]:
    """All policies."""
    record = models.DuplicatePolicy
    return [as_policy(one) for one in db.scalars(select(record).order_by(record.id))]


def policy_to_change(db: Session, policy_id: UUID) -> models.DuplicatePolicy:
    """A policy, held until the transaction ends. NotFound: duplicate_policy.not_found."""
    found = db.get(models.DuplicatePolicy, policy_id, with_for_update=True)
    if found is None:
        raise NotFound("duplicate_policy.not_found", "There is no such policy.")
    return found


def scan(db: Session, scan_id: UUID) -> models.DuplicateScan:
    """A scan. NotFound: duplicate_scan.not_found."""
    found = db.get(models.DuplicateScan, scan_id)
    if found is None:
        raise NotFound("duplicate_scan.not_found", "There is no such scan.")
    return found


def scans(db: Session) -> Sequence[models.DuplicateScan]:
    """The last scans, newest first."""
    record = models.DuplicateScan
    return db.scalars(select(record).order_by(record.id.desc()).limit(_LAST_SCANS)).all()


def scan_under_way(db: Session) -> models.DuplicateScan:
    """The scan that is known to be under way."""
    return db.scalars(_RUNNING).one()


def scan_to_go_on(db: Session) -> models.DuplicateScan | None:
    """The scan under way, for this transaction alone; None too while another replica is at it."""
    return db.scalars(_RUNNING.with_for_update(skip_locked=True)).one_or_none()


def as_policy(record: models.DuplicatePolicy) -> DuplicatePolicy:
    """A policy as the contract names it."""
    return DuplicatePolicy.model_validate(record, from_attributes=True)


def as_scan(record: models.DuplicateScan) -> DuplicateScan:
    """A scan as the contract names it."""
    return DuplicateScan.model_validate(record, from_attributes=True)


def _seen_by(caller: Caller) -> Select[models.Suspicion, str, str]:
    return _SUSPICIONS.where(
        _visible(models.Suspicion.older_id, caller),
        _visible(models.Suspicion.newer_id, caller),
    )


def _visible(customer_id: InstrumentedAttribute[UUID], caller: Caller) -> ColumnElement[bool]:
    record = models.Customer
    return select(record.id).where(record.id == customer_id, visible_to(caller)).exists()


def _as_suspicion(record: models.Suspicion, older: str, newer: str) -> Suspicion:
    facts: dict[str, Any] = {
        name: getattr(record, name) for name in Suspicion.model_fields if name not in {"customers"}
    }
    pair = [Suspect(customer_id=record.older_id, name=older), Suspect(customer_id=record.newer_id, name=newer)]
    return Suspicion(**facts, customers=pair)
