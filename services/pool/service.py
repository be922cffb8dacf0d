"""The door of the pool service: its RPCs and event handlers."""

from contracts.base import Received
from contracts.customer.customers import CustomerCreated, CustomerUpdated
from contracts.customer.deletion import CustomerDeleted, CustomerRestored
from contracts.customer.facts import ListCustomerFacts
from contracts.customer.merges import CustomerMerged, CustomerUnmerged
from contracts.identity.users import ListUserFacts, UserCreated, UserUpdated
from contracts.pool import (
    ClaimCustomers,
    ClaimResult,
    CreatePool,
    FreeCustomerPage,
    GetHolding,
    GetPool,
    Holding,
    HoldingFactsPage,
    HoldingHistory,
    HoldingPage,
    ListFreeCustomers,
    ListHoldingFacts,
    ListHoldingHistory,
    ListHoldings,
    ListPoolFacts,
    ListPools,
    Pool,
    PoolFactsPage,
    PoolList,
    ReleaseHolding,
)
from servicekit.events import on
from servicekit.projections import Projection
from servicekit.rpc import answers
from servicekit.service import Service
from services.pool import operations


class PoolService(Service):
    """Who holds whom: pools, claims and releases, and each customer's holders from its first day on."""

    name = "pool"
    projections = {  # noqa: RUF012  named once, changed by nobody
        "users": Projection(ListUserFacts, operations.keep_user_facts),
        "customers": Projection(ListCustomerFacts, operations.keep_customer_facts),
    }

    @answers(ListPools)
    def list_pools(self, _request: ListPools) -> PoolList:
        """The pools, by name."""
        return operations.list_pools(self.db)

    @answers(GetPool)
    def get_pool(self, request: GetPool) -> Pool:
        """One pool."""
        return operations.get_pool(self.db, request)

    @answers(CreatePool)
    def create_pool(self, request: CreatePool) -> Pool:
        """Open a pool."""
        return operations.create_pool(self.db, request)

    @answers(ListFreeCustomers)
    def list_free_customers(self, request: ListFreeCustomers) -> FreeCustomerPage:
        """What waits in a pool."""
        return operations.list_free_customers(self.db, request)

    @answers(ClaimCustomers)
    def claim_customers(self, request: ClaimCustomers) -> ClaimResult:
        """Take customers out of a pool."""
        return operations.claim(self.db, request)

    @answers(ReleaseHolding)
    def release_holding(self, request: ReleaseHolding) -> Holding:
        """Give a customer back to a pool."""
        return operations.release(self.db, request)

    @answers(GetHolding)
    def get_holding(self, request: GetHolding) -> Holding:
        """Who holds a customer."""
        return operations.get_holding(self.db, request)

    @answers(ListHoldings)
    def list_holdings(self, request: ListHoldings) -> HoldingPage:
        """What one person holds."""
        return operations.list_holdings(self.db, request)

    @answers(ListHoldingHistory)
    def list_holding_history(self, request: ListHoldingHistory) -> HoldingHistory:
        """Who held a customer when."""
        return operations.list_holding_history(self.db, request)

    @answers(ListPoolFacts)
    def list_pool_facts(self, request: ListPoolFacts) -> PoolFactsPage:
        """The pools, for other services' copies."""
        return operations.list_pool_facts(self.db, request)

    @answers(ListHoldingFacts)
    def list_holding_facts(self, request: ListHoldingFacts) -> HoldingFactsPage:
        """Who holds each customer, for other services' copies."""
        return operations.list_holding_facts(self.db, request)

    @on(CustomerCreated)
    def hold_new_customer(self, event: Received[CustomerCreated]) -> None:
        """Begin its life in the hands it was created for."""
        operations.hold_new_customer(self.db, event)

    @on(CustomerUpdated)
    def keep_customer_name(self, event: Received[CustomerUpdated]) -> None:
        """Show it by its present name."""
        operations.keep_customer_name(self.db, event)

    @on(UserCreated, UserUpdated)
    def keep_user(self, event: Received[UserCreated] | Received[UserUpdated]) -> None:
        """Know people's names and departments."""
        operations.keep_user(self.db, event)

    @on(CustomerMerged, CustomerUnmerged)
    def follow_merge(self, event: Received[CustomerMerged] | Received[CustomerUnmerged]) -> None:
        """Let the loser's holding rest, or go on again."""
        operations.follow_merge(self.db, event)

    @on(CustomerDeleted, CustomerRestored)
    def follow_deletion(self, event: Received[CustomerDeleted] | Received[CustomerRestored]) -> None:
        """Let a deleted customer's holding rest."""
        operations.follow_deletion(self.db, event)
