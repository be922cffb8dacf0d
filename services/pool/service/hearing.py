"""A part of the pool service's door. What is heard of other services."""

from contracts.activity import ActivityLogged
from contracts.base import Received
from contracts.customer.customers import CustomerCreated, CustomerUpdated
from contracts.customer.deletion import CustomerDeleted, CustomerRestored
from contracts.customer.merges import CustomerMerged, CustomerUnmerged
from contracts.identity.users import UserCreated, UserUpdated
from contracts.opportunity.opportunities import OpportunityLost, OpportunityOpened, OpportunityUpdated, OpportunityWon
from servicekit.events import on
from servicekit.service import Service
from services.pool.operations import known, reviews, standing

_OnSale = (
    Received[OpportunityOpened] | Received[OpportunityUpdated] | Received[OpportunityWon] | Received[OpportunityLost]
)


class Hearing(Service):
    """What is heard of other services."""

    @on(CustomerCreated)
    def hold_new_customer(self, event: Received[CustomerCreated]) -> None:
        """Begin its life in the hands it was created for."""
        known.hold_new_customer(self.db, event)

    @on(CustomerUpdated)
    def keep_customer_name(self, event: Received[CustomerUpdated]) -> None:
        """Show it by its present name."""
        known.keep_customer_name(self.db, event)

    @on(UserCreated, UserUpdated)
    def keep_user(self, event: Received[UserCreated] | Received[UserUpdated]) -> None:
        """Know people's names and departments."""
        known.keep_user(self.db, event)

    @on(CustomerMerged, CustomerUnmerged)
    def follow_merge(self, event: Received[CustomerMerged] | Received[CustomerUnmerged]) -> None:
        """Let the loser's holding rest, or go on again."""
        standing.follow_merge(self.db, event)

    @on(CustomerDeleted, CustomerRestored)
    def follow_deletion(self, event: Received[CustomerDeleted] | Received[CustomerRestored]) -> None:
        """Let a deleted customer's holding rest."""
        standing.follow_deletion(self.db, event)

    @on(ActivityLogged)
    def review_touched(self, event: Received[ActivityLogged]) -> None:
        """Look again at the deadline of who was touched."""
        reviews.review_soon(self.db, [event.data.customer_id])

    @on(OpportunityWon)
    def keep_purchase(self, event: Received[OpportunityWon]) -> None:
        """Know who has bought."""
        known.keep_purchase(self.db, event)

    @on(OpportunityOpened, OpportunityUpdated, OpportunityWon, OpportunityLost)
    def review_sold_to(self, event: _OnSale) -> None:
        """Look again at the deadline of who something is sold to."""
        if event.data.customer_id is not None:
            reviews.review_soon(self.db, [event.data.customer_id])
