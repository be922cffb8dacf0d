"""What other services copy of pools and holdings."""

from sqlalchemy.orm import Session

from contracts.pool.facts import HoldingFactsPage, ListHoldingFacts, ListPoolFacts, PoolFactsPage
from servicekit.operators import require_process
from services.pool.queries import facts as queries


def list_pool_facts(db: Session, request: ListPoolFacts) -> PoolFactsPage:
    """What the other services keep of pools, page by page."""
    require_process()
    return queries.pool_facts(db, request)


def list_holding_facts(db: Session, request: ListHoldingFacts) -> HoldingFactsPage:
    """What the other services keep of holdings, page by page."""
    require_process()
    return queries.holding_facts(db, request)
