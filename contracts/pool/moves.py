"""The ways a customer goes from hand to hand, for services that keep who holds it."""

from typing import NamedTuple
from uuid import UUID

from contracts.base import Received
from contracts.pool.assignments import HoldingTransferred
from contracts.pool.claims import HoldingClaimed
from contracts.pool.holdings import HoldingAssigned, HoldingReleased
from contracts.pool.rules import HoldingReclaimed

HoldingMoved = HoldingClaimed | HoldingReleased | HoldingAssigned | HoldingTransferred | HoldingReclaimed
"""Any event after which somebody else holds a customer; `Moved` is such a one as it is received."""
Moved = (
    Received[HoldingClaimed]
    | Received[HoldingReleased]
    | Received[HoldingAssigned]
    | Received[HoldingTransferred]
    | Received[HoldingReclaimed]
)
MOVES = (HoldingClaimed, HoldingReleased, HoldingAssigned, HoldingTransferred, HoldingReclaimed)


class Holder(NamedTuple):
    """Who holds a customer: exactly one of them is set."""

    owner_id: UUID | None
    pool_id: UUID | None


def holder_after(moved: HoldingMoved) -> Holder:
    """Who holds the customer now."""
    if isinstance(moved, HoldingClaimed | HoldingTransferred):
        return Holder(moved.owner_id, None)
    if isinstance(moved, HoldingAssigned):
        return Holder(moved.owner_id, moved.pool_id)
    return Holder(None, moved.pool_id)
