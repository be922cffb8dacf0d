"""Many records at once, each answering by itself."""

from contracts.customer.imports import ImportCustomers
from contracts.opportunity.imports import ImportOpportunities
from contracts.values import ImportResult
from gateway.routing import Api
from servicekit.rpc import call

api = Api("imports")

_SECONDS = 30.0
"""Hundreds of records take a slow machine longer than a request usually may."""


@api.post("/v1/imports/customers", seconds=_SECONDS)
def import_customers(request: ImportCustomers) -> ImportResult:
    """Add up to 500 customers."""
    return call(request, timeout=_SECONDS)


@api.post("/v1/imports/opportunities", seconds=_SECONDS)
def import_opportunities(request: ImportOpportunities) -> ImportResult:
    """Add up to 500 opportunities."""
    return call(request, timeout=_SECONDS)
