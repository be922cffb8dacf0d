"""What customers get by the rules that hold for them, and which rules there may be."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from contracts.customer.classification import MOST_CONDITIONS, MOST_RULES
from contracts.customer.conditions import Rule
from contracts.errors import Conflict, fault
from services.customer.rules.segments import fields_of

MOST_TAGS = 50
"""Tags that a customer may have."""
GIVEN = frozenset({"level", "tags"})
"""What rules give; a person who writes it is answered by the rules."""
_OWN = GIVEN | {"updated_at"}


class Gift(NamedTuple):
    """What a rule gives to whom it holds for."""

    rule: str
    level: str | None
    tags: Sequence[str]


class Classified(NamedTuple):
    """The level and tags of a customer, and the names of the rules that changed them."""

    level: str | None
    tags: list[str]
    by: list[str]


def classified(gifts: Iterable[Gift], level: str | None, tags: Sequence[str]) -> Classified:
    """What a customer of this level and these tags becomes by the rules that hold for it, in their order."""
    after, by, decided = list(tags), [], False
    for gift in gifts:
        added = [tag for tag in gift.tags if tag not in after][: MOST_TAGS - len(after)]
        promoted = gift.level is not None and not decided and gift.level != level
        decided = decided or gift.level is not None
        level = gift.level if promoted else level
        after += added
        by += [gift.rule] if added or promoted else []
    return Classified(level, after, by)


def concerns(asked: Collection[str], changed: Collection[str]) -> bool:
    """Whether a change of these fields can matter to rules that ask for those."""
    return not GIVEN.isdisjoint(changed) or not set(asked).isdisjoint(changed)


def check_condition(condition: Rule) -> None:
    """InvalidInput where a condition asks for what rules themselves change: two rules could go round in a circle."""
    if own := sorted(_OWN.intersection(fields_of(condition))):
        message = f"A rule can't ask for {own[0]}, which rules change themselves. Say what makes it so instead."
        raise fault("condition", "classification.own_field", message)


def check_gives(level: str | None, tags: Collection[str]) -> None:
    """InvalidInput for a rule that would change nobody."""
    if level is None and not tags:
        raise fault("level", "classification.gives_nothing", "Say which level or which tags this gives.")


def check_room(conditions: Sequence[Rule]) -> None:
    """Conflict when these are more than one list holds: every change of a customer asks all of them."""
    if len(conditions) > MOST_RULES:
        raise Conflict("classification.too_many", f"There are at most {MOST_RULES} rules; remove one first.")
    if sum(1 for condition in conditions for _ in fields_of(condition)) > MOST_CONDITIONS:
        raise Conflict("classification.too_many", f"All rules together have at most {MOST_CONDITIONS} conditions.")


def check_order(there: Collection[UUID], given: Sequence[UUID]) -> None:
    """InvalidInput unless each rule that is there is given once."""
    if sorted(there) != sorted(given):
        message = "Name each rule just once; somebody may have added or removed one meanwhile."
        raise fault("rule_ids", "classification.other_rules", message)
