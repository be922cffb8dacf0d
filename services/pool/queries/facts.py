"""What other services keep of pools and holdings."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from contracts.audiences import Audience
from contracts.pool.facts import (
    HoldingFacts,
    HoldingFactsPage,
    ListHoldingFacts,
    ListPoolFacts,
    PoolFacts,
    PoolFactsPage,
)
from servicekit.paging import page
from servicekit.projections import latest_sequence
from services.pool import models


def pool_facts(db: Session, request: ListPoolFacts) -> PoolFactsPage:
    """What other services keep of pools, page by page."""
    statement = select(models.Pool, latest_sequence(models.Pool.id))
    rows, next_cursor = page(db, statement, models.Pool.id, limit=request.limit, cursor=request.cursor)
    items = [
        PoolFacts(
            id=pool.id,
            name=pool.name,
            open_to=Audience.model_validate(pool.open_to),
            administrators=pool.administrators,
            sequence=sequence,
        )
        for pool, sequence in rows
    ]
    return PoolFactsPage(items=items, next_cursor=next_cursor)


def holding_facts(db: Session, request: ListHoldingFacts) -> HoldingFactsPage:
    """What other services keep of holdings, page by page."""
    held = models.Holding
    statement = select(held, latest_sequence(held.customer_id))
    rows, next_cursor = page(db, statement, held.customer_id, limit=request.limit, cursor=request.cursor)
    items = [
        HoldingFacts(customer_id=row.customer_id, owner_id=row.owner_id, pool_id=row.pool_id, sequence=sequence)
        for row, sequence in rows
    ]
    return HoldingFactsPage(items=items, next_cursor=next_cursor)
