"""Who sees which opportunities, and lists of them."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from contracts.audiences import Audience
from contracts.errors import InvalidInput, NotFound, NotPermitted
from contracts.opportunity.opportunities import (
    GetOpportunity,
    ListOpportunities,
    ListStageHistory,
    OpportunityPage,
    OpportunitySort,
)
from contracts.opportunity.pipelines import State
from contracts.pool.pools import PoolCreated
from contracts.values import Role
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import refused
from services.opportunity.operations import known, opportunities
from tests.integration.opportunity.desk import ADMIN, AUDITOR, OURSELVES, PROGRAM, Desk, usd


def sees(desk: Desk, caller: Caller, opportunity_id: UUID) -> bool:
    """Whether somebody sees an opportunity; all ways of looking must agree."""
    listed = opportunity_id in desk.listed(caller)
    for operation, request in (
        (opportunities.get, GetOpportunity(opportunity_id=opportunity_id)),
        (opportunities.list_stage_history, ListStageHistory(opportunity_id=opportunity_id)),
    ):
        if listed:
            desk.ask(caller, operation, request)  # type: ignore[arg-type]  # each takes its own request
        else:
            with refused(NotFound, "opportunity.not_found"):
                desk.ask(caller, operation, request)  # type: ignore[arg-type]
    return listed


class TestWhoSees:
    def test_its_owner_and_who_holds_its_customer(self, desk: Desk) -> None:
        owner, heir, other = (desk.someone(Role.REP) for _ in range(3))
        acme = desk.customer(owner=owner)
        opened = desk.open(owner, acme)
        desk.hand_over(acme, to=heir)

        assert sees(desk, owner, opened.id)
        assert sees(desk, heir, opened.id)
        assert not sees(desk, other, opened.id)

    def test_everybody_while_its_customer_is_in_a_pool(self, desk: Desk) -> None:
        opened = desk.open(ADMIN, desk.customer(pool_id=new_id()))

        assert sees(desk, desk.someone(Role.REP), opened.id)

    @pytest.mark.parametrize("role", [Role.REP, Role.MANAGER])
    def test_nobody_to_whom_that_pool_is_closed(self, desk: Desk, role: Role) -> None:
        pool, north, south = new_id(), new_id(), new_id()
        outsider = desk.someone(role, department=north, departments=(north,))
        insider = desk.someone(role, department=south, departments=(south,))
        opened = desk.open(ADMIN, desk.customer(pool_id=pool))
        assert sees(desk, outsider, opened.id)
        closed = PoolCreated(pool_id=pool, name="South", open_to=Audience(departments=[south]))
        desk.hear(known.keep_pool, closed)

        assert not sees(desk, outsider, opened.id)
        assert sees(desk, insider, opened.id)
        with refused(NotFound, "opportunity.not_found"):
            desk.update(outsider, opened, name="Mine?")

    def test_a_manager_who_is_let_in_to_read_changes_nothing_there(self, desk: Desk) -> None:
        pool, outsider = new_id(), desk.someone(Role.MANAGER, departments=(new_id(),))
        customer_id = desk.customer(pool_id=pool)
        opened = desk.open(ADMIN, customer_id)
        desk.hear(known.keep_pool, PoolCreated(pool_id=pool, name="South", open_to=Audience(departments=[new_id()])))
        desk.share(customer_id, read=outsider)
        assert sees(desk, outsider, opened.id)
        with refused(NotPermitted, "opportunity.read_only"):
            desk.update(outsider, opened, name="Mine?")

    def test_the_managers_of_its_owner_and_of_its_customers_owner(self, desk: Desk) -> None:
        north, south, west = new_id(), new_id(), new_id()
        owner, heir = desk.someone(Role.REP, department=north), desk.someone(Role.REP, department=south)
        acme = desk.customer(owner=owner)
        opened = desk.open(owner, acme)
        desk.hand_over(acme, to=heir)

        for department, visible in ((north, True), (south, True), (west, False)):
            manager = desk.someone(Role.MANAGER, departments=(department,))
            assert sees(desk, manager, opened.id) is visible

    def test_those_who_oversee_all(self, desk: Desk) -> None:
        _, opened = desk.opened()

        for caller in (ADMIN, AUDITOR, PROGRAM):
            assert sees(desk, caller, opened.id)

    def test_without_a_customer_its_owner_and_their_managers(self, desk: Desk) -> None:
        department = new_id()
        rep, other = desk.someone(Role.REP, name="Rita", department=department), desk.someone(Role.REP, name="Otto")
        manager = desk.someone(Role.MANAGER, name="Max", departments=(department,))
        (imported,) = desk.take_in(ADMIN, {"owner": "Rita"}).imported

        assert sees(desk, rep, imported.id)
        assert sees(desk, manager, imported.id)
        assert not sees(desk, other, imported.id)

    def test_no_service(self, desk: Desk) -> None:
        with refused(NotPermitted, "auth.users_only"):
            desk.listed(OURSELVES)


def page(desk: Desk, caller: Caller, **asked: Any) -> OpportunityPage:
    """A page of somebody's list."""
    return desk.ask(caller, opportunities.list_opportunities, ListOpportunities(**asked))


def all_pages(desk: Desk, caller: Caller, **asked: Any) -> list[str]:
    """The names on all pages, in order."""
    names, cursor = [], None
    while True:
        found = page(desk, caller, **asked, cursor=cursor)
        names += [item.name for item in found.items]
        cursor = found.next_cursor
        if cursor is None:
            return names


class TestListOpportunities:
    def test_pages_latest_first(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        acme = desk.customer(owner=rep)
        opened = [desk.open(rep, acme).id for _ in range(5)]

        found, cursor = [], None
        for _ in range(3):
            page = desk.ask(rep, opportunities.list_opportunities, ListOpportunities(limit=2, cursor=cursor))
            found += [item.id for item in page.items]
            cursor = page.next_cursor

        assert found == opened[::-1]
        assert cursor is None

    def test_counts_when_asked_to(self, desk: Desk) -> None:
        rep, _ = desk.opened()
        desk.opened()

        def total(caller: Caller, **asked: object) -> int | None:
            request = ListOpportunities.model_validate({"limit": 1, **asked})
            return desk.ask(caller, opportunities.list_opportunities, request).total

        assert (total(rep), total(rep, count=True), total(ADMIN, count=True)) == (None, 1, 2)

    def test_filters_by_what_is_asked_for(self, desk: Desk) -> None:
        rep, mine = desk.opened(name="Forty seats", amount=usd("5"))
        _, other = desk.opened(name="100% wool", stage_id=desk.stages()[1].id)
        desk.someone(Role.REP, name="Ines")
        (imported,) = desk.take_in(ADMIN, {"owner": "Ines", "name": "Imported", "engaged_on": None}).imported
        desk.win(rep, mine.id)
        assert mine.customer is not None

        assert desk.listed(ADMIN, q="SEATS") == [mine.id]
        assert desk.listed(ADMIN, q="100%") == [other.id]
        assert desk.listed(ADMIN, customer_id=mine.customer.id) == [mine.id]
        assert desk.listed(ADMIN, owner_id=rep.user_id) == [mine.id]
        assert desk.listed(ADMIN, owner_id="me") == []
        assert desk.listed(rep, owner_id="me") == [mine.id]
        assert desk.listed(ADMIN, stage_id=desk.stages()[0].id) == [mine.id]
        assert desk.listed(ADMIN, state=State.OPEN) == [imported.id, other.id]
        assert desk.listed(ADMIN, pipeline_id=mine.pipeline_id, state=State.WON) == [mine.id]
        assert desk.listed(ADMIN, pipeline_id=new_id()) == []
        assert desk.listed(ADMIN, without_customer=True) == [imported.id]

    def test_filters_by_when_it_changed_and_by_when_it_should_close(self, desk: Desk) -> None:
        rep, soon = desk.opened(name="Soon", expected_close_on=date(2026, 12, 1))
        _, late = desk.opened(name="Late", expected_close_on=date(2027, 3, 1))
        _, last = desk.opened(name="Last day there is", expected_close_on=date.max)
        desk.opened(name="Open end")
        changed = desk.update(rep, soon, note="Called")

        assert desk.listed(ADMIN, updated_since=changed.updated_at) == [soon.id]
        assert desk.listed(ADMIN, expected_close_from=date(2026, 12, 2)) == [last.id, late.id]
        assert desk.listed(ADMIN, expected_close_to=date(2027, 3, 1)) == [soon.id]
        assert desk.listed(ADMIN, expected_close_to=date.max) == [late.id, soon.id]
        assert desk.listed(ADMIN, expected_close_from=date(2026, 12, 1), expected_close_to=date(2026, 12, 2)) == [
            soon.id
        ]
        assert page(desk, ADMIN, expected_close_from=date(2026, 12, 1), count=True).total == 3

    @pytest.mark.parametrize(
        ("sort", "names"),
        [
            (OpportunitySort.NEWEST, ["None", "None too", "Small", "Large"]),
            (OpportunitySort.RECENTLY_UPDATED, ["Large", "None", "None too", "Small"]),
            (OpportunitySort.AMOUNT, ["Large", "Small", "None", "None too"]),
            (OpportunitySort.EXPECTED_CLOSE, ["Small", "Large", "None too", "None"]),
        ],
    )
    def test_each_order_comes_whole_in_pages_and_what_has_no_value_comes_last(
        self, desk: Desk, sort: OpportunitySort, names: list[str]
    ) -> None:
        rep = desk.someone(Role.REP)
        acme = desk.customer(owner=rep)
        large = desk.open(rep, acme, name="Large", amount=usd("900.50"), expected_close_on=date(2027, 1, 2))
        desk.open(rep, acme, name="Small", amount=usd("0"), expected_close_on=date(2027, 1, 1))
        desk.open(rep, acme, name="None too")
        desk.open(rep, acme, name="None")
        desk.update(rep, large, note="Called")

        for limit in (1, 3, 4):
            assert all_pages(desk, rep, sort=sort, limit=limit) == names

    @pytest.mark.parametrize("sort", OpportunitySort)
    def test_a_cursor_of_one_order_is_refused_in_every_other(self, desk: Desk, sort: OpportunitySort) -> None:
        rep, _ = desk.opened()
        desk.open(rep, desk.customer(owner=rep))
        cursor = page(desk, rep, sort=sort, limit=1).next_cursor

        for other in set(OpportunitySort) - {sort}:
            with refused(InvalidInput, "cursor.invalid"):
                page(desk, rep, sort=other, cursor=cursor)

    def test_refuses_a_cursor_of_its_own_making(self, desk: Desk) -> None:
        with refused(InvalidInput, "cursor.invalid"):
            desk.listed(ADMIN, cursor="made-up")

    def test_takes_one_statement_for_a_page(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        acme = desk.customer(owner=rep)
        for _ in range(3):
            desk.open(rep, acme, product_id=desk.product(f"Product {new_id()}").id)

        with desk.counting_statements() as sent:
            assert len(desk.listed(rep)) == 3

        assert len(sent) == 1
