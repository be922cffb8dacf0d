"""Scores: how well a customer fits and how much it shows interest, by rules that an admin sets."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.activity import ActivityKind
from contracts.base import ABSENT, Event, Message, Request
from contracts.values import Line, Value

Points = Annotated[int, Field(ge=-1_000, le=1_000)]


class FitField(StrEnum):
    """The fields of a customer that rules look at."""

    KIND = "kind"
    INDUSTRY = "industry"
    SOURCE = "source"
    LEVEL = "level"
    TAGS = "tags"
    SIZE = "size"
    WEBSITE = "website"
    PHONES = "phones"
    EMAILS = "emails"


class FitRule(Value):
    """Points for a customer whose field holds this; with no condition, for one where it is not empty."""

    field: FitField
    any_of: Annotated[list[Line], Field(max_length=50)] = []
    """One of these, in any case; of `kind`, `industry`, `source`, `level` and `tags`."""
    at_least: int | None = None
    """Of `size`."""
    at_most: int | None = None
    """Of `size`."""
    points: Points


class BehaviourRule(Value):
    """Points for an activity of this kind, with this outcome (in any case); absent means any."""

    kind: ActivityKind | None = None
    outcome: Line | None = None
    points: Points


FitRules = Annotated[list[FitRule], Field(max_length=100)]
BehaviourRules = Annotated[list[BehaviourRule], Field(max_length=100)]
HalfLife = Annotated[int, Field(ge=1, le=365)]


class Score(Value):
    """What a customer is worth at this moment, rounded to tenths."""

    fit: int
    """By its fields: the sum of the rules that hold, never below 0."""
    behaviour: float
    """By what was done with it: each activity's points, of which half is left after each half-life."""
    total: float
    """What it is ranked by: behaviour, and fit, which fades in the same way since interest was last shown."""


class Scoring(Message):
    """The rules of all scores. The first behaviour rule that an activity meets counts; all fit rules count together."""

    fit: list[FitRule]
    behaviour: list[BehaviourRule]
    half_life_days: int
    threshold: int | None
    """The total at which a customer is announced by `customer.scored`; null announces none."""
    version: int
    updated_at: datetime


class GetScoring(Request[Scoring], to="customer"):
    """The rules by which customers are scored."""


class ScoringChanges(Message):
    """What to change of the rules, as a merge patch; a list replaces the list."""

    fit: FitRules = ABSENT
    behaviour: BehaviourRules = ABSENT
    half_life_days: HalfLife = ABSENT
    threshold: Annotated[int, Field(ge=1, le=100_000)] | None = None


class UpdateScoring(Request[Scoring], to="customer"):
    """Change the rules (admin). Fit and ranks follow within minutes; points that activities earned before stay.

    NotPermitted: scoring.admins_only. Conflict: version.stale. InvalidInput: scoring.no_text (`any_of` of a field that
    is none), scoring.no_number (`at_least`, `at_most`).
    """

    version: int
    changes: ScoringChanges


class CustomerScored(Event, type="customer.scored", subject="customer_id"):
    """A customer's total rose to the threshold or fell below it, by an activity, an edit or new rules."""

    customer_id: UUID
    fit: int
    behaviour: float
    total: float
    threshold: int
