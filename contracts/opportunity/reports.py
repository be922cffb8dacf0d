"""The funnel."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AliasChoices, Field

from contracts.base import Message, Request
from contracts.opportunity.pipelines import State
from contracts.values import (
    Currency,
    Day,
    Value,
)


class FunnelStage(Value):
    """Open opportunities of one stage. `conversion` is the share of those that reached it which went further or won."""

    name: str
    state: State
    count: int
    amount: Decimal
    weighted_amount: Decimal
    conversion: float | None
    median_days: float | None
    """Median days that opportunities stood in it, of those that left it."""


class FunnelSum(Value):
    """Closed opportunities."""

    count: int
    amount: Decimal


class Funnel(Message):
    """The funnel of one pipeline in one currency, over what the caller may see."""

    currency: Currency
    stages: list[FunnelStage]
    won: FunnelSum
    lost: FunnelSum


class GetFunnel(Request[Funnel], to="opportunity"):
    """The funnel: open ones as they stand, won and lost with a closing day in [from_day, to_day).

    An opportunity without an amount counts in every currency. NotFound: pipeline.not_found. InvalidInput: period.empty.
    """

    pipeline_id: UUID | None = None
    owner_id: UUID | None = None
    from_day: Annotated[Day | None, Field(validation_alias=AliasChoices("from", "from_day"))] = None
    to_day: Annotated[Day | None, Field(validation_alias=AliasChoices("to", "to_day"))] = None
    currency: Currency = "USD"
