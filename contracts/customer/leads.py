"""Leads: what must be known before one becomes a prospect, and the step itself."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import ABSENT, Event, Message, Request
from contracts.customer.customers import Customer
from contracts.values import Actor, ShortText, Value


class QualificationMethod(StrEnum):
    """Which checklist a lead is measured by."""

    BANT = "bant"
    """Budget, authority, need, timeline."""
    CHAMP = "champ"
    """Challenges, authority, money, prioritization."""


class QualificationItem(StrEnum):
    """What a checklist asks about; each method has four of these."""

    BUDGET = "budget"
    AUTHORITY = "authority"
    NEED = "need"
    TIMELINE = "timeline"
    CHALLENGES = "challenges"
    MONEY = "money"
    PRIORITIZATION = "prioritization"


class Answer(Value):
    """What is known about one item of a checklist."""

    item: QualificationItem
    met: bool | None
    """Null while nobody knows."""
    note: str


class Qualification(Message):
    """The checklist of a customer. `version` is the customer's own: to qualify it is to change it."""

    customer_id: UUID
    method: QualificationMethod
    answers: list[Answer]
    """One for each item of the method, in its order."""
    open: list[QualificationItem]
    """Those that are not met yet."""
    updated_at: datetime | None
    updated_by: Actor | None
    version: int


class GetQualification(Request[Qualification], to="customer"):
    """The checklist of a customer, an empty BANT one until somebody began it.

    NotFound: customer.not_found, customer.merged.
    """

    customer_id: UUID


class AnswerChanges(Value):
    """What to change of an answer, as a merge patch."""

    met: bool | None = None
    note: ShortText = ABSENT


class QualificationChanges(Message):
    """What to change of a checklist, as a merge patch: null takes an answer back; another method forgets none."""

    method: QualificationMethod = ABSENT
    answers: Annotated[dict[QualificationItem, AnswerChanges | None], Field(max_length=10)] = ABSENT


class QualifyCustomer(Request[Qualification], to="customer"):
    """Answer items of a customer's checklist, or choose the method. Nothing moves by itself when all are met.

    InvalidInput: lead.foreign_item (of the other method). Conflict: version.stale. NotFound: customer.not_found,
    customer.merged. NotPermitted: customer.read_only.
    """

    customer_id: UUID
    version: int
    changes: QualificationChanges


class ConvertLead(Request[Customer], to="customer"):
    """Make a lead a prospect; a repeat changes nothing and answers the customer as it is.

    Conflict: lead.not_qualified (for reps, while items of the checklist are open; `data.open` names them),
    lifecycle.not_allowed (it is junk, or has churned). NotFound: customer.not_found, customer.merged. NotPermitted:
    customer.read_only.
    """

    customer_id: UUID


class CustomerQualified(Event, type="customer.qualified", subject="customer_id"):
    """The last open item of a customer's checklist was met."""

    customer_id: UUID
    method: QualificationMethod
