"""Many at once on the same opportunity or the same rows: the outcome is one that could have come about in a row."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier
from typing import Any

from contracts.errors import CallError
from contracts.opportunity.opportunities import GetOpportunity
from contracts.values import ImportResult, Role
from services.opportunity.operations import opportunities
from tests.integration.opportunity.desk import ADMIN, Desk, usd

THREADS = 8


def together(*steps: Callable[[], Any]) -> list[Any]:
    """Do these at the same moment; the results, or the codes of those that were refused."""
    start = Barrier(len(steps), timeout=30)

    def run(step: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return step()
        except CallError as error:
            return error.code

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


class TestClosing:
    def test_one_of_many_wins_and_losses_counts(self, desk: Desk) -> None:
        for _ in range(5):
            rep, opened = desk.opened(amount=usd("5"))
            closes = [lambda: desk.win(rep, opened.id), lambda: desk.lose(rep, opened.id)]  # noqa: B023  run at once

            outcomes = together(*closes * (THREADS // 2))

            assert outcomes.count("opportunity.closed") == THREADS - 1
            (event,) = desk.announced(opened.id)[1:]
            assert event["type"] in {"crm.opportunity.won.v1", "crm.opportunity.lost.v1"}


class TestMoving:
    def test_the_way_stays_whole(self, desk: Desk) -> None:
        rep, opened = desk.opened(amount=usd("5"))
        prospecting, engaging = desk.stages()

        steps = [lambda: desk.move(rep, opened.id, engaging.id), lambda: desk.move(rep, opened.id, prospecting.id)]
        outcomes = together(*steps * (THREADS // 2), lambda: desk.lose(rep, opened.id))

        history = desk.history(opened.id)
        shown = desk.ask(rep, opportunities.get, GetOpportunity(opportunity_id=opened.id))
        assert all(earlier.left_at == later.entered_at for earlier, later in pairwise(history))
        assert all(earlier.stage != later.stage for earlier, later in pairwise(history))
        assert history[-1].left_at is not None
        assert shown.stage.name == history[-1].stage
        assert {outcome for outcome in outcomes if isinstance(outcome, str)} <= {"opportunity.closed"}
        sequences = [event["sequence"] for event in desk.announced(opened.id)]
        assert sequences == list(range(1, len(history) + 2))


class TestChanging:
    def test_of_changes_to_one_version_one_is_kept(self, desk: Desk) -> None:
        rep, opened = desk.opened()

        outcomes = together(*(lambda: desk.update(rep, opened, note=str(object())) for _ in range(THREADS)))

        assert outcomes.count("version.stale") == THREADS - 1


class TestImporting:
    def test_rows_that_two_import_at_once_are_taken_once(self, desk: Desk) -> None:
        desk.someone(Role.REP, name="Rita")
        rows = [{"external_id": f"A{nth}"} for nth in range(200)]

        outcomes: list[ImportResult] = together(
            lambda: desk.take_in(ADMIN, *rows), lambda: desk.take_in(ADMIN, *rows[::-1])
        )

        assert sum(len(result.imported) for result in outcomes) == 200
        warned = [fault.code for result in outcomes for fault in result.warnings]
        assert (warned.count("already_imported"), warned.count("customer_missing")) == (200, 200)
        assert all(len(desk.announced(row.id)) == 1 for result in outcomes for row in result.imported)
