"""The rules by which customers are scored."""

from contracts.customer.scores import GetScoring, Scoring, UpdateScoring
from gateway.routing import Api
from servicekit.rpc import call

api = Api("scoring")


@api.get("/v1/scoring")
def get_scoring(request: GetScoring) -> Scoring:
    """The rules by which customers are scored."""
    return call(request)


@api.patch("/v1/scoring")
def update_scoring(request: UpdateScoring) -> Scoring:
    """Change the rules by which customers are scored."""
    return call(request)
