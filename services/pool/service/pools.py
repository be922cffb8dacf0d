"""A part of the pool service's door. Pools, what waits in them, and claims."""

from contracts.pool.claims import ClaimCustomers, ClaimResult
from contracts.pool.facts import ListPoolFacts, PoolFactsPage
from contracts.pool.pools import (
    CreatePool,
    FreeCustomerPage,
    GetPool,
    ListFreeCustomers,
    ListPools,
    Pool,
    PoolList,
    UpdatePool,
)
from servicekit.rpc import answers
from servicekit.service import Service
from services.pool.operations import claims, facts, pools


class Pools(Service):
    """Pools, what waits in them, and claims."""

    @answers(ListPools)
    def list_pools(self, _request: ListPools) -> PoolList:
        """The pools, by name."""
        return pools.list_pools(self.db)

    @answers(GetPool)
    def get_pool(self, request: GetPool) -> Pool:
        """One pool."""
        return pools.get_pool(self.db, request)

    @answers(CreatePool)
    def create_pool(self, request: CreatePool) -> Pool:
        """Open a pool."""
        return pools.create_pool(self.db, request)

    @answers(UpdatePool)
    def update_pool(self, request: UpdatePool) -> Pool:
        """Rename a pool or change its limits."""
        return pools.update_pool(self.db, request)

    @answers(ListFreeCustomers)
    def list_free_customers(self, request: ListFreeCustomers) -> FreeCustomerPage:
        """What waits in a pool."""
        return pools.list_free_customers(self.db, request)

    @answers(ClaimCustomers)
    def claim_customers(self, request: ClaimCustomers) -> ClaimResult:
        """Take customers out of a pool."""
        return claims.claim(self.db, request)

    @answers(ListPoolFacts)
    def list_pool_facts(self, request: ListPoolFacts) -> PoolFactsPage:
        """The pools, for other services' copies."""
        return facts.list_pool_facts(self.db, request)
