"""Moving, winning and losing, and the way that is left behind."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import CallError, Conflict, InvalidInput, NotFound, NotPermitted
from contracts.opportunity.opportunities import GetOpportunity
from contracts.opportunity.pipelines import State
from contracts.values import Role
from servicekit import clock
from servicekit.database import Database, new_id
from servicekit.testing import refused
from services.opportunity.operations import opportunities
from tests.integration.opportunity.desk import ADMIN, AUDITOR, Desk, usd

STAGES = 2
DAYS_AGO = st.none() | st.integers(min_value=0, max_value=40)


def ago(days: int) -> str:
    """A day so many days before today."""
    return str((clock.now() - timedelta(days=days)).date())


class TestMoveOpportunity:
    def test_ends_one_stretch_where_the_next_begins(self, desk: Desk) -> None:
        rep, opened = desk.opened()
        prospecting, engaging = desk.stages()

        moved = desk.move(rep, opened.id, engaging.id)

        first, second = desk.history(opened.id)
        assert (moved.stage, moved.entered_stage_at, moved.version) == (engaging, second.entered_at, 2)
        assert (first.stage, first.entered_at, first.left_at) == (
            prospecting.name,
            opened.created_at,
            second.entered_at,
        )
        assert (second.stage, second.left_at) == (engaging.name, None)

    def test_says_who_moved_it(self, desk: Desk) -> None:
        department = new_id()
        rep = desk.someone(Role.REP, name="Rita Reed", department=department)
        manager = desk.someone(Role.MANAGER, name="Max Mann", departments=(department,))
        opened = desk.open(rep, desk.customer(owner=rep))

        desk.move(manager, opened.id, desk.stages()[1].id)

        assert [span.by for span in desk.history(opened.id)] == ["Rita Reed", "Max Mann"]

    def test_is_announced_with_both_stages(self, desk: Desk) -> None:
        rep, opened = desk.opened()

        desk.move(rep, opened.id, desk.stages()[1].id)

        event = desk.announced(opened.id)[-1]
        assert (event["type"], event["sequence"]) == ("crm.opportunity.stage_changed.v1", 2)
        data = event["data"]
        assert (data["from_stage"], data["to_stage"], data["seconds_in_stage"]) == ("Prospecting", "Engaging", 0)

    def test_tells_how_long_it_stood_there(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP, name="Rita")
        (imported,) = desk.take_in(ADMIN, {"owner": "Rita", "engaged_on": ago(10)}).imported
        days = 86_400

        desk.move(rep, imported.id, desk.stages()[0].id)

        assert desk.announced(imported.id)[-1]["data"]["seconds_in_stage"] // days == 10
        assert [span.seconds // days for span in desk.history(imported.id)] == [10, 0]

    def test_counts_the_present_stretch_to_now(self, desk: Desk) -> None:
        desk.someone(Role.REP, name="Rita")
        (imported,) = desk.take_in(ADMIN, {"owner": "Rita", "engaged_on": ago(10)}).imported

        (span,) = desk.history(imported.id)

        assert (span.seconds // 86_400, span.left_at) == (10, None)

    def test_goes_back_as_well(self, desk: Desk) -> None:
        rep, opened = desk.opened(stage_id=desk.stages()[1].id)

        assert desk.move(rep, opened.id, desk.stages()[0].id).stage.name == "Prospecting"

    def test_to_where_it_stands_changes_nothing(self, desk: Desk) -> None:
        rep, opened = desk.opened()

        assert desk.move(rep, opened.id, opened.stage.id) == opened
        assert len(desk.history(opened.id)) == len(desk.announced(opened.id)) == 1

    def test_refuses_a_stage_that_its_pipeline_does_not_have(self, desk: Desk) -> None:
        rep, opened = desk.opened()

        with refused(NotFound, "stage.not_found"):
            desk.move(rep, opened.id, new_id())


class TestWinOpportunity:
    def test_closes_it_today(self, desk: Desk) -> None:
        rep, opened = desk.opened(amount=usd("5"))

        won = desk.win(rep, opened.id)

        assert (won.state, won.closed_on, won.amount, won.version) == (State.WON, clock.now().date(), usd("5"), 2)
        assert won == desk.ask(rep, opportunities.get, GetOpportunity(opportunity_id=opened.id))
        (span,) = desk.history(opened.id)
        assert span.left_at == won.updated_at

    def test_takes_the_amount_that_was_won(self, desk: Desk) -> None:
        rep, opened = desk.opened(amount=usd("5"))

        assert desk.win(rep, opened.id, amount=usd("4.50")).amount == usd("4.50")

    def test_is_announced(self, desk: Desk) -> None:
        rep, opened = desk.opened(amount=usd("5"))

        desk.win(rep, opened.id)

        event = desk.announced(opened.id)[-1]
        assert (event["type"], event["sequence"]) == ("crm.opportunity.won.v1", 2)
        assert event["data"]["amount"]["amount"] in {"5", "5.00"}
        assert event["data"]["closed_on"] == ago(0)

    def test_needs_an_amount(self, desk: Desk) -> None:
        rep, opened = desk.opened()

        with refused(Conflict, "opportunity.needs_amount"):
            desk.win(rep, opened.id)
        with refused(InvalidInput, "amount.negative"):
            desk.win(rep, opened.id, amount=usd("-1"))
        assert desk.win(rep, opened.id, amount=usd("0")).amount == usd("0")

    def test_needs_a_customer(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP, name="Rita")
        (imported,) = desk.take_in(ADMIN, {"owner": "Rita", "amount": "5"}).imported

        with refused(Conflict, "opportunity.needs_customer"):
            desk.win(rep, imported.id)

    def test_refused_leaves_everything_as_it_was(self, desk: Desk) -> None:
        rep, opened = desk.opened()

        with refused(InvalidInput, "opportunity.closed_in_future"):
            desk.win(rep, opened.id, amount=usd("5"), closed_on=ago(-1))

        assert desk.ask(rep, opportunities.get, GetOpportunity(opportunity_id=opened.id)) == opened
        assert [span.left_at for span in desk.history(opened.id)] == [None]
        assert len(desk.announced(opened.id)) == 1


class TestLoseOpportunity:
    def test_keeps_reason_and_competitor(self, desk: Desk) -> None:
        rep, opened = desk.opened()

        lost = desk.lose(rep, opened.id, reason="Price", competitor="Globex")

        assert (lost.state, lost.closed_on) == (State.LOST, clock.now().date())
        assert (lost.loss_reason, lost.competitor) == ("Price", "Globex")

    def test_is_announced(self, desk: Desk) -> None:
        rep, opened = desk.opened()

        desk.lose(rep, opened.id, reason="Price", competitor="Globex")

        event = desk.announced(opened.id)[-1]
        assert event["type"] == "crm.opportunity.lost.v1"
        assert (event["data"]["reason"], event["data"]["competitor"]) == ("Price", "Globex")

    def test_needs_neither_amount_nor_customer(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP, name="Rita")
        (imported,) = desk.take_in(ADMIN, {"owner": "Rita"}).imported

        assert desk.lose(rep, imported.id).state is State.LOST


class TestClosingDay:
    @pytest.fixture
    def engaged(self, desk: Desk) -> UUID:
        """One that began ten days ago."""
        rep = desk.someone(Role.REP, name="Rita")
        desk.customer(owner=rep, name="Acme")
        row = {"owner": "Rita", "customer": "Acme", "amount": "5", "engaged_on": ago(10)}
        (imported,) = desk.take_in(ADMIN, row).imported
        return imported.id

    def test_may_lie_back_as_far_as_the_beginning(self, desk: Desk, engaged: UUID) -> None:
        won = desk.win(ADMIN, engaged, closed_on=ago(10))

        assert str(won.closed_on) == ago(10)
        (span,) = desk.history(engaged)
        assert (span.seconds, span.left_at) == (0, span.entered_at)

    def test_ends_the_stretch_with_its_first_moment(self, desk: Desk, engaged: UUID) -> None:
        desk.lose(ADMIN, engaged, closed_on=ago(3))

        (span,) = desk.history(engaged)
        assert span.left_at == datetime.fromisoformat(ago(3)).replace(tzinfo=UTC)
        assert span.seconds == 7 * 86_400

    def test_is_not_before_it_began(self, desk: Desk, engaged: UUID) -> None:
        for close in (desk.win, desk.lose):
            with refused(InvalidInput, "opportunity.closed_before_it_began"):
                close(ADMIN, engaged, closed_on=ago(11))

    def test_is_not_to_come(self, desk: Desk, engaged: UUID) -> None:
        for close in (desk.win, desk.lose):
            with refused(InvalidInput, "opportunity.closed_in_future"):
                close(ADMIN, engaged, closed_on=ago(-1))

    def test_before_the_present_stage_ends_that_where_it_began(self, desk: Desk, engaged: UUID) -> None:
        desk.move(ADMIN, engaged, desk.stages()[0].id)

        desk.lose(ADMIN, engaged, closed_on=ago(5))

        first, second = desk.history(engaged)
        assert (second.seconds, second.left_at) == (0, first.left_at)


class TestClosedOnes:
    @pytest.mark.parametrize("close", [Desk.win, Desk.lose])
    def test_neither_move_nor_close_again(self, desk: Desk, close: Callable[..., Any]) -> None:
        rep, opened = desk.opened(amount=usd("5"))
        close(desk, rep, opened.id)

        with refused(Conflict, "opportunity.closed"):
            desk.move(rep, opened.id, desk.stages()[1].id)
        with refused(Conflict, "opportunity.closed"):
            desk.win(rep, opened.id)
        with refused(Conflict, "opportunity.closed"):
            desk.lose(rep, opened.id)


class TestWhoMoves:
    def test_not_who_only_sees_it(self, desk: Desk) -> None:
        _, opened = desk.opened(amount=usd("5"))
        other, engaging = desk.someone(Role.REP), desk.stages()[1].id

        with refused(NotPermitted, "opportunity.read_only"):
            desk.move(AUDITOR, opened.id, engaging)
        with refused(NotPermitted, "opportunity.read_only"):
            desk.win(AUDITOR, opened.id)
        with refused(NotFound, "opportunity.not_found"):
            desk.move(other, opened.id, engaging)
        with refused(NotFound, "opportunity.not_found"):
            desk.lose(other, opened.id)


class TestTheWay:
    @settings(max_examples=40, deadline=None)
    @given(
        began=DAYS_AGO,
        steps=st.lists(
            st.tuples(st.just("move"), st.integers(min_value=0, max_value=STAGES - 1))
            | st.tuples(st.sampled_from(["win", "lose"]), DAYS_AGO),
            max_size=8,
        ),
    )
    def test_has_neither_gap_nor_overlap_whatever_is_done(
        self, database: Database, began: int | None, steps: list[tuple[str, int | None]]
    ) -> None:
        desk = Desk(database)
        opportunity_id = begin(desk, began)

        for step in steps:
            try_step(desk, opportunity_id, step)
            assert_whole(desk, opportunity_id)


def begin(desk: Desk, began: int | None) -> UUID:
    """An opportunity that begins now, or began so many days ago."""
    owner, name = desk.someone(Role.REP, name=f"Rita {new_id()}"), f"Acme {new_id()}"
    customer_id = desk.customer(owner=owner, name=name)
    if began is None:
        return desk.open(ADMIN, customer_id, amount=usd("5")).id
    row = {"owner": owner.name, "customer": name, "amount": "5", "engaged_on": ago(began)}
    (imported,) = desk.take_in(ADMIN, {"external_id": str(new_id()), **row}).imported
    return imported.id


def try_step(desk: Desk, opportunity_id: UUID, step: tuple[str, int | None]) -> None:
    """Move, win or lose; what is refused changes nothing."""
    kind, number = step
    try:
        if kind == "move":
            desk.move(ADMIN, opportunity_id, desk.stages()[number or 0].id)
        else:
            close = {"win": desk.win, "lose": desk.lose}[kind]
            close(ADMIN, opportunity_id, closed_on=None if number is None else ago(number))
    except CallError as error:
        assert error.code in {"opportunity.closed", "opportunity.closed_before_it_began"}  # noqa: PT017  any other fails


def assert_whole(desk: Desk, opportunity_id: UUID) -> None:
    """Each stretch begins where the one before it ended, in another stage; only an open one has a present stretch."""
    shown = desk.ask(ADMIN, opportunities.get, GetOpportunity(opportunity_id=opportunity_id))
    history = desk.history(opportunity_id)
    for earlier, later in pairwise(history):
        assert earlier.left_at == later.entered_at
        assert earlier.stage != later.stage
    for span in history:
        assert span.left_at is None or span.entered_at <= span.left_at
    assert (history[-1].left_at is None) == (shown.state is State.OPEN)
    assert (history[-1].stage, history[-1].entered_at) == (shown.stage.name, shown.entered_stage_at)
