"""Imports against the database: what is taken, what is left alone, and what others are asked meanwhile."""

import time
from typing import Any

import pytest

from contracts.errors import NotPermitted, Unavailable
from contracts.opportunity.opportunities import GetOpportunity, Opportunity
from contracts.opportunity.pipelines import State
from contracts.values import CustomerRef, ImportResult, Role
from servicekit.database import new_id
from servicekit.testing import refused
from services.opportunity.operations import opportunities
from tests.integration.opportunity.desk import ADMIN, AUDITOR, OURSELVES, PROGRAM, Desk, usd
from tests.integration.opportunity.peers import Peers


def imported(desk: Desk, result: ImportResult, row: int = 1) -> Opportunity:
    """What a row became."""
    found = next(each.id for each in result.imported if each.row == row)
    return desk.ask(ADMIN, opportunities.get, GetOpportunity(opportunity_id=found))


def codes(result: ImportResult) -> list[tuple[int, str]]:
    """The rows that were taken with a reservation, and why."""
    return [(fault.row, fault.code) for fault in result.warnings]


class TestImportOpportunities:
    def test_takes_a_row_as_it_is_told(self, desk: Desk) -> None:
        rita = desk.someone(Role.REP, name="Rita Reed")
        acme = desk.customer(name="Acme Corporation")
        desk.product("GTX Pro")
        given = {"owner": "RITA REED", "customer": "acme corporation", "product": "GTXPro", "stage": "engaging"}

        result = desk.take_in(ADMIN, {"external_id": "A1", "amount": "1054", **given})

        found = imported(desk, result)
        assert (result.refused, result.warnings) == ([], [])
        assert found.customer == CustomerRef(id=acme, name="Acme Corporation")
        assert (found.owner.id, found.product, found.stage.name) == (rita.user_id, "GTX Pro", "Engaging")
        assert (found.name, found.amount) == ("Acme Corporation · GTX Pro", usd("1054"))
        assert (found.external_id, found.state, found.version) == ("A1", State.OPEN, 1)
        assert found.entered_stage_at.isoformat() == "2017-01-02T00:00:00+00:00"
        (span,) = desk.history(found.id)
        assert (span.stage, span.entered_at, span.by) == ("Engaging", found.entered_stage_at, ADMIN.name)

    def test_closes_what_is_closed(self, desk: Desk) -> None:
        desk.someone(Role.REP, name="Rita")
        desk.customer(name="Acme")
        closed = {"stage": "Won", "customer": "Acme", "amount": "5", "closed_on": "2017-03-01"}

        found = imported(desk, desk.take_in(ADMIN, closed))

        assert (found.state, str(found.closed_on), found.stage.name) == (State.WON, "2017-03-01", "Engaging")
        (span,) = desk.history(found.id)
        assert span.seconds == 58 * 86_400

    def test_announces_each(self, desk: Desk) -> None:
        desk.someone(Role.REP, name="Rita")
        desk.customer(name="Acme")
        closed = {"closed_on": "2017-03-01", "customer": "Acme"}

        result = desk.take_in(
            ADMIN,
            {"external_id": "A1"},
            {"external_id": "A2", "stage": "won", "amount": "5", **closed},
            {"external_id": "A3", "stage": "lost", **closed},
        )

        announced = [
            [(event["sequence"], event["type"]) for event in desk.announced(row.id)] for row in result.imported
        ]
        opened = (1, "crm.opportunity.opened.v1")
        assert announced == [
            [opened],
            [opened, (2, "crm.opportunity.won.v1")],
            [opened, (2, "crm.opportunity.lost.v1")],
        ]

    def test_each_row_answers_by_itself(self, desk: Desk) -> None:
        desk.someone(Role.REP, name="Rita")

        result = desk.take_in(
            ADMIN, {"external_id": "A1"}, {"external_id": "A2", "product": "Unheard"}, {"external_id": "A3"}
        )

        assert [each.row for each in result.imported] == [1, 3]
        assert [(fault.row, fault.field, fault.code) for fault in result.refused] == [(2, "product", "product.unknown")]
        assert codes(result) == [(1, "customer_missing"), (3, "customer_missing")]

    def test_of_refused_rows_nothing_stays(self, desk: Desk, peers: Peers) -> None:
        assert peers.users == []
        result = desk.take_in(ADMIN, {"owner": "Nobody"})

        assert [fault.code for fault in result.refused] == ["owner.unknown"]
        assert (result.imported, result.warnings, desk.listed(ADMIN)) == ([], [], [])


class TestRowsThatAreKnown:
    def test_are_left_alone_and_warned_of(self, desk: Desk) -> None:
        desk.someone(Role.REP, name="Rita")
        first = imported(desk, desk.take_in(ADMIN, {"name": "First"}))

        again = desk.take_in(ADMIN, {"name": "Second", "stage": "nonsense"}, {"external_id": "A2"})

        assert [each.row for each in again.imported] == [2]
        assert (again.refused, codes(again)) == ([], [(1, "already_imported"), (2, "customer_missing")])
        assert desk.ask(ADMIN, opportunities.get, GetOpportunity(opportunity_id=first.id)) == first

    def test_within_one_import_too(self, desk: Desk) -> None:
        desk.someone(Role.REP, name="Rita")

        result = desk.take_in(ADMIN, {"name": "First"}, {"name": "Second"})

        assert codes(result) == [(1, "customer_missing"), (2, "already_imported")]
        assert [each.name for each in desk.first_page(ADMIN)] == ["First"]


class TestWhoImports:
    def test_an_api_key_imports_for_anybody(self, desk: Desk) -> None:
        rita = desk.someone(Role.REP, name="Rita")
        assert imported(desk, desk.take_in(PROGRAM, {}), row=1).owner.id == rita.user_id

    def test_reps_and_those_who_only_read_do_not(self, desk: Desk) -> None:
        for caller in (desk.someone(Role.REP, name="Rita"), AUDITOR, OURSELVES):
            with refused(NotPermitted, "opportunity.importers_only"):
                desk.take_in(caller, {})

    def test_a_manager_imports_for_their_people_and_the_customers_they_see(self, desk: Desk) -> None:
        north, south = new_id(), new_id()
        manager = desk.someone(Role.MANAGER, name="Max", departments=(north,))
        desk.someone(Role.REP, name="Rita", department=north)
        stranger = desk.someone(Role.REP, name="Sam", department=south)
        desk.customer(name="Globex", owner=stranger)
        acme = desk.customer(name="Acme", pool_id=new_id())

        result = desk.take_in(
            manager,
            {"external_id": "A1", "customer": "Acme"},
            {"external_id": "A2", "customer": "Globex"},
            {"external_id": "A3", "owner": "Sam"},
        )

        assert imported(desk, result, row=1).customer == CustomerRef(id=acme, name="Acme")
        assert codes(result) == [(2, "customer_unknown")]
        assert [(fault.row, fault.code) for fault in result.refused] == [(3, "owner.foreign")]


class TestNamesThatNoEventHasToldOf:
    def test_customers_are_asked_for_and_kept(self, desk: Desk, peers: Peers) -> None:
        rita = desk.someone(Role.REP, name="Rita")
        acme = peers.add_customer("Acme Corporation", owner=rita)

        result = desk.take_in(ADMIN, {"customer": "acme corporation"})
        desk.take_in(ADMIN, {"external_id": "A2", "customer": "Acme Corporation"})

        assert imported(desk, result).customer == CustomerRef(id=acme, name="Acme Corporation")
        assert peers.asked == ["customer.list_customers", "customer.describe_customers"]
        assert desk.open(rita, acme).owner.id == rita.user_id

    def test_owners_are_asked_for_and_kept(self, desk: Desk, peers: Peers) -> None:
        rita = peers.add_user("Rita Reed")

        first = desk.take_in(ADMIN, {"external_id": "A1", "owner": "rita reed"})
        desk.take_in(ADMIN, {"external_id": "A2", "owner": "Rita Reed"})

        owner = imported(desk, first).owner
        assert (owner.id, owner.name) == (rita, "Rita Reed")
        assert peers.asked == ["identity.list_users"]

    @pytest.mark.parametrize("stranger", [{"customer": "Teste"}, {"owner": "Nobody"}])
    def test_while_nobody_answers_nothing_is_taken(self, desk: Desk, stranger: dict[str, Any]) -> None:
        desk.someone(Role.REP, name="Rita")

        with refused(Unavailable, "broker.unavailable"):
            desk.take_in(ADMIN, {"external_id": "A1"}, {"external_id": "A2", **stranger})
        assert desk.listed(ADMIN) == []

    def test_of_very_many_strangers_only_some_are_asked_for(self, desk: Desk, peers: Peers) -> None:
        desk.someone(Role.REP, name="Rita")

        desk.take_in(ADMIN, *({"external_id": f"A{nth}", "customer": f"Stranger {nth}"} for nth in range(150)))

        assert len(peers.asked) == 100


class TestCost:
    def rows(self, desk: Desk, count: int) -> list[dict[str, Any]]:
        """Rows of every kind."""
        desk.someone(Role.REP, name="Rita")
        desk.product("GTX Pro")
        customers = [f"Customer {nth}" for nth in range(50)]
        for name in customers:
            desk.customer(name=name)
        kinds: list[dict[str, Any]] = [
            {"stage": "Prospecting", "engaged_on": None},
            {"stage": "Engaging"},
            {"stage": "won", "closed_on": "2017-05-06", "amount": "1054"},
            {"stage": "lost", "closed_on": "2017-05-06", "product": "GTXPro"},
        ]
        return [{"external_id": f"A{nth}", "customer": customers[nth % 50], **kinds[nth % 4]} for nth in range(count)]

    def test_a_full_import_takes_few_statements_and_well_under_two_seconds(self, desk: Desk) -> None:
        rows = self.rows(desk, 500)

        began = time.process_time()
        with desk.counting_statements() as sent:
            result = desk.take_in(ADMIN, *rows)

        assert len(result.imported) == 500
        assert len(sent) <= 10
        assert time.process_time() - began < 1.5

    def test_an_import_of_known_rows_takes_next_to_none(self, desk: Desk) -> None:
        rows = self.rows(desk, 40)
        desk.take_in(ADMIN, *rows)

        with desk.counting_statements() as sent:
            result = desk.take_in(ADMIN, *rows)

        assert [code for _, code in codes(result)] == ["already_imported"] * 40
        assert len(sent) <= 5
