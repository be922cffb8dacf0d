"""What the tests of the notify service do: hear events, read inboxes, stand in for whoever knows people."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy
from eventlet.event import Event as Answer
from sqlalchemy.orm import Session
from typing_extensions import override

from contracts.activity import ReminderDue
from contracts.base import Event, Received
from contracts.identity.departments import DescribedManagers, DescribeManagers, PersonManager
from contracts.identity.users import DescribedUsers, DescribeUsers, Language, User, UserCreated, UserUpdated
from contracts.notify import ListNotices, MarkNoticesRead, NoticePage
from contracts.opportunity.opportunities import OpportunityLost, OpportunityWon
from contracts.pool.holdings import HoldingReleased
from contracts.values import Actor, Role
from servicekit import clock
from servicekit.database import Database, new_id
from servicekit.messaging_tables import outbox
from servicekit.rpc.line import Line
from servicekit.rpc.wire import decode_request, encode_reply
from servicekit.testing import calling, process_named, received, user_of
from services.notify.operations import notices

ACTIVITY = process_named("activity").actor
EVE = user_of(Role.MANAGER, name="Eve Nowak").actor

_HANDLERS: dict[type[Event], Callable[[Session, Received[Any]], None]] = {
    UserCreated: notices.keep_user,
    UserUpdated: notices.keep_user,
    ReminderDue: notices.remind,
    HoldingReleased: notices.tell_former_owner,
    OpportunityWon: notices.tell_of_win,
    OpportunityLost: notices.tell_of_loss,
}


class Post:
    """The operations, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def hear(self, event: Event, *, actor: Actor = EVE, sequence: int = 1) -> Received[Any]:
        """Handle an event that comes for the first time."""
        heard = received(event, actor=actor, sequence=sequence)
        self.hear_again(heard)
        return heard

    def hear_again(self, event: Received[Any]) -> None:
        """Handle this very event, as a replay would bring it."""
        with calling(process_named("notify")), self.database.transaction() as db:
            _HANDLERS[type(event.data)](db, event)

    def know(self, *, language: Language = "en", time_zone: str = "UTC", active: bool = True) -> UUID:
        """Somebody whose user.created was heard."""
        person = new_id()
        self.hear(UserCreated(**facts_of(person, language=language, time_zone=time_zone, active=active)))
        return person

    def remind(self, person: UUID, customer: str = "Acme") -> Received[Any]:
        """A reminder of theirs comes due."""
        return self.hear(reminder_for(person, customer), actor=ACTIVITY)

    def inbox(self, person: UUID, **asked: Any) -> NoticePage:
        """What they read."""
        with calling(user_of(Role.REP, user_id=person)), self.database.transaction() as db:
            return notices.list_notices(db, ListNotices(**asked))

    def mark_read(self, person: UUID, *notice_ids: UUID) -> int:
        """How many they newly read."""
        with calling(user_of(Role.REP, user_id=person)), self.database.transaction() as db:
            return notices.mark_read(db, MarkNoticesRead(notice_ids=list(notice_ids))).read

    def announced(self, notice_id: UUID) -> list[str]:
        """The types of what was told about a notice."""
        with self.database.transaction() as db:
            return list(db.scalars(sqlalchemy.select(outbox.c.topic).where(outbox.c.subject == notice_id)))


class Directory(Line):
    """Answers `identity.describe_users` and `.describe_managers` in the same bytes as the identity service."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.users: list[User] = []
        self.managers: dict[UUID, UUID] = {}
        self.asked = 0

    def add(self, *, language: Language, time_zone: str) -> UUID:
        """A person whose event is still on its way."""
        now = clock.now()
        facts = facts_of(new_id(), language=language, time_zone=time_zone)
        user = User(id=facts.pop("user_id"), email=None, version=1, created_at=now, updated_at=now, **facts)
        self.users.append(user)
        return user.id

    @override
    def send(
        self, service: str, method: str, body: bytes, headers: dict[str, Any], *, seconds: float
    ) -> tuple[str, Answer]:
        """Answer at once."""
        answered = Answer()
        if f"{service}.{method}" == "identity.describe_managers":
            asked = decode_request(DescribeManagers, body).user_ids
            items = [PersonManager(user_id=each, manager_id=self.managers.get(each)) for each in asked]
            answered.send(encode_reply(DescribedManagers(items=items)))
            return "1", answered
        assert f"{service}.{method}" == "identity.describe_users"
        self.asked += 1
        asked = decode_request(DescribeUsers, body).user_ids
        answered.send(encode_reply(DescribedUsers(items=[user for user in self.users if user.id in asked])))
        return "1", answered


def facts_of(person: UUID, *, language: Language, time_zone: str, active: bool = True) -> dict[str, Any]:
    """What user.* events say of somebody."""
    return {
        "user_id": person,
        "name": "ada",
        "full_name": "Ada Lovelace",
        "role": Role.REP,
        "department_id": None,
        "language": language,
        "time_zone": time_zone,
        "active": active,
    }


def reminder_for(person: UUID, customer: str = "Acme") -> ReminderDue:
    """A reminder of a planned touch of a customer."""
    return ReminderDue(
        reminder_id=new_id(),
        follow_up_id=new_id(),
        customer_id=new_id(),
        customer_name=customer,
        owner_id=person,
        due_at=clock.now(),
        note="",
    )
