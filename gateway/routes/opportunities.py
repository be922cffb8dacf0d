"""Pipelines, and opportunities on their way through them."""

from contracts.opportunity.opportunities import (
    CreateOpportunity,
    GetOpportunity,
    ListOpportunities,
    ListStageHistory,
    LoseOpportunity,
    MoveOpportunity,
    Opportunity,
    OpportunityPage,
    StageHistory,
    UpdateOpportunity,
    WinOpportunity,
)
from contracts.opportunity.pipelines import CreatePipeline, GetPipeline, ListPipelines, Pipeline, PipelineList
from gateway.routing import Api
from servicekit.rpc import call

api = Api("opportunities")


@api.get("/v1/pipelines")
def list_pipelines(request: ListPipelines) -> PipelineList:
    """The pipelines with their stages."""
    return call(request)


@api.post("/v1/pipelines", status=201)
def create_pipeline(request: CreatePipeline) -> Pipeline:
    """Add a pipeline."""
    return call(request)


@api.get("/v1/pipelines/{pipeline_id}")
def get_pipeline(request: GetPipeline) -> Pipeline:
    """One pipeline with its stages."""
    return call(request)


@api.get("/v1/opportunities")
def list_opportunities(request: ListOpportunities) -> OpportunityPage:
    """Find opportunities."""
    return call(request)


@api.post("/v1/opportunities", status=201)
def create_opportunity(request: CreateOpportunity) -> Opportunity:
    """Open an opportunity."""
    return call(request)


@api.get("/v1/opportunities/{opportunity_id}")
def get_opportunity(request: GetOpportunity) -> Opportunity:
    """One opportunity."""
    return call(request)


@api.patch("/v1/opportunities/{opportunity_id}")
def update_opportunity(request: UpdateOpportunity) -> Opportunity:
    """Change an opportunity."""
    return call(request)


@api.get("/v1/opportunities/{opportunity_id}/stage-changes")
def list_stage_history(request: ListStageHistory) -> StageHistory:
    """The stages an opportunity stood in."""
    return call(request)


@api.post("/v1/opportunities/{opportunity_id}/stage-changes")
def move_opportunity(request: MoveOpportunity) -> Opportunity:
    """Move an opportunity to another stage."""
    return call(request)


@api.post("/v1/opportunities/{opportunity_id}/wins")
def win_opportunity(request: WinOpportunity) -> Opportunity:
    """Close an opportunity as won."""
    return call(request)


@api.post("/v1/opportunities/{opportunity_id}/losses")
def lose_opportunity(request: LoseOpportunity) -> Opportunity:
    """Close an opportunity as lost."""
    return call(request)
