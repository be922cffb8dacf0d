"""Reclaim rules: when a pool takes customers back from their owners, and what it would take."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from contracts.activity import ActivityKind
from contracts.base import ABSENT, Event, Message, Request
from contracts.values import Actor, CustomerRef, Day, Limit, Line, PoolRef, UserRef, Value

Days = Annotated[int, Field(ge=1, le=3_650)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""An ISO 3166 code of two letters."""


class ReclaimRule(StrEnum):
    """The clocks that take a customer back."""

    NO_FOLLOW_UP = "no_follow_up"
    NO_OPPORTUNITY = "no_opportunity"
    NO_DEAL = "no_deal"
    HARD_MAXIMUM = "hard_maximum"


class Clocks(Value):
    """How many days an owner has; a clock that is null is off."""

    no_follow_up_days: Days | None = None
    """From the day the owner got it, or from the last counted activity since."""
    no_opportunity_days: Days | None = None
    """From the day the owner got it to the first day with an open opportunity."""
    no_deal_days: Days | None = None
    """From the day the owner got it to the first deal won."""
    hard_maximum_days: Days | None = None
    """From the day the owner got it, whatever is done."""


class LevelClocks(Value):
    """The clocks for customers of one level, in place of those for all."""

    level: Line
    clocks: Clocks


class DepartmentPool(Value):
    """Where customers go that are taken from people of a department."""

    department_id: UUID
    pool_id: UUID


COUNTED_KINDS = [
    ActivityKind.CALL,
    ActivityKind.VISIT,
    ActivityKind.MEETING,
    ActivityKind.EMAIL,
    ActivityKind.CHAT,
]
LevelList = Annotated[list[LevelClocks], Field(max_length=20)]
KindList = Annotated[list[ActivityKind], Field(min_length=1, max_length=10)]
SegmentList = Annotated[list[UUID], Field(max_length=20)]
WarnDays = Annotated[list[Annotated[int, Field(ge=1, le=365)]], Field(max_length=10)]
TargetList = Annotated[list[DepartmentPool], Field(max_length=100)]


class ReclaimRules(Value):
    """When customers that came from a pool are taken back. With no clock on, none is."""

    clocks: Clocks = Clocks()
    levels: LevelList = []
    """Levels that have clocks of their own."""
    counted_kinds: KindList = COUNTED_KINDS
    """The activities that count as a follow-up."""
    business_days: bool = False
    """Whether weekends and holidays are left out of the count."""
    holidays_of: Country | None = None
    """Whose holidays; null leaves out weekends alone."""
    exempt_won: bool = True
    """Nothing is taken with whom a deal was ever won."""
    exempt_open_opportunity: bool = False
    """Nothing is taken while an opportunity with it is open."""
    exempt_segments: SegmentList = []
    """Nothing is taken while it is in one of these."""
    warn_days: WarnDays = [7, 3, 1]
    """How many days before the deadline day the owner is warned; from the last one on their manager is too."""
    targets: TargetList = []
    """Where what is taken goes, by the former owner's department; to the pool itself where none is named."""


class RuleSet(Value):
    """Rules with the first day that they count from."""

    rules: ReclaimRules
    effective_from: date
    set_by: Actor
    set_at: datetime


class PoolRules(Message):
    """A pool's reclaim rules: those in force today, and those that are to come, soonest first.

    `version` rises with each change; `effective_from` is null for a pool whose rules were never set.
    """

    pool_id: UUID
    rules: ReclaimRules
    effective_from: date | None
    coming: list[RuleSet]
    version: int


class GetPoolRules(Request[PoolRules], to="pool"):
    """A pool's reclaim rules. NotFound: pool.not_found."""

    pool_id: UUID


class RulesChanges(Message):
    """What to change of the latest rules, as a merge patch; a list or a group of clocks replaces the whole of it."""

    clocks: Clocks = ABSENT
    levels: LevelList = ABSENT
    counted_kinds: KindList = ABSENT
    business_days: bool = ABSENT
    holidays_of: Country | None = None
    exempt_won: bool = ABSENT
    exempt_open_opportunity: bool = ABSENT
    exempt_segments: SegmentList = ABSENT
    warn_days: WarnDays = ABSENT
    targets: TargetList = ABSENT
    effective_from: Day | None = None
    """The first day, in the company's time zone, that they count from: tomorrow when absent."""
    at_once: bool = ABSENT
    """Let them count from today on, so that they may take customers in the coming night."""


class UpdatePoolRules(Request[PoolRules], to="pool"):
    """Change a pool's reclaim rules from a day on (admin); sets of rules for that day or later are replaced.

    NotPermitted: pool.admins_only. NotFound: pool.not_found. Conflict: version.stale, rules.too_many (of 50 that are
    to come). InvalidInput: rules.past_day (today without `at_once`, or earlier), rules.level_twice, rules.no_holidays
    (of a country that is not known, or without business days), rules.unknown_pool, rules.department_twice.
    """

    pool_id: UUID
    version: int
    changes: RulesChanges


class Reclaim(Value):
    """A customer that will be taken back: when, by which rule, why, and where to."""

    customer: CustomerRef
    owner: UserRef
    since: datetime
    reclaim_at: datetime
    rule: ReclaimRule
    pool: PoolRef
    """Where it goes."""
    reasoning: dict[str, str]
    """The same in words, by language."""


class ReclaimPreview(Message):
    """A page of what will be taken back, by customer; nothing is changed by asking.

    A page looks at a bounded number of customers, so it may hold few or none and still have a `next_cursor`.
    """

    items: list[Reclaim]
    looked_at: int
    next_cursor: str | None


class PreviewReclaim(Request[ReclaimPreview], to="pool", scope="pool:read"):
    """What the pool's rules, or proposed ones, would take back by a day if nothing happens until then.

    Admins, auditors and programs see all; managers what their people hold. NotPermitted: pool.managers_only. NotFound:
    pool.not_found. InvalidInput: cursor.invalid, rules.level_twice, rules.no_holidays, rules.unknown_pool,
    rules.department_twice. Unavailable: call.timed_out (a service that knows the facts is away).
    """

    pool_id: UUID
    until: Day | None = None
    """In the company's time zone; 30 days from today when absent."""
    rules: ReclaimRules | None = None
    """Rules to try in place of the pool's own, from tomorrow on."""
    limit: Limit = 50
    cursor: Annotated[str, Field(max_length=500)] | None = None


class SweptHoldings(Message):
    """What a round of the sweep did: how many holdings it looked at, warned of and took back; `more` are due."""

    looked_at: int
    warned: int
    reclaimed: int
    more: bool


class SweepHoldings(Request[SweptHoldings], to="pool"):
    """Let the sweep do a round now, for operators; it runs by itself. NotPermitted: operations.operators_only.

    Unavailable: call.timed_out (a service that knows the facts is away; nothing was taken).
    """


class PoolRulesChanged(Event, type="pool.rules_changed", subject="pool_id"):
    """A pool's reclaim rules were changed."""

    pool_id: UUID
    effective_from: date
    rules: ReclaimRules


class HoldingReclaimWarned(Event, type="holding.reclaim_warned", subject="customer_id"):
    """A customer will be taken back from its owner on a day that is near."""

    customer_id: UUID
    customer_name: str
    owner_id: UUID
    deadline: date
    """The day that is safe to its end."""
    reclaim_at: datetime
    """The first moment after it."""
    rule: str
    days_left: int
    """Days to the deadline day, 0 on the day itself."""
    last: bool
    """Whether no warning comes after this one; the owner's manager is told too."""
    reasoning: dict[str, str]
    """Why, by language."""


class HoldingReclaimed(Event, type="holding.reclaimed", subject="customer_id"):
    """A customer was taken back from its owner by a rule."""

    customer_id: UUID
    customer_name: str
    former_owner_id: UUID
    pool_id: UUID
    """The pool that it is in now."""
    pool_name: str
    rule: str
    deadline: date
    """The day that was safe to its end."""
    reasoning: dict[str, str]
    """Why, by language: `en`, `zh`, `pl`."""
