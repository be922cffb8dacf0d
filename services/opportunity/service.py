"""The door of the opportunity service: the RPCs it answers and the events it hears."""

from contracts.base import Received
from contracts.customer.customers import CustomerCreated, CustomerUpdated
from contracts.customer.deletion import CustomerDeleted, CustomerRestored
from contracts.customer.facts import ListCustomerFacts
from contracts.customer.merges import CustomerMerged, CustomerUnmerged
from contracts.identity.users import ListUserFacts, UserCreated, UserUpdated
from contracts.opportunity.imports import ImportOpportunities
from contracts.opportunity.opportunities import (
    CreateOpportunity,
    CustomerOpportunities,
    GetCustomerOpportunities,
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
from contracts.opportunity.products import CreateProduct, GetProduct, ListProducts, Product, ProductPage
from contracts.opportunity.reports import Funnel, GetFunnel
from contracts.opportunity.sales import DescribedSales, DescribeSales
from contracts.pool.facts import ListHoldingFacts, ListPoolFacts
from contracts.pool.moves import MOVES, Moved
from contracts.pool.pools import PoolCreated, PoolUpdated
from contracts.values import ImportResult
from servicekit.events import on
from servicekit.projections import Projection
from servicekit.rpc import answers
from servicekit.service import Service
from services.opportunity.operations import catalogue, imports, known, moves, opportunities, sales


class OpportunityService(Service):
    """Pipelines and products, opportunities and their way to being won or lost, the funnel."""

    name = "opportunity"
    projections = {  # noqa: RUF012  named once, changed by nobody
        "users": Projection(ListUserFacts, known.keep_user_facts),
        "customers": Projection(ListCustomerFacts, known.keep_customer_facts),
        "holders": Projection(ListHoldingFacts, known.keep_holder_facts),
        "pools": Projection(ListPoolFacts, known.keep_pool_facts),
    }

    @answers(ListPipelines)
    def list_pipelines(self, _request: ListPipelines) -> PipelineList:
        """The pipelines with their stages."""
        return catalogue.list_pipelines(self.db)

    @answers(GetPipeline)
    def get_pipeline(self, request: GetPipeline) -> Pipeline:
        """One pipeline."""
        return catalogue.get_pipeline(self.db, request)

    @answers(CreatePipeline)
    def create_pipeline(self, request: CreatePipeline) -> Pipeline:
        """Add a pipeline."""
        return catalogue.create_pipeline(self.db, request)

    @answers(ListProducts)
    def list_products(self, request: ListProducts) -> ProductPage:
        """The catalogue."""
        return catalogue.list_products(self.db, request)

    @answers(GetProduct)
    def get_product(self, request: GetProduct) -> Product:
        """One product."""
        return catalogue.get_product(self.db, request)

    @answers(CreateProduct)
    def create_product(self, request: CreateProduct) -> Product:
        """Add a product."""
        return catalogue.create_product(self.db, request)

    @answers(CreateOpportunity)
    def create_opportunity(self, request: CreateOpportunity) -> Opportunity:
        """Open an opportunity."""
        return opportunities.create(self.db, request)

    @answers(GetOpportunity)
    def get_opportunity(self, request: GetOpportunity) -> Opportunity:
        """One opportunity."""
        return opportunities.get(self.db, request)

    @answers(UpdateOpportunity)
    def update_opportunity(self, request: UpdateOpportunity) -> Opportunity:
        """Change an opportunity."""
        return opportunities.update(self.db, request)

    @answers(ListOpportunities)
    def list_opportunities(self, request: ListOpportunities) -> OpportunityPage:
        """Opportunities, found and sorted."""
        return opportunities.list_opportunities(self.db, request)

    @answers(MoveOpportunity)
    def move_opportunity(self, request: MoveOpportunity) -> Opportunity:
        """Move an opportunity to another stage."""
        return moves.move(self.db, request)

    @answers(WinOpportunity)
    def win_opportunity(self, request: WinOpportunity) -> Opportunity:
        """Close as won."""
        return moves.win(self.db, request)

    @answers(LoseOpportunity)
    def lose_opportunity(self, request: LoseOpportunity) -> Opportunity:
        """Close as lost."""
        return moves.lose(self.db, request)

    @answers(ListStageHistory)
    def list_stage_history(self, request: ListStageHistory) -> StageHistory:
        """The way of an opportunity."""
        return opportunities.list_stage_history(self.db, request)

    @answers(GetCustomerOpportunities)
    def get_customer_opportunities(self, request: GetCustomerOpportunities) -> CustomerOpportunities:
        """The opportunities' part of the 360 view."""
        return opportunities.customer_opportunities(self.db, request)

    @answers(GetFunnel)
    def get_funnel(self, request: GetFunnel) -> Funnel:
        """The funnel of a pipeline."""
        return opportunities.get_funnel(self.db, request)

    @answers(ImportOpportunities)
    def import_opportunities(self, request: ImportOpportunities) -> ImportResult:
        """Take in many opportunities."""
        return imports.import_opportunities(self.db, request)

    @answers(DescribeSales)
    def describe_sales(self, request: DescribeSales) -> DescribedSales:
        """How the opportunities with customers stand, for the pool service's rules."""
        return sales.describe_sales(self.db, request)

    @on(UserCreated, UserUpdated)
    def keep_user(self, event: Received[UserCreated] | Received[UserUpdated]) -> None:
        """Know people by name and department."""
        known.keep_user(self.db, event)

    @on(CustomerCreated, CustomerUpdated)
    def keep_customer(self, event: Received[CustomerCreated] | Received[CustomerUpdated]) -> None:
        """Know customers by name."""
        known.keep_customer(self.db, event)

    @on(PoolCreated, PoolUpdated)
    def keep_pool(self, event: Received[PoolCreated] | Received[PoolUpdated]) -> None:
        """Know whom pools are open to."""
        known.keep_pool(self.db, event)

    @on(*MOVES)
    def keep_holder(self, event: Moved) -> None:
        """Know who holds each customer."""
        known.keep_holder(self.db, event)

    @on(CustomerMerged, CustomerUnmerged)
    def follow_merge(self, event: Received[CustomerMerged] | Received[CustomerUnmerged]) -> None:
        """Move what hangs from the loser, and back."""
        known.follow_merge(self.db, event)

    @on(CustomerDeleted, CustomerRestored)
    def follow_deletion(self, event: Received[CustomerDeleted] | Received[CustomerRestored]) -> None:
        """Hide what hangs from a deleted customer."""
        known.follow_deletion(self.db, event)
