"""A part of the customer service's door. What is heard of other services."""

from contracts.activity import ActivityLogged
from contracts.base import Received
from contracts.identity.users import UserCreated, UserUpdated
from contracts.opportunity.opportunities import OpportunityLost, OpportunityOpened, OpportunityUpdated, OpportunityWon
from contracts.pool.assignments import HoldingTransferred
from contracts.pool.claims import HoldingClaimed
from contracts.pool.holdings import HoldingAssigned, HoldingReleased
from contracts.pool.pools import PoolCreated, PoolUpdated
from contracts.pool.rules import HoldingReclaimed
from servicekit.events import on
from servicekit.service import Service
from services.customer.operations import collaborators, figures, others, scores


class Hearing(Service):
    """What is heard of other services."""

    @on(UserCreated, UserUpdated)
    def keep_user(self, event: Received[UserCreated]) -> None:
        others.keep_user(self.db, event)

    @on(PoolCreated, PoolUpdated)
    def keep_pool(self, event: Received[PoolCreated] | Received[PoolUpdated]) -> None:
        others.keep_pool(self.db, event)

    @on(HoldingClaimed)
    def follow_claim(self, event: Received[HoldingClaimed]) -> None:
        others.follow_move(self.db, event)

    @on(HoldingReleased, HoldingReclaimed)
    def follow_release(self, event: Received[HoldingReleased] | Received[HoldingReclaimed]) -> None:
        others.follow_move(self.db, event)

    @on(OpportunityOpened, OpportunityUpdated, OpportunityWon)
    def keep_opportunity(self, event: figures.Told) -> None:
        figures.keep_opportunity(self.db, event)

    @on(OpportunityLost)
    def keep_loss(self, event: Received[OpportunityLost]) -> None:
        figures.keep_loss(self.db, event)

    @on(ActivityLogged)
    def keep_touch(self, event: Received[ActivityLogged]) -> None:
        figures.keep_touch(self.db, event)

    @on(ActivityLogged)
    def score_activity(self, event: Received[ActivityLogged]) -> None:
        scores.follow_activity(self.db, event)

    @on(HoldingTransferred)
    def follow_transfer(self, event: Received[HoldingTransferred]) -> None:
        others.follow_move(self.db, event)
        collaborators.keep_former_owner(self.db, event)

    @on(HoldingAssigned)
    def follow_assignment(self, event: Received[HoldingAssigned]) -> None:
        others.follow_move(self.db, event)
