"""Classification: an ordered list of rules that give customers their level, and tags, by themselves."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import ABSENT, Message, Request
from contracts.customer.conditions import Rule
from contracts.customer.customers import Level
from contracts.values import Line

MOST_RULES = 50
MOST_CONDITIONS = 500
"""Of all rules together."""

GivenTags = Annotated[list[Line], Field(max_length=10)]


class ClassificationRule(Message):
    """Who fulfils the condition gets the level, unless a rule above this one gives another, and the tags besides."""

    id: UUID
    name: str
    active: bool
    condition: Rule
    level: str | None
    """A letter, `A` to `Z`; null for a rule that leaves the level alone."""
    tags: list[str]
    """Added to those that the customer has, as long as these are fewer than 50."""
    outdated: bool
    """It asks for a custom field that was renamed or became another type, and gives nothing until it is changed."""
    version: int
    created_at: datetime
    updated_at: datetime


class ClassificationRuleList(Message):
    """All rules that the caller sees, the first one first."""

    items: list[ClassificationRule]


class ListClassificationRules(Request[ClassificationRuleList], to="customer"):
    """The rules in their order, without those that ask for custom fields hidden from the caller.

    NotPermitted: auth.users_only.
    """


class GetClassificationRule(Request[ClassificationRule], to="customer"):
    """One rule. NotFound: classification.not_found. NotPermitted: auth.users_only."""

    rule_id: UUID


class CreateClassificationRule(Request[ClassificationRule], to="customer"):
    """Add a rule below the others (admins); customers that are there get what it gives within minutes.

    NotPermitted: classification.admins_only. Conflict: classification.too_many (of 50 rules, or of 500 conditions in
    all of them). InvalidInput: classification.own_field (a condition on level, tags or updated_at, which rules
    change), classification.gives_nothing (neither level nor tags), condition.unknown_field, condition.wrong_op,
    condition.invalid_value, condition.too_many (of 50 in one rule), condition.too_deep.
    """

    name: Line
    condition: Rule
    level: Level | None = None
    tags: GivenTags = []
    active: bool = True


class ClassificationRuleChanges(Message):
    """Fields to change, as a merge patch; a condition is replaced as a whole."""

    name: Line = ABSENT
    condition: Rule = ABSENT
    level: Level | None = None
    tags: GivenTags = ABSENT
    active: bool = ABSENT


class UpdateClassificationRule(Request[ClassificationRule], to="customer"):
    """Change a rule (admins); what it has given until now stays.

    NotPermitted: classification.admins_only. NotFound: classification.not_found. Conflict: version.stale,
    classification.too_many (of 500 conditions in all rules). InvalidInput: classification.own_field (a condition on
    level, tags or updated_at), classification.gives_nothing, condition.unknown_field, condition.wrong_op,
    condition.invalid_value, condition.too_many (of 50 in one rule), condition.too_deep.
    """

    rule_id: UUID
    version: int
    changes: ClassificationRuleChanges


class RemovedClassificationRule(Message):
    """The id of the rule that is gone."""

    id: UUID


class RemoveClassificationRule(Request[RemovedClassificationRule], to="customer"):
    """Remove a rule (admins); what it has given stays.

    NotPermitted: classification.admins_only. NotFound: classification.not_found. Conflict: version.stale.
    """

    rule_id: UUID
    version: int


class OrderClassificationRules(Request[ClassificationRuleList], to="customer"):
    """Put the rules in this order (admins).

    NotPermitted: classification.admins_only. InvalidInput: classification.other_rules (these are not all rules, each
    once).
    """

    rule_ids: Annotated[list[UUID], Field(max_length=MOST_RULES)]


class ClassificationPreview(Message):
    """What a rule would do now, were it the first of all."""

    matching: int
    """Customers that fulfil the condition."""
    changing: int
    """Those of them that would get another level or more tags."""


class PreviewClassification(Request[ClassificationPreview], to="customer", scope="customer:read"):
    """Count whom a rule would change, and change nobody (admins).

    NotPermitted: classification.admins_only. InvalidInput: classification.own_field (a condition on level, tags or
    updated_at), classification.gives_nothing, condition.unknown_field, condition.wrong_op, condition.invalid_value,
    condition.too_many (of 50), condition.too_deep.
    """

    condition: Rule
    level: Level | None = None
    tags: GivenTags = []
