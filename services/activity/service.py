"""The door of the activity service: the RPCs it answers, the events it hears, the round it makes."""

from contracts.activity import (
    Activity,
    ActivityPage,
    CompleteFollowUp,
    CustomerActivity,
    DescribedTouches,
    DescribeTouches,
    FollowUp,
    FollowUpPage,
    GetActivity,
    GetCustomerActivity,
    GetFollowUp,
    ListActivities,
    ListFollowUps,
    LogActivity,
    ScheduleFollowUp,
)
from contracts.base import Received
from contracts.customer.customers import CustomerCreated, CustomerUpdated
from contracts.customer.deletion import CustomerDeleted, CustomerRestored
from contracts.customer.facts import ListCustomerFacts
from contracts.customer.merges import CustomerMerged, CustomerUnmerged
from contracts.identity.users import ListUserFacts, UserCreated, UserUpdated
from contracts.pool.facts import ListHoldingFacts, ListPoolFacts
from contracts.pool.moves import MOVES, Moved
from contracts.pool.pools import PoolCreated, PoolUpdated
from servicekit.events import on
from servicekit.projections import Projection
from servicekit.rpc import answers
from servicekit.service import Service
from servicekit.timers import every
from services.activity.operations import activities, follow_ups, known, standing


class ActivityService(Service):
    """Recorded touches, planned next touches, and the reminders of them."""

    name = "activity"
    projections = {  # noqa: RUF012  named once, changed by nobody
        "users": Projection(ListUserFacts, known.keep_user_facts),
        "customers": Projection(ListCustomerFacts, known.keep_customer_facts),
        "holders": Projection(ListHoldingFacts, known.keep_holder_facts),
        "pools": Projection(ListPoolFacts, known.keep_pool_facts),
    }

    @answers(LogActivity)
    def log_activity(self, request: LogActivity) -> Activity:
        """Record a touch, and plan the next one with it."""
        return activities.log(self.db, request)

    @answers(GetActivity)
    def get_activity(self, request: GetActivity) -> Activity:
        """One activity."""
        return activities.get(self.db, request)

    @answers(ListActivities)
    def list_activities(self, request: ListActivities) -> ActivityPage:
        """Activities, latest first."""
        return activities.list_activities(self.db, request)

    @answers(ScheduleFollowUp)
    def schedule_follow_up(self, request: ScheduleFollowUp) -> FollowUp:
        """Plan a next touch."""
        return follow_ups.schedule(self.db, request)

    @answers(GetFollowUp)
    def get_follow_up(self, request: GetFollowUp) -> FollowUp:
        """One follow-up."""
        return follow_ups.get_follow_up(self.db, request)

    @answers(CompleteFollowUp)
    def complete_follow_up(self, request: CompleteFollowUp) -> FollowUp:
        """Mark a planned touch as done."""
        return follow_ups.complete(self.db, request)

    @answers(ListFollowUps)
    def list_follow_ups(self, request: ListFollowUps) -> FollowUpPage:
        """Follow-ups, soonest first."""
        return follow_ups.list_follow_ups(self.db, request)

    @answers(GetCustomerActivity)
    def get_customer_activity(self, request: GetCustomerActivity) -> CustomerActivity:
        """The activities' part of the 360 view."""
        return activities.customer_activity(self.db, request)

    @answers(DescribeTouches)
    def describe_touches(self, request: DescribeTouches) -> DescribedTouches:
        """When customers were last touched, for the pool service's rules."""
        return activities.describe_touches(self.db, request)

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
        standing.follow_merge(self.db, event)

    @on(CustomerDeleted, CustomerRestored)
    def follow_deletion(self, event: Received[CustomerDeleted] | Received[CustomerRestored]) -> None:
        """Hide what hangs from a deleted customer."""
        standing.follow_deletion(self.db, event)

    @every(seconds=0.5)
    def send_due_reminders(self) -> bool:
        """Announce the reminders whose moment has come."""
        return follow_ups.send_due_reminders(self.db)
