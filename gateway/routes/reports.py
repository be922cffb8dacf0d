"""Figures over many records."""

from contracts.opportunity.reports import Funnel, GetFunnel
from gateway.routing import Api
from servicekit.rpc import call

api = Api("reports")


@api.get("/v1/reports/funnel")
def get_funnel(request: GetFunnel) -> Funnel:
    """How opportunities stand, stage by stage."""
    return call(request)
