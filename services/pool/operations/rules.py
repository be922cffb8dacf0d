"""Pools' reclaim rules: reading them, and changing them from a day on."""

from datetime import date, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from contracts.errors import Conflict, fault
from contracts.pool.rules import GetPoolRules, PoolRules, PoolRulesChanged, ReclaimRules, RuleSet, UpdatePoolRules
from contracts.values import Actor
from servicekit import clock, company, context
from servicekit.outbox import publish
from servicekit.records import stale
from services.pool import models
from services.pool.operations.pools import no_pool, pool_ref, require_administrator
from services.pool.operations.reviews import begin_recount
from services.pool.queries import rules as queries
from services.pool.rules import rule_sets as checks

_DAY = timedelta(days=1)


def get_rules(db: Session, request: GetPoolRules) -> PoolRules:
    """A pool's rules of today, and those to come."""
    pool_ref(db, request.pool_id)
    version = queries.rules_version(db, request.pool_id)
    if version is None:
        raise no_pool()
    return _shown(queries.rule_sets(db, request.pool_id), request, version)


def update_rules(db: Session, request: UpdatePoolRules) -> PoolRules:
    """Put changed rules in force from a day on, in place of all that was planned from then on."""
    require_administrator(db, request.pool_id)
    version = queries.lock_rules(db, request.pool_id)
    if version is None:
        raise no_pool()
    if version != request.version:
        raise stale(version)
    today = company.today()
    first = checks.first_day(request.changes, today)
    sets = queries.rule_sets(db, request.pool_id)
    before = [each for each in sets if each.effective_from < first]
    if sum(each.effective_from > today for each in before) >= checks.MOST_COMING:
        raise Conflict("rules.too_many", f"There can be at most {checks.MOST_COMING} sets of rules to come.")
    # The latest, also where it is replaced: that is what the change was written against.
    latest = ReclaimRules.model_validate(sets[-1].rules) if sets else ReclaimRules()
    rules = checks.changed(latest, request.changes)
    check_rules(db, rules)
    _put(db, request, rules, first)
    bumped = update(models.Pool).where(models.Pool.id == request.pool_id).values(rules_version=version + 1)
    db.execute(bumped, execution_options={"synchronize_session": False})
    begin_recount(db, request.pool_id)
    publish(db, PoolRulesChanged(pool_id=request.pool_id, effective_from=first, rules=rules))
    return _shown(queries.rule_sets(db, request.pool_id), request, version + 1)


def check_rules(db: Session, rules: ReclaimRules) -> None:
    """InvalidInput unless they hang together and name pools that exist."""
    checks.check(rules)
    unknown = queries.unknown_pools(db, {each.pool_id for each in rules.targets})
    if unknown:
        raise fault("targets", "rules.unknown_pool", f"There is no pool {min(unknown)}.")


def _put(db: Session, request: UpdatePoolRules, rules: ReclaimRules, first: date) -> None:
    record = models.RuleSet
    db.execute(delete(record).where(record.pool_id == request.pool_id, record.effective_from >= first))
    db.add(
        record(
            pool_id=request.pool_id,
            effective_from=first,
            rules=rules.model_dump(mode="json"),
            set_by=context.caller().actor.model_dump(mode="json"),
            set_at=clock.now(),
        )
    )
    db.flush()


def _shown(sets: list[models.RuleSet], request: GetPoolRules | UpdatePoolRules, version: int) -> PoolRules:
    today = company.today()
    past = [each for each in sets if each.effective_from <= today]
    now = past[-1] if past else None
    return PoolRules(
        pool_id=request.pool_id,
        rules=ReclaimRules() if now is None else ReclaimRules.model_validate(now.rules),
        effective_from=None if now is None else now.effective_from,
        coming=[_rule_set(each) for each in sets if each.effective_from > today],
        version=version,
    )


def _rule_set(record: models.RuleSet) -> RuleSet:
    return RuleSet(
        rules=ReclaimRules.model_validate(record.rules),
        effective_from=record.effective_from,
        set_by=Actor.model_validate(record.set_by),
        set_at=record.set_at,
    )
