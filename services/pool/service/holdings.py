"""A part of the pool service's door. Who holds whom, and how it goes back."""

from contracts.pool.facts import HoldingFactsPage, ListHoldingFacts
from contracts.pool.holdings import (
    GetHolding,
    Holding,
    HoldingHistory,
    HoldingPage,
    ListHoldingHistory,
    ListHoldings,
    ReleaseHolding,
)
from servicekit.rpc import answers
from servicekit.service import Service
from services.pool.operations import facts, holdings


class Holdings(Service):
    """Who holds whom, and how it goes back."""

    @answers(ReleaseHolding)
    def release_holding(self, request: ReleaseHolding) -> Holding:
        """Give a customer back to a pool."""
        return holdings.release(self.db, request)

    @answers(GetHolding)
    def get_holding(self, request: GetHolding) -> Holding:
        """Who holds a customer."""
        return holdings.get_holding(self.db, request)

    @answers(ListHoldings)
    def list_holdings(self, request: ListHoldings) -> HoldingPage:
        """What one person holds."""
        return holdings.list_holdings(self.db, request)

    @answers(ListHoldingHistory)
    def list_holding_history(self, request: ListHoldingHistory) -> HoldingHistory:
        """Who held a customer when."""
        return holdings.list_holding_history(self.db, request)

    @answers(ListHoldingFacts)
    def list_holding_facts(self, request: ListHoldingFacts) -> HoldingFactsPage:
        """Who holds each customer, for other services' copies."""
        return facts.list_holding_facts(self.db, request)
