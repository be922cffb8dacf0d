"""Who holds which customer."""

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


@api.post("/v1/holdings/releases")
def release_holdings(request: ReleaseHoldings) -> MoveResult:
    """Give many customers back to a pool; each answers by itself."""
    return call(request)


@api.post("/v1/holdings/{customer_id}/assignments")
def assign_holding(request: AssignHolding) -> Holding:
    """Give a customer to a colleague or to a pool."""
    return call(request)


@api.post("/v1/holdings/assignments")
def assign_holdings(request: AssignHoldings) -> MoveResult:
    """Give many customers to a colleague or to a pool; each answers by itself."""
    return call(request)


@api.post("/v1/holdings/{customer_id}/transfers")
def transfer_holding(request: TransferHolding) -> Holding:
    """Hand a held customer over to a colleague."""
    return call(request)


@api.post("/v1/holdings/transfers")
def transfer_holdings(request: TransferHoldings) -> MoveResult:
    """Hand many customers over to a colleague; each answers by itself."""
    return call(request)


@api.post("/v1/holdings/{customer_id}/protections")
def protect_holding(request: ProtectHolding) -> Holding:
    """Keep a customer from being taken back until the end of a day."""
    return call(request)


@api.delete("/v1/holdings/{customer_id}/protections")
def end_protection(request: EndProtection) -> Holding:
    """End a customer's protection early."""
    return call(request)
