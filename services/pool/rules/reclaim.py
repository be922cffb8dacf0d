"""When a customer is taken back, by which rule, and when its owner is warned: docs/decisions/0017-reclaim-rules.md.

Days are the company's own; a deadline day is safe to its end.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import NamedTuple
from uuid import UUID

from contracts.pool.rules import Clocks, ReclaimRule, ReclaimRules
from services.pool.rules.calendar import EVERY_DAY, Calendar, business_days

_DAY = timedelta(days=1)


class Facts(NamedTuple):
    """What deadlines depend on: a stretch of holding, and what was done with the customer."""

    since: date
    """The day the owner got it."""
    level: str | None = None
    segment_ids: Collection[UUID] = ()
    touched: Mapping[str, date] = {}
    """The day of the last activity, by kind."""
    open: bool = False
    """Whether an opportunity with it is open."""
    opened: date | None = None
    """The first day from `since` on with an open opportunity."""
    ever_won: bool = False
    won: date | None = None
    """The first day from `since` on with a deal won."""
    not_before: date | None = None
    """No deadline is before this day: protection, or a change that the owner is yet to be warned of."""


class InForce(NamedTuple):
    """Rules with the first day that they count from."""

    first: date
    rules: ReclaimRules


class Deadline(NamedTuple):
    """The day that ends an owner's time, and what made it."""

    day: date
    rule: ReclaimRule
    days: int
    """The rule's own count."""
    counted_from: date
    postponed: bool
    """Whether the count ended earlier, and protection or an overdue warning moved it."""
    rules: ReclaimRules


class Exemption(StrEnum):
    """Why nothing is taken."""

    WON = "won"
    OPEN_OPPORTUNITY = "open_opportunity"
    SEGMENT = "segment"


def deadline(schedule: Sequence[InForce], facts: Facts, today: date) -> Deadline | None:
    """The first day by which the rules in force on it ask for the customer; None while none do.

    What ended with yesterday is judged by yesterday's rules.
    """
    for first, last, rules in _windows(schedule, today - _DAY):
        found = _by(rules, facts, first)
        if found is not None and (last is None or found.day <= last):
            return found
    return None


def exemption(rules: ReclaimRules, facts: Facts) -> Exemption | None:
    """Why these rules take nothing here, if so."""
    if rules.exempt_won and facts.ever_won:
        return Exemption.WON
    if rules.exempt_open_opportunity and facts.open:
        return Exemption.OPEN_OPPORTUNITY
    if set(rules.exempt_segments) & set(facts.segment_ids):
        return Exemption.SEGMENT
    return None


def clocks_for(rules: ReclaimRules, level: str | None) -> Clocks:
    """The clocks of a level; those for all where it has none of its own."""
    return next((each.clocks for each in rules.levels if each.level == level), rules.clocks)


def calendar_of(rules: ReclaimRules) -> Calendar:
    """The days that the rules count."""
    return business_days(rules.holidays_of) if rules.business_days else EVERY_DAY


def terms(rules: ReclaimRules, facts: Facts) -> str:
    """What a deadline stands on besides days: when it changes under an owner, they get time for a warning."""
    return exemption(rules, facts) or f"level {facts.level}"


def grace(rules: ReclaimRules, today: date) -> date:
    """The earliest deadline after a change of terms."""
    return today + min(rules.warn_days, default=0) * _DAY


class State(NamedTuple):
    """What the last review of a holding left."""

    reclaim_on: date | None = None
    terms: str | None = None
    not_before: date | None = None
    warned_days: int | None = None


class Verdict(NamedTuple):
    """What a review comes to; `look_on` is the next day on which it may come to something else by itself."""

    deadline: Deadline | None
    state: State
    warning: int | None
    """The warning to give now, as so many days before the deadline."""
    look_on: date | None


def judge(schedule: Sequence[InForce], facts: Facts, state: State, today: date, *, awake: date) -> Verdict:
    """Review a holding. `awake` is today, or yesterday before the hour at which warnings are given."""
    if not schedule:
        return Verdict(None, State(), None, None)
    rules = rules_on(schedule, today)
    stands_on = terms(rules, facts)
    not_before = state.not_before
    if state.terms not in {None, stands_on} and exemption(rules, facts) is None:
        # Never later than it was before: else whoever may change a level could put a deadline off for ever.
        not_before = max(not_before or date.min, min(grace(rules, today), state.reclaim_on or date.max))
    floor = max(not_before or date.min, facts.not_before or date.min)
    found = deadline(schedule, facts._replace(not_before=floor), today)
    if found is None:
        in_segment = exemption(rules, facts) is Exemption.SEGMENT
        return Verdict(None, State(None, stands_on, not_before), None, today + _DAY if in_segment else None)
    warned = state.warned_days if found.day == state.reclaim_on else None
    warning = warning_due(found.rules, found.day, awake, warned=warned)
    after = State(found.day, stands_on, not_before, warned if warning is None else warning)
    return Verdict(found, after, warning, next_warning(found.rules, found.day, awake))


def rules_on(schedule: Sequence[InForce], day: date) -> ReclaimRules:
    """The rules in force on a day; before the first of them, those that come first."""
    ordered = sorted(schedule, key=lambda each: each.first)
    return next((each.rules for each in reversed(ordered) if each.first <= day), ordered[0].rules)


def warning_due(rules: ReclaimRules, day: date, today: date, *, warned: int | None) -> int | None:
    """The warning to give now of this deadline day: so many days before; `warned` is the nearest one given already."""
    near = min((days for days in rules.warn_days if day - days * _DAY <= today <= day), default=None)
    return None if near is None or (warned is not None and warned <= near) else near


def next_warning(rules: ReclaimRules, day: date, today: date) -> date | None:
    """The next day after today on which a warning of this deadline day comes."""
    return min((on for days in rules.warn_days if (on := day - days * _DAY) > today), default=None)


def is_last_warning(rules: ReclaimRules, days: int) -> bool:
    """Whether no warning comes after the one that comes so many days before."""
    return days == min(rules.warn_days)


def target(rules: ReclaimRules, department_id: UUID | None, home: UUID) -> UUID:
    """The one pool that a customer goes to which is taken from somebody of this department."""
    return next((each.pool_id for each in rules.targets if each.department_id == department_id), home)


def _windows(schedule: Sequence[InForce], day: date) -> Iterator[tuple[date, date | None, ReclaimRules]]:
    """The rules in force on `day` and those that come, each with its first and last day."""
    ordered = sorted(schedule, key=lambda each: each.first)
    for each, following in zip_longest(ordered, ordered[1:]):
        last = None if following is None else following.first - _DAY
        if last is None or last >= day:
            yield each.first, last, each.rules


def _by(rules: ReclaimRules, facts: Facts, first: date) -> Deadline | None:
    """The deadline by rules that count from a first day on: none is before it, and what was done by it is in time."""
    if exemption(rules, facts) is not None:
        return None
    clocks, floor = clocks_for(rules, facts.level), max(first, facts.not_before or date.min)
    touched = max((day for kind, day in facts.touched.items() if kind in rules.counted_kinds), default=date.min)
    running = [
        (ReclaimRule.NO_FOLLOW_UP, clocks.no_follow_up_days, max(facts.since, touched), None),
        (ReclaimRule.NO_OPPORTUNITY, clocks.no_opportunity_days, facts.since, facts.opened),
        (ReclaimRule.NO_DEAL, clocks.no_deal_days, facts.since, facts.won),
        (ReclaimRule.HARD_MAXIMUM, clocks.hard_maximum_days, facts.since, None),
    ]
    calendar = calendar_of(rules)
    found = None
    for rule, days, counted_from, satisfied in running:
        if days is None:
            continue
        full = calendar.after(counted_from, days)
        day = max(full, floor)
        if satisfied is not None and satisfied <= day:
            continue
        if found is None or day < found.day:
            found = Deadline(day, rule, days, counted_from, day > full, rules)
    return found
