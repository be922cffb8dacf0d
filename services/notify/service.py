"""The door of the notify service: the events people are told of, and their inbox."""

from contracts.activity import ReminderDue
from contracts.base import Received
from contracts.identity import ListUserFacts, UserCreated, UserUpdated
from contracts.notify import ListNotices, MarkNoticesRead, NoticePage, ReadNotices
from contracts.opportunity import OpportunityLost, OpportunityWon
from contracts.pool import HoldingReleased
from servicekit.events import on
from servicekit.projections import Projection
from servicekit.rpc import answers
from servicekit.service import Service
from services.notify import operations


class NotifyService(Service):
    """What people are told, in their language."""

    name = "notify"
    projections = {"users": Projection(ListUserFacts, operations.keep_user_facts)}  # noqa: RUF012  changed by nobody

    @answers(ListNotices)
    def list_notices(self, request: ListNotices) -> NoticePage:
        return operations.list_notices(self.db, request)

    @answers(MarkNoticesRead)
    def mark_notices_read(self, request: MarkNoticesRead) -> ReadNotices:
        return operations.mark_read(self.db, request)

    @on(UserCreated, UserUpdated)
    def keep_user(self, event: Received[UserCreated] | Received[UserUpdated]) -> None:
        operations.keep_user(self.db, event)

    @on(ReminderDue)
    def remind(self, event: Received[ReminderDue]) -> None:
        operations.remind(self.db, event)

    @on(HoldingReleased)
    def tell_former_owner(self, event: Received[HoldingReleased]) -> None:
        operations.tell_former_owner(self.db, event)

    @on(OpportunityWon)
    def tell_of_win(self, event: Received[OpportunityWon]) -> None:
        operations.tell_of_win(self.db, event)

    @on(OpportunityLost)
    def tell_of_loss(self, event: Received[OpportunityLost]) -> None:
        operations.tell_of_loss(self.db, event)
