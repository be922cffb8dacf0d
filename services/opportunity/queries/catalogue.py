"""Pipelines with their stages, and products."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contracts.errors import NotFound
from contracts.opportunity.pipelines import Pipeline, PipelineList, Stage
from contracts.opportunity.products import ListProducts, Product, ProductPage
from contracts.values import Money
from servicekit.paging import page, total
from services.opportunity import models
from services.opportunity.rules.imports import Choice
from services.opportunity.rules.opportunities import MOST_PIPELINES


def pipelines(db: Session) -> PipelineList:
    """All pipelines with their stages, by name."""
    found = db.scalars(select(models.Pipeline).order_by(models.Pipeline.name).limit(MOST_PIPELINES)).all()
    of = models.Stage.pipeline_id.in_([pipeline.id for pipeline in found])
    stages: dict[UUID, list[models.Stage]] = {pipeline.id: [] for pipeline in found}
    for stage in db.scalars(select(models.Stage).where(of).order_by(models.Stage.position)):
        stages[stage.pipeline_id].append(stage)
    return PipelineList(items=[as_pipeline(pipeline, stages[pipeline.id]) for pipeline in found])


def pipeline(db: Session, pipeline_id: UUID) -> Pipeline:
    """One pipeline with its stages. NotFound: pipeline.not_found."""
    steps = stages(db, pipeline_id)
    return as_pipeline(db.get_one(models.Pipeline, pipeline_id), steps)


def count_pipelines(db: Session) -> int:
    """How many there are."""
    return db.scalar(select(func.count()).select_from(models.Pipeline)) or 0


def stages(db: Session, pipeline_id: UUID | None) -> Sequence[models.Stage]:
    """The stages of a pipeline, or of the default one, in order. NotFound: pipeline.not_found."""
    chosen = models.Pipeline.is_default if pipeline_id is None else models.Pipeline.id == pipeline_id
    statement = select(models.Stage).join(models.Pipeline, models.Pipeline.id == models.Stage.pipeline_id)
    found = db.scalars(statement.where(chosen).order_by(models.Stage.position)).all()
    if not found:
        raise NotFound("pipeline.not_found", "There is no such pipeline.")
    return found


def products(db: Session, request: ListProducts) -> ProductPage:
    """A page of the catalogue, by name."""
    key = models.Product
    asked = select(key)
    if request.q is not None:
        asked = asked.where(key.name.icontains(request.q, autoescape=True))
    rows, next_cursor = page(db, asked, key.name, key.id, limit=request.limit, cursor=request.cursor)
    return ProductPage(
        items=[as_product(row[0]) for row in rows],
        next_cursor=next_cursor,
        total=total(db, asked) if request.count else None,
    )


def product(db: Session, product_id: UUID) -> Product:
    """One product. NotFound: product.not_found."""
    found = db.get(models.Product, product_id)
    if found is None:
        raise _no_product()
    return as_product(found)


def product_name(db: Session, product_id: UUID) -> str:
    """What a product is called. NotFound: product.not_found."""
    name = db.scalar(select(models.Product.name).where(models.Product.id == product_id))
    if name is None:
        raise _no_product()
    return name


def products_named(db: Session, folded_names: Collection[str]) -> list[Choice]:
    """The products of these names."""
    key = models.Product
    rows = db.execute(select(key.id, key.name).where(key.folded_name.in_(folded_names)))
    return [Choice(*row) for row in rows]


def as_pipeline(record: models.Pipeline, stages: Sequence[models.Stage]) -> Pipeline:
    """A pipeline with its stages."""
    return Pipeline(
        id=record.id,
        name=record.name,
        default=record.is_default,
        stages=[as_stage(stage) for stage in stages],
        version=record.version,
    )


def as_stage(record: models.Stage) -> Stage:
    """A stage."""
    return Stage(id=record.id, name=record.name, position=record.position, probability=record.probability)


def as_product(record: models.Product) -> Product:
    """A product with its price."""
    price = Money(amount=record.price, currency=record.currency)
    return Product(id=record.id, name=record.name, series=record.series, price=price, version=record.version)


def _no_product() -> NotFound:
    return NotFound("product.not_found", "There is no such product.")
