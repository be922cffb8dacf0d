"""Many opportunities at once."""

from typing import Annotated

from pydantic import Field

from contracts.base import Message, Request
from contracts.values import (
    Currency,
    Day,
    Exact,
    ImportResult,
    Line,
    ShortText,
)


class OpportunityRow(Message):
    """One row of an import; names are matched regardless of case, blanks and punctuation."""

    external_id: Line
    name: Line | None = None
    customer: ShortText = ""
    owner: Line
    """A full name or a login name."""
    product: ShortText = ""
    stage: Line
    """A stage's name, or `won` / `lost`."""
    engaged_on: Day | None = None
    closed_on: Day | None = None
    amount: Exact | None = None
    currency: Currency = "USD"


class ImportOpportunities(Request[ImportResult], to="opportunity"):
    """Add up to 500 opportunities at once (admin, manager); a row with a known external_id is left alone and warned of.

    All go into the default pipeline. A row is warned of and taken without a customer when it names none, an unknown or
    one of several (`customer_missing`, `customer_unknown`, `customer_ambiguous`); one that says it was won is refused
    then. Warned of with `already_imported`, a row is not taken. NotPermitted: opportunity.importers_only.
    """

    rows: Annotated[list[OpportunityRow], Field(min_length=1, max_length=500)]
