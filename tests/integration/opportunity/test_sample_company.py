"""The sample company's 8,801 opportunities go in as its spreadsheets tell them, and the funnel shows their figures."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest

from contracts.opportunity.imports import ImportOpportunities
from contracts.opportunity.opportunities import ListOpportunities
from contracts.opportunity.reports import Funnel, GetFunnel
from contracts.values import ImportResult, Role
from deploy.sample.source import Sample, read
from servicekit import rpc
from servicekit.database import Database
from servicekit.settings import Settings
from services.opportunity.operations import imports, opportunities
from tests.integration.opportunity.desk import ADMIN, AUDITOR, Desk
from tests.integration.opportunity.peers import Peers

ROWS_AT_ONCE = 500


@pytest.fixture(scope="module")
def sample() -> Sample:
    """The sample's rows."""
    return read()


@pytest.fixture(scope="module")
def company(database: Database, sample: Sample) -> Desk:
    """Its people, products and customers."""
    desk = Desk(database)
    for agent in sample.agents:
        desk.someone(Role.REP, name=agent.name)
    for product in sample.products:
        desk.product(product["product"], product["sales_price"])
    for customer in sample.customers:
        desk.customer(name=customer.name)
    return desk


@pytest.fixture(scope="module")
def results(company: Desk, sample: Sample) -> Iterator[list[ImportResult]]:
    """What became of each batch."""
    rpc.use(Peers(Settings(), "opportunity"), lambda: "the service itself")
    starts = range(0, len(sample.opportunities), ROWS_AT_ONCE)
    batches = [ImportOpportunities(rows=sample.opportunities[start : start + ROWS_AT_ONCE]) for start in starts]
    yield [company.ask(ADMIN, imports.import_opportunities, batch) for batch in batches]
    rpc.use(None)


@pytest.fixture(scope="module")
def funnel(company: Desk, results: list[ImportResult]) -> Funnel:
    """All of it."""
    assert results
    return company.ask(AUDITOR, opportunities.get_funnel, GetFunnel())


class TestImportOpportunities:
    def test_takes_every_row(self, results: list[ImportResult]) -> None:
        assert sum(len(result.imported) for result in results) == 8_801
        assert [fault for result in results for fault in result.refused] == []

    def test_warns_of_rows_without_a_known_account(self, results: list[ImportResult]) -> None:
        codes = Counter(warning.code for result in results for warning in result.warnings)

        assert codes == {"customer_missing": 1_425, "customer_unknown": 1}

    def test_those_can_be_found_to_be_given_one(self, company: Desk, results: list[ImportResult]) -> None:
        assert results
        request = ListOpportunities(without_customer=True, count=True, limit=1)

        assert company.ask(ADMIN, opportunities.list_opportunities, request).total == 1_426


class TestGetFunnel:
    def test_shows_what_stands_open(self, funnel: Funnel) -> None:
        assert {stage.name: stage.count for stage in funnel.stages} == {"Prospecting": 499, "Engaging": 1_591}

    def test_shows_what_was_won_to_the_cent(self, funnel: Funnel) -> None:
        assert (funnel.won.count, funnel.won.amount) == (4_238, Decimal("10005534.00"))

    def test_shows_what_was_lost(self, funnel: Funnel) -> None:
        assert funnel.lost.count == 2_473
