"""What is read of the rules of classification, of their round, and of the customers that they hold for."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, false, func, not_, or_, select
from sqlalchemy.orm import Session

from contracts.errors import NotFound
from services.customer import models
from services.customer.queries.rights import is_there
from services.customer.queries.segments import matches, with_figures
from services.customer.rules.classification import MOST_TAGS
from services.customer.rules.segments import Node


class Standing(NamedTuple):
    """A customer as the rules need it, and which of some rules hold for it."""

    customer_id: UUID
    level: str | None
    tags: list[str]
    held: list[bool]


def rules(db: Session) -> Sequence[models.ClassificationRule]:
    """All rules in their order."""
    record = models.ClassificationRule
    return db.scalars(select(record).order_by(record.position, record.id)).all()


def active_rules(db: Session) -> Sequence[models.ClassificationRule]:
    """Those that are on, in their order."""
    record = models.ClassificationRule
    return db.scalars(select(record).where(record.active).order_by(record.position, record.id)).all()


def rule(db: Session, rule_id: UUID) -> models.ClassificationRule:
    """One rule. NotFound: classification.not_found."""
    found = db.get(models.ClassificationRule, rule_id)
    if found is None:
        raise no_rule()
    return found


def no_rule() -> NotFound:
    """The refusal of a rule that isn't there, or that the caller doesn't see."""
    return NotFound("classification.not_found", "There is no such rule.")


def list_to_change(db: Session) -> models.Classification:
    """The list as a whole, held against other changes of any of its rules until the transaction ends."""
    return db.scalars(select(models.Classification).with_for_update()).one()


def round_to_go_on(db: Session) -> models.Classification | None:
    """The same for the round; None while another replica walks, or somebody changes the rules."""
    return db.scalar(select(models.Classification).with_for_update(skip_locked=True))


def customers_after(db: Session, customer_id: UUID, *, limit: int) -> Sequence[UUID]:
    """The next customers that are there, by id."""
    record = models.Customer
    following = select(record.id).where(record.id > customer_id, is_there()).order_by(record.id)
    return db.scalars(following.limit(limit)).all()


def standings(db: Session, ids: Collection[UUID], nodes: Sequence[Node], now: datetime) -> list[Standing]:
    """Those of these customers that are there, by id."""
    return _standings(db, _asked(ids, nodes, now))


def standings_held(
    db: Session, ids: Collection[UUID], nodes: Sequence[Node], now: datetime, *, waiting: bool
) -> list[Standing]:
    """The same, held against other changes until the transaction ends; those that others hold are waited for or not."""
    held = _asked(ids, nodes, now).with_for_update(of=models.Customer, key_share=True, skip_locked=not waiting)
    return _standings(db, held)


def customers_by_id(db: Session, ids: Collection[UUID]) -> dict[UUID, models.Customer]:
    """These customers as they stand in the database now."""
    found = db.scalars(select(models.Customer).where(models.Customer.id.in_(ids)), execution_options=_ANEW)
    return {record.id: record for record in found}


def count(db: Session, node: Node, level: str | None, tags: Sequence[str], now: datetime) -> tuple[int, int]:
    """How many customers fulfil a condition, and how many of them lack what a rule would give."""
    record = models.Customer
    other_level = false() if level is None else record.level.is_distinct_from(level)
    more_tags = and_(not_(record.tags.contains(list(tags))), func.cardinality(record.tags) < MOST_TAGS)
    gaining = or_(other_level, more_tags) if tags else other_level
    counted = select(func.count(), func.count().filter(gaining)).select_from(record)
    owned = with_figures(counted.outerjoin(models.User, models.User.id == record.owner_id))
    matching, changing = db.execute(owned.where(is_there(), matches(node, now))).one()
    return matching, changing


_ANEW = {"populate_existing": True}


def _asked(ids: Collection[UUID], nodes: Sequence[Node], now: datetime) -> Select[*tuple[Any, ...]]:
    record = models.Customer
    holding = [func.coalesce(matches(node, now), false()) for node in nodes]
    asked: Select[*tuple[Any, ...]] = select(record.id, record.level, record.tags, *holding).select_from(record)
    owned = asked.outerjoin(models.User, models.User.id == record.owner_id)
    return with_figures(owned).where(record.id.in_(ids), is_there()).order_by(record.id)


def _standings(db: Session, statement: Select[*tuple[Any, ...]]) -> list[Standing]:
    return [Standing(row[0], row[1], row[2], list(row[3:])) for row in db.execute(statement)]
