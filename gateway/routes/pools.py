"""Pools, the customers that wait in them, and claims."""

from contracts.pool.claims import ClaimCustomers, ClaimResult
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
from contracts.pool.rules import GetPoolRules, PoolRules, PreviewReclaim, ReclaimPreview, UpdatePoolRules
from gateway.routing import Api
from servicekit.rpc import call

api = Api("pools")


@api.get("/v1/pools")
def list_pools(request: ListPools) -> PoolList:
    """The pools one may see."""
    return call(request)


@api.post("/v1/pools", status=201)
def create_pool(request: CreatePool) -> Pool:
    """Open a pool."""
    return call(request)


@api.get("/v1/pools/{pool_id}")
def get_pool(request: GetPool) -> Pool:
    """One pool."""
    return call(request)


@api.patch("/v1/pools/{pool_id}")
def update_pool(request: UpdatePool) -> Pool:
    """Rename a pool or change what a rep may have of it."""
    return call(request)


@api.get("/v1/pools/{pool_id}/customers")
def list_free_customers(request: ListFreeCustomers) -> FreeCustomerPage:
    """The customers that wait in a pool."""
    return call(request)


@api.post("/v1/pools/{pool_id}/claims")
def claim_customers(request: ClaimCustomers) -> ClaimResult:
    """Take free customers out of a pool; each answers by itself."""
    return call(request)


@api.get("/v1/pools/{pool_id}/rules")
def get_pool_rules(request: GetPoolRules) -> PoolRules:
    """A pool's reclaim rules of today, and those to come."""
    return call(request)


@api.patch("/v1/pools/{pool_id}/rules")
def update_pool_rules(request: UpdatePoolRules) -> PoolRules:
    """Change a pool's reclaim rules from a day on."""
    return call(request)


@api.post("/v1/pools/{pool_id}/reclaim-preview")
def preview_reclaim(request: PreviewReclaim) -> ReclaimPreview:
    """What the pool's rules, or proposed ones, would take back; it changes nothing."""
    return call(request)
