"""Who holds which customer."""

from contracts.pool.holdings import (
    GetHolding,
    Holding,
    HoldingHistory,
    HoldingPage,
    ListHoldingHistory,
    ListHoldings,
    ReleaseHolding,
)
from gateway.routing import Api
from servicekit.rpc import call

api = Api("holdings")


@api.get("/v1/holdings")
def list_holdings(request: ListHoldings) -> HoldingPage:
    """The customers one holds."""
    return call(request)


@api.get("/v1/holdings/{customer_id}")
def get_holding(request: GetHolding) -> Holding:
    """Who holds a customer."""
    return call(request)


@api.get("/v1/holdings/{customer_id}/history")
def list_holding_history(request: ListHoldingHistory) -> HoldingHistory:
    """In whose hands a customer was."""
    return call(request)


@api.post("/v1/holdings/{customer_id}/releases")
def release_holding(request: ReleaseHolding) -> Holding:
    """Give a customer back to a pool."""
    return call(request)
