"""What an opportunity may do: begin, move, change, close; and what a pipeline and a product must be."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Protocol, TypeVar
from uuid import UUID

from contracts.errors import Conflict, InvalidInput, NotFound, fault
from contracts.opportunity.opportunities import OpportunityChanges
from contracts.opportunity.pipelines import State
from contracts.values import Money
from services.opportunity.rules.names import fold

MOST_PIPELINES = 200
"""A list of pipelines is one page."""


class HasId(Protocol):
    """A stage, as far as choosing it needs to know."""

    @property
    def id(self) -> UUID:
        """Its id."""


S = TypeVar("S", bound=HasId)


def check_room(pipelines: int) -> None:
    """Conflict `pipeline.too_many` when there are as many pipelines as a list shows."""
    if pipelines >= MOST_PIPELINES:
        raise Conflict("pipeline.too_many", f"There can be at most {MOST_PIPELINES} pipelines.")


def check_stage_names(names: Iterable[str]) -> None:
    """The stages of a pipeline must be told apart, from each other and from a closed state.

    InvalidInput: stage.name_taken, stage.name_reserved.
    """
    seen: set[str] = set()
    for index, name in enumerate(names):
        key = fold(name)
        if key in {State.WON, State.LOST}:
            message = "Won and lost are no stages: an opportunity is closed in the stage where it stands."
            raise fault(f"stages.{index}.name", "stage.name_reserved", message)
        if key in seen:
            raise fault(f"stages.{index}.name", "stage.name_taken", "Another stage of this pipeline is called so.")
        seen.add(key)


def check_amount(money: Money | None, field: str) -> None:
    """InvalidInput `amount.negative`."""
    if money is not None and money.amount < 0:
        raise fault(f"{field}.amount", "amount.negative", "An amount can't be below zero.")


def choose_stage(stages: Sequence[S], stage_id: UUID | None) -> S:
    """The stage of this id, or a pipeline's first one. NotFound: stage.not_found."""
    if stage_id is None:
        return stages[0]
    for stage in stages:
        if stage.id == stage_id:
            return stage
    raise NotFound("stage.not_found", "There is no such stage in this pipeline.")


def require_open(state: State) -> None:
    """Conflict `opportunity.closed`."""
    if state is not State.OPEN:
        raise _closed(state, "it can't be moved or closed again")


def require_winnable(customer_id: UUID | None, amount: Money | None) -> None:
    """Conflict: opportunity.needs_customer, opportunity.needs_amount."""
    if customer_id is None:
        raise Conflict("opportunity.needs_customer", "Say whose opportunity this is before you win it.")
    if amount is None:
        raise Conflict("opportunity.needs_amount", "Say how much was won.")


def check_period(from_day: date | None, to_day: date | None) -> None:
    """InvalidInput `period.empty` when no day lies in [from_day, to_day)."""
    if from_day is not None and to_day is not None and to_day <= from_day:
        raise fault("to_day", "period.empty", "The period must end after the day it begins on.")


def check_changes(changes: OpportunityChanges, *, customer_id: UUID | None) -> None:
    """Whether the new values can be. InvalidInput: opportunity.customer_required, amount.negative."""
    check_amount(changes.amount, "changes.amount")
    if "customer_id" in changes.model_fields_set and changes.customer_id is None and customer_id is not None:
        message = "An opportunity keeps its customer; name another one instead."
        raise fault("changes.customer_id", "opportunity.customer_required", message)


def check_changed(changed: Iterable[str], *, state: State, customer_id: UUID | None) -> None:
    """Conflict `opportunity.closed` when what a closed one was about changed; `customer_id` is the one before."""
    if state is State.OPEN:
        return
    fixed = {"amount", "product_id"} if customer_id is None else {"amount", "product_id", "customer_id"}
    if not fixed.isdisjoint(changed):
        raise _closed(state, "its customer, amount and product can't be changed")


def closing_day(closed_on: date | None, *, began_at: datetime, now: datetime) -> date:
    """The day an opportunity is closed on: today (UTC) unless told otherwise."""
    if closed_on is None:
        return now.date()
    problem = closing_problem(closed_on, began_on=began_at.date(), today=now.date())
    if problem is not None:
        raise problem
    return closed_on


def closing_problem(closed_on: date, *, began_on: date, today: date) -> InvalidInput | None:
    """What is wrong with a closing day: opportunity.closed_in_future, opportunity.closed_before_it_began."""
    if closed_on > today:
        return fault("closed_on", "opportunity.closed_in_future", "An opportunity can't be closed on a day to come.")
    if closed_on < began_on:
        message = f"This opportunity began on {began_on}; it can't be closed before."
        return fault("closed_on", "opportunity.closed_before_it_began", message)
    return None


def left_at(entered_at: datetime, now: datetime) -> datetime:
    """When a stretch ends that ends now: never before it began, for the clocks of two machines may differ."""
    return max(entered_at, now)


def closed_at(closed_on: date, *, entered_at: datetime, now: datetime) -> datetime:
    """When the last stretch of an opportunity ends: now if it is closed today, else as the closing day begins.

    A closing day before the present stage was entered ends it where it began: the way stays whole.
    """
    return left_at(entered_at, now if closed_on == now.date() else midnight(closed_on))


def midnight(day: date) -> datetime:
    """The first moment of a day, in UTC."""
    return datetime.combine(day, time(), UTC)


def _closed(state: State, consequence: str) -> Conflict:
    detail = f"This opportunity is {state.value}; {consequence}."
    return Conflict("opportunity.closed", detail, data={"state": state.value})
