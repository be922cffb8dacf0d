"""Whether reclaim rules hang together, and from which day they count."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from contracts.errors import fault
from contracts.pool.rules import ReclaimRules, RulesChanges
from services.pool.rules.calendar import is_known

MOST_COMING = 50
"""Sets of rules of one pool that are yet to count."""
_WHEN = {"effective_from", "at_once"}
_DAY = timedelta(days=1)


def first_day(changes: RulesChanges, today: date) -> date:
    """The first day that a change counts from. InvalidInput: rules.past_day."""
    soonest = today if changes.at_once else today + _DAY
    first = changes.effective_from or soonest
    if first < soonest:
        message = f"The first day is {soonest} at the soonest; with at_once it is today."
        raise fault("effective_from", "rules.past_day", message)
    return first


def changed(rules: ReclaimRules, changes: RulesChanges) -> ReclaimRules:
    """The rules with what a change names."""
    named = changes.model_fields_set - _WHEN
    return rules.model_copy(update={name: getattr(changes, name) for name in named})


def check(rules: ReclaimRules) -> None:
    """InvalidInput: rules.level_twice, rules.department_twice, rules.no_holidays."""
    if level := _twice(each.level for each in rules.levels):
        raise fault("levels", "rules.level_twice", f"The level {level} stands twice.")
    if department := _twice(str(each.department_id) for each in rules.targets):
        raise fault("targets", "rules.department_twice", f"The department {department} stands twice.")
    if rules.holidays_of is None:
        return
    if not rules.business_days:
        raise fault("holidays_of", "rules.no_holidays", "Holidays count only where business days do.")
    if not is_known(rules.holidays_of):
        raise fault("holidays_of", "rules.no_holidays", f"The holidays of {rules.holidays_of} are not known.")


def _twice(names: Iterable[str]) -> str | None:
    return next((name for name, times in Counter(names).items() if times > 1), None)
