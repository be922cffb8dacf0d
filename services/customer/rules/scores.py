"""What customers are worth by their fields and by activities, and how both fade; docs/decisions/0009-scores.md."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from contracts.activity import ActivityKind
from contracts.customer.scores import BehaviourRule, FitField, FitRule, Score
from contracts.errors import FieldFault, InvalidInput

_TEXTS = frozenset({FitField.KIND, FitField.INDUSTRY, FitField.SOURCE, FitField.LEVEL, FitField.TAGS})
_NUMBERS = frozenset({FitField.SIZE})
_NOTHING = 1e-6
"""What is less than this, counts as no points: rounding leaves such crumbs, and their logarithms have no end."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a customer has earned: points, and the moment at which they were worth just that."""

    fit: int
    fit_at: datetime
    """When interest was last shown, at first the creation: from then on fit fades."""
    behaviour: float
    behaviour_at: datetime


def check_rules(rules: Sequence[FitRule]) -> None:
    """InvalidInput names each condition that its field can't meet."""
    faults = [fault for at, rule in enumerate(rules) for fault in _faults(at, rule)]
    if faults:
        raise InvalidInput(faults[0].code, faults[0].message, fields=faults)


def fit(rules: Iterable[FitRule], values: Mapping[str, Any]) -> int:
    """The points of these fields, never below 0."""
    return max(0, sum(rule.points for rule in rules if _holds(rule, values[rule.field])))


def points_of(rules: Iterable[BehaviourRule], kind: ActivityKind, outcome: str | None) -> int:
    """The points of an activity: those of the first rule that it meets."""
    told = (outcome or "").casefold()
    for rule in rules:
        if rule.kind in {None, kind} and (rule.outcome is None or rule.outcome.casefold() == told):
            return rule.points
    return 0


def touched(standing: Standing, points: int, at: datetime, *, half_life: timedelta) -> Standing:
    """After an activity at this moment; the order in which activities are told of makes no difference."""
    latest = max(standing.behaviour_at, at)
    behaviour = _worth(standing.behaviour, standing.behaviour_at, latest, half_life) + _worth(
        points, at, latest, half_life
    )
    fit_at = max(standing.fit_at, at) if points > 0 else standing.fit_at
    return replace(standing, fit_at=fit_at, behaviour=behaviour, behaviour_at=latest)


def total(standing: Standing, now: datetime, *, half_life: timedelta) -> float:
    """What all points are worth at this moment."""
    behaviour = _worth(standing.behaviour, standing.behaviour_at, now, half_life)
    return _worth(standing.fit, standing.fit_at, now, half_life) + behaviour


def rank(standing: Standing, *, half_life: timedelta) -> int:
    """A number that is larger for who has the larger total, now and at every later moment: see the decision record."""
    latest = max(standing.fit_at, standing.behaviour_at)
    points = total(standing, latest, half_life=half_life)
    if abs(points) < _NOTHING:
        return 0
    moment = latest.timestamp() + half_life.total_seconds() * math.log2(abs(points))
    return round(math.copysign(moment * 1_000, points))


def score(standing: Standing, now: datetime, *, half_life: timedelta) -> Score:
    """What people are told of it."""
    behaviour = _worth(standing.behaviour, standing.behaviour_at, now, half_life)
    whole = total(standing, now, half_life=half_life)
    return Score(fit=standing.fit, behaviour=round(behaviour, 1), total=round(whole, 1))


def crosses(before: float, after: float, threshold: int) -> bool:
    """Whether a total rose to the threshold or fell below it."""
    return (before >= threshold) != (after >= threshold)


def _worth(points: float, since: datetime, now: datetime, half_life: timedelta) -> float:
    """What is left of points: half after each half-life; before their moment, as a clock gone wrong has it, all."""
    return points * math.exp2(min(0.0, (since - now) / half_life))


def _holds(rule: FitRule, value: Any) -> bool:
    if rule.any_of:
        wanted = {text.casefold() for text in rule.any_of}
        held = value if isinstance(value, list) else [value or ""]
        return any(text.casefold() in wanted for text in held)
    if value is None or value in ("", []):
        return False
    least, most = rule.at_least, rule.at_most
    return (least is None or value >= least) and (most is None or value <= most)


def _faults(at: int, rule: FitRule) -> Iterable[FieldFault]:
    if rule.any_of and rule.field not in _TEXTS:
        yield FieldFault(field=f"fit.{at}.any_of", code="scoring.no_text", message="This field has no such values.")
    for name in ("at_least", "at_most"):
        if getattr(rule, name) is not None and rule.field not in _NUMBERS:
            yield FieldFault(field=f"fit.{at}.{name}", code="scoring.no_number", message="This field is no number.")
