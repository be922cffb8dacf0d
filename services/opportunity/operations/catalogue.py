"""Pipelines and products: list them, add one."""

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as insert_unless_there
from sqlalchemy.orm import Session

from contracts.errors import Conflict
from contracts.opportunity.pipelines import CreatePipeline, GetPipeline, Pipeline, PipelineList, Stage
from contracts.opportunity.products import CreateProduct, GetProduct, ListProducts, Product, ProductPage
from servicekit import clock
from servicekit.context import caller
from servicekit.database import new_id
from services.opportunity import models
from services.opportunity.queries import catalogue as queries
from services.opportunity.rules import opportunities as rules
from services.opportunity.rules import rights
from services.opportunity.rules.names import fold


def list_pipelines(db: Session) -> PipelineList:
    """All pipelines."""
    return queries.pipelines(db)


def get_pipeline(db: Session, request: GetPipeline) -> Pipeline:
    """One pipeline."""
    return queries.pipeline(db, request.pipeline_id)


def create_pipeline(db: Session, request: CreatePipeline) -> Pipeline:
    """Add a pipeline with its stages."""
    rights.require_pipeline_builder(caller().role)
    rules.check_stage_names(stage.name for stage in request.stages)
    rules.check_room(queries.count_pipelines(db))
    pipeline = Pipeline(
        id=new_id(),
        name=request.name,
        default=False,
        stages=[
            Stage(id=new_id(), position=nth, **new.model_dump()) for nth, new in enumerate(request.stages, start=1)
        ],
        version=1,
    )
    values = {"id": pipeline.id, "name": pipeline.name, "is_default": False, "version": pipeline.version}
    added = insert_unless_there(models.Pipeline).values(
        **values, folded_name=fold(pipeline.name), created_at=clock.now()
    )
    if not db.execute(added.on_conflict_do_nothing().returning(models.Pipeline.id)).all():
        raise Conflict("pipeline.name_taken", "There is a pipeline of this name already.")
    db.execute(insert(models.Stage), [{"pipeline_id": pipeline.id, **stage.model_dump()} for stage in pipeline.stages])
    return pipeline


def list_products(db: Session, request: ListProducts) -> ProductPage:
    """A page of the catalogue."""
    return queries.products(db, request)


def get_product(db: Session, request: GetProduct) -> Product:
    """One product."""
    return queries.product(db, request.product_id)


def create_product(db: Session, request: CreateProduct) -> Product:
    """Add a product."""
    rights.require_catalogue_editor(caller().role)
    rules.check_amount(request.price, "price")
    product = Product(id=new_id(), **dict(request), version=1)
    values = {"id": product.id, "name": product.name, "series": product.series, "version": product.version}
    price = {"price": product.price.amount, "currency": product.price.currency}
    added = insert_unless_there(models.Product).values(
        **values, **price, folded_name=fold(product.name), created_at=clock.now()
    )
    if not db.execute(added.on_conflict_do_nothing().returning(models.Product.id)).all():
        raise Conflict("product.name_taken", "There is a product of this name already.")
    return product
