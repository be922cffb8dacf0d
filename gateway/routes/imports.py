"""Many records at once, each answering by itself."""

from contracts.customer import ImportCustomers
from contracts.opportunity import ImportOpportunities
from contracts.values import ImportResult
from gateway.routing import Api
from servicekit.rpc import call

api = Api("imports")


@api.post("/v1/imports/customers")
def import_customers(request: ImportCustomers) -> ImportResult:
    """Add up to 500 customers."""
    return call(request, timeout=30)


@api.post("/v1/imports/opportunities")
def import_opportunities(request: ImportOpportunities) -> ImportResult:
    """Add up to 500 opportunities."""
    return call(request, timeout=30)
