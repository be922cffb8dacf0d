"""Reading pools' reclaim rules."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.pool.rules import ReclaimRules
from services.pool import models
from services.pool.rules.reclaim import InForce


def rule_sets(db: Session, pool_id: UUID) -> list[models.RuleSet]:
    """A pool's sets of rules, the earliest first."""
    record = models.RuleSet
    return list(db.scalars(select(record).where(record.pool_id == pool_id).order_by(record.effective_from)))


def rules_version(db: Session, pool_id: UUID) -> int | None:
    """The version of a pool's rules; None where there is no such pool."""
    return db.scalar(select(models.Pool.rules_version).where(models.Pool.id == pool_id))


def lock_rules(db: Session, pool_id: UUID) -> int | None:
    """The same, and let nobody else change them until the transaction ends."""
    version = select(models.Pool.rules_version).where(models.Pool.id == pool_id)
    return db.scalar(version.with_for_update(key_share=True))


def schedules(db: Session) -> dict[UUID, list[InForce]]:
    """The rules of every pool that has any, those to come among them."""
    found: dict[UUID, list[InForce]] = defaultdict(list)
    for record in db.scalars(select(models.RuleSet)):
        found[record.pool_id].append(in_force(record.effective_from, record))
    return dict(found)


def in_force(first: date, record: models.RuleSet) -> InForce:
    """A set as the rules read it."""
    return InForce(first, ReclaimRules.model_validate(record.rules))


def unknown_pools(db: Session, pool_ids: set[UUID]) -> set[UUID]:
    """Those of these pools that do not exist."""
    return pool_ids - set(db.scalars(select(models.Pool.id).where(models.Pool.id.in_(pool_ids))))
