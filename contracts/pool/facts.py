"""What other services keep of pools and holdings."""

from uuid import UUID

from contracts.audiences import Audience
from contracts.base import FactsPage, ListFacts
from contracts.values import Value


class PoolFacts(Value):
    """What other services keep of a pool; `sequence` is that of the pool's latest event."""

    id: UUID
    name: str
    open_to: Audience = Audience()
    administrators: list[UUID] = []
    sequence: int


class PoolFactsPage(FactsPage[PoolFacts]):
    """A page of the facts of pools, by id."""


class ListPoolFacts(ListFacts[PoolFactsPage], to="pool"):
    """The facts of all pools, for services that fill their copies anew. NotPermitted: auth.services_only."""


class HoldingFacts(Value):
    """What other services keep of a holding; `sequence` is that of its latest event, 0 before the first move."""

    customer_id: UUID
    owner_id: UUID | None
    pool_id: UUID | None
    sequence: int


class HoldingFactsPage(FactsPage[HoldingFacts]):
    """A page of the facts of holdings, by customer."""


class ListHoldingFacts(ListFacts[HoldingFactsPage], to="pool"):
    """Who holds each customer, for services that fill their copies anew. NotPermitted: auth.services_only."""
