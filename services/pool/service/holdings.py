"""A part of the pool service's door. Who holds whom, and how it goes back."""

from contracts.pool.assignments import (
    AssignHolding,
    AssignHoldings,
    EndProtection,
    MoveResult,
    ProtectHolding,
    ReleaseHoldings,
    TransferHolding,
    TransferHoldings,
)
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
from servicekit.timers import every
from services.pool.operations import facts, handing, holdings, protection

_SECONDS = 60.0


class Holdings(Service):
    """Who holds whom, and how it goes back."""

    @answers(ReleaseHolding)
    def release_holding(self, request: ReleaseHolding) -> Holding:
        """Give a customer back to a pool."""
        return handing.release(self.db, request)

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

    @answers(ReleaseHoldings)
    def release_holdings(self, request: ReleaseHoldings) -> MoveResult:
        """Give many customers back."""
        return handing.release_many(self.db, request)

    @answers(AssignHolding)
    def assign_holding(self, request: AssignHolding) -> Holding:
        """Give a customer to a colleague or to a pool."""
        return handing.assign(self.db, request)

    @answers(AssignHoldings)
    def assign_holdings(self, request: AssignHoldings) -> MoveResult:
        """The same with many."""
        return handing.assign_many(self.db, request)

    @answers(TransferHolding)
    def transfer_holding(self, request: TransferHolding) -> Holding:
        """Hand a held customer over."""
        return handing.transfer(self.db, request)

    @answers(TransferHoldings)
    def transfer_holdings(self, request: TransferHoldings) -> MoveResult:
        """The same with many."""
        return handing.transfer_many(self.db, request)

    @answers(ProtectHolding)
    def protect_holding(self, request: ProtectHolding) -> Holding:
        """Keep a customer from being taken back for a while."""
        return protection.protect(self.db, request)

    @answers(EndProtection)
    def end_protection(self, request: EndProtection) -> Holding:
        """End that early."""
        return protection.end(self.db, request)

    @every(_SECONDS)
    def end_protections(self) -> bool:
        """Announce protections that are over."""
        return protection.end_what_is_over(self.db)
