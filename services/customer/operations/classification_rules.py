"""The rules of classification: read by who sees what they ask for, made, changed and put in order by admins."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sql
from sqlalchemy.orm import Session

from contracts.customer.classification import (
    ClassificationPreview,
    ClassificationRule,
    ClassificationRuleList,
    CreateClassificationRule,
    GetClassificationRule,
    ListClassificationRules,
    OrderClassificationRules,
    PreviewClassification,
    RemoveClassificationRule,
    RemovedClassificationRule,
    UpdateClassificationRule,
)
from contracts.customer.conditions import Rule
from servicekit import clock
from servicekit.context import caller
from servicekit.database import new_id
from servicekit.records import apply_changes, check_version
from services.customer import models
from services.customer.operations.classification import known, read
from services.customer.queries import classification as queries
from services.customer.queries.custom_fields import hidden_from
from services.customer.rules import classification as rules
from services.customer.rules import rights
from services.customer.rules.segments import Node, fields_of, read_rule


def list_rules(db: Session, _request: ListClassificationRules) -> ClassificationRuleList:
    """Those that the caller sees, in their order."""
    rights.check_is_person(caller().role)
    return _as_list(db)


def get(db: Session, request: GetClassificationRule) -> ClassificationRule:
    """One that the caller sees."""
    rights.check_is_person(caller().role)
    record = queries.rule(db, request.rule_id)
    if not _hidden(db).isdisjoint(record.fields):
        raise queries.no_rule()
    return _as_rule(db, record)


def create(db: Session, request: CreateClassificationRule) -> ClassificationRule:
    """Add a rule below the others."""
    _check_admin()
    _read(db, request.condition, request.level, request.tags)
    held = queries.list_to_change(db)
    there = queries.rules(db)
    rules.check_room([*(each.condition for each in there), request.condition])
    now = clock.now()
    record = models.ClassificationRule(
        id=new_id(),
        position=max((each.position for each in there), default=0) + 1,
        name=request.name,
        active=request.active,
        condition=request.condition,
        fields=sorted(set(fields_of(request.condition))),
        level=request.level,
        tags=_once(request.tags),
        created_at=now,
        updated_at=now,
    )
    db.add(record)
    held.version += 1
    return _as_rule(db, record)


def update(db: Session, request: UpdateClassificationRule) -> ClassificationRule:
    """Change the fields that a merge patch names."""
    _check_admin()
    held = queries.list_to_change(db)
    record = queries.rule(db, request.rule_id)
    check_version(record, request.version)
    changes = request.changes
    if "tags" in changes.model_fields_set:
        changes = changes.model_copy(update={"tags": _once(changes.tags)})
    if apply_changes(record, changes):
        record.fields = sorted(set(fields_of(record.condition)))
        record.updated_at = clock.now()
        held.version += 1
    _read(db, record.condition, record.level, record.tags)
    rules.check_room([each.condition for each in queries.rules(db)])
    return _as_rule(db, record)


def remove(db: Session, request: RemoveClassificationRule) -> RemovedClassificationRule:
    """Forget a rule; what it has given stays."""
    _check_admin()
    held = queries.list_to_change(db)
    record = queries.rule(db, request.rule_id)
    check_version(record, request.version)
    db.delete(record)
    held.version += 1
    return RemovedClassificationRule(id=request.rule_id)


def order(db: Session, request: OrderClassificationRules) -> ClassificationRuleList:
    """Put the rules in another order; each stays as it is, and so does its version."""
    _check_admin()
    held = queries.list_to_change(db)
    there = [each.id for each in queries.rules(db)]
    rules.check_order(there, request.rule_ids)
    if there != request.rule_ids:
        for place, rule_id in enumerate(request.rule_ids, start=1):
            placed = sql.update(models.ClassificationRule).where(models.ClassificationRule.id == rule_id)
            db.execute(placed.values(position=place), execution_options={"synchronize_session": False})
        held.version += 1
    return _as_list(db)


def preview(db: Session, request: PreviewClassification) -> ClassificationPreview:
    """Count whom a rule would change."""
    _check_admin()
    node = _read(db, request.condition, request.level, request.tags)
    matching, changing = queries.count(db, node, request.level, request.tags, clock.now())
    return ClassificationPreview(matching=matching, changing=changing)


def _check_admin() -> None:
    rights.check_admin(caller().role, code="classification.admins_only")


def _read(db: Session, condition: Rule, level: str | None, tags: Collection[str]) -> Node:
    rules.check_gives(level, tags)
    rules.check_condition(condition)
    with db.no_autoflush:
        return read_rule(condition, known(db), path="condition.")


def _once(tags: Collection[str]) -> list[str]:
    return list(dict.fromkeys(tags))


def _hidden(db: Session) -> set[str]:
    """The fields that the caller may not ask for; one kind of customer may have a key that is hidden for the other."""
    return {f"custom.{key}" for _, key in hidden_from(db, caller().role)}


def _as_list(db: Session) -> ClassificationRuleList:
    found, hidden = queries.rules(db), _hidden(db)
    readable = {rule.id for rule, _ in read(found, known(db))}
    return ClassificationRuleList(items=[_shown(each, readable) for each in found if hidden.isdisjoint(each.fields)])


def _as_rule(db: Session, record: models.ClassificationRule) -> ClassificationRule:
    db.flush()
    return _shown(record, {rule.id for rule, _ in read([record], known(db))})


def _shown(record: models.ClassificationRule, readable: Collection[UUID]) -> ClassificationRule:
    columns = {name: getattr(record, name) for name in ClassificationRule.model_fields.keys() - {"outdated"}}
    return ClassificationRule(**columns, outdated=record.id not in readable)
