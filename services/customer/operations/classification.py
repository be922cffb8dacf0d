"""Customers get their level, and tags, by the rules that hold for them; docs/decisions/0016 says when, and why so."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from itertools import compress
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from contracts.customer.history import ChangeKind
from contracts.errors import InvalidInput
from contracts.values import Role
from servicekit import clock, company
from servicekit.outbox import publish
from servicekit.records import Changed
from services.customer import models
from services.customer.operations import history, scores
from services.customer.operations.announcing import all_updated
from services.customer.queries import classification as queries
from services.customer.queries import custom_fields
from services.customer.queries.classification import Standing
from services.customer.rules import classification as rules
from services.customer.rules.classification import Classified, Gift
from services.customer.rules.conditions import Attribute, attributes
from services.customer.rules.segments import Node, read_rule

_AT_ONCE = 500
_START = UUID(int=0)

Readable = Sequence[tuple[models.ClassificationRule, Node]]
"""Rules with what their conditions mean."""


def classify(db: Session, customer_ids: Collection[UUID], *, changed: Collection[str] = rules.GIVEN) -> None:
    """Give these customers what they get by the rules, after a change of these fields."""
    found = queries.active_rules(db)
    if not any(rules.concerns(rule.fields, changed) for rule in found):
        return
    db.flush()
    readable = read(found, known(db))
    standings = queries.standings_held(db, customer_ids, _nodes(readable), clock.now(), waiting=True)
    _give(db, _becoming(readable, standings))


def go_on(db: Session) -> bool:
    """Walk on to the next customers, once a day and after each change of the rules; True when there may be more."""
    state = queries.round_to_go_on(db)
    if state is None or (state.position is None and not _begins(state)):
        return False
    readable = read(queries.active_rules(db), known(db))
    ids = queries.customers_after(db, state.position or _START, limit=_AT_ONCE) if readable else []
    left = _classify_free(db, readable, ids)
    if left is not None:  # somebody changes it, or did a moment ago: again from there in the next round of the timer
        before = [each for each in ids if each < left]
        state.position = before[-1] if before else state.position or _START
        return False
    state.position = ids[-1] if len(ids) == _AT_ONCE else None
    return state.position is not None


def known(db: Session) -> Mapping[str, Attribute]:
    """What conditions of these rules may ask for: all that admins see."""
    return attributes(custom_fields.custom_fields(db, *custom_fields.KINDS), Role.ADMIN)


def read(found: Sequence[models.ClassificationRule], attributes_: Mapping[str, Attribute]) -> Readable:
    """Rules with what their conditions mean; one that asks for what is no more is left out."""
    readable = []
    for rule in found:
        with suppress(InvalidInput):
            readable.append((rule, read_rule(rule.condition, attributes_, path="condition.")))
    return readable


def _begins(state: models.Classification) -> bool:
    today = company.today()
    if (state.round_version, state.round_day) == (state.version, today):
        return False
    state.round_version, state.round_day = state.version, today
    return True


def _classify_free(db: Session, readable: Readable, ids: Sequence[UUID]) -> UUID | None:
    """Give what is due to those of these customers that nobody else changes now; the first of the others."""
    now, nodes = clock.now(), _nodes(readable)
    due = _becoming(readable, queries.standings(db, ids, nodes, now)) if ids else {}
    if not due:
        return None
    free = queries.standings_held(db, due.keys(), nodes, now, waiting=False)
    _give(db, _becoming(readable, free))
    return min(due.keys() - {standing.customer_id for standing in free}, default=None)


def _nodes(readable: Readable) -> list[Node]:
    return [node for _, node in readable]


def _becoming(readable: Readable, standings: Sequence[Standing]) -> dict[UUID, tuple[Standing, Classified]]:
    """What becomes of the customers that become something else."""
    gifts = [Gift(rule.name, rule.level, rule.tags) for rule, _ in readable]
    becoming = {
        each.customer_id: (each, rules.classified(compress(gifts, each.held), each.level, each.tags))
        for each in standings
    }
    return {customer_id: (before, after) for customer_id, (before, after) in becoming.items() if after.by}


def _give(db: Session, becoming: Mapping[UUID, tuple[Standing, Classified]]) -> None:
    """No edit: `version` and `updated_at` stay, so that nobody's change is refused because a rule was quicker."""
    if not becoming:
        return
    record = models.Customer
    for customer_id, (_, after) in becoming.items():
        given = update(record).where(record.id == customer_id).values(level=after.level, tags=after.tags)
        db.execute(given, execution_options={"synchronize_session": False})
    records = queries.customers_by_id(db, becoming.keys())
    changes = {records[customer_id]: _changes(*both) for customer_id, both in becoming.items()}
    for customer, fields in changes.items():
        names = ", ".join(becoming[customer.id][1].by)
        history.record(db, customer.id, ChangeKind.CLASSIFIED, fields, reason=names)
        scores.refit(db, customer)
    publish(db, *all_updated(db, changes))


def _changes(before: Standing, after: Classified) -> dict[str, Changed]:
    found: dict[str, tuple[Any, Any]] = {"level": (before.level, after.level), "tags": (before.tags, after.tags)}
    return {name: Changed(*both) for name, both in found.items() if both[0] != both[1]}
