"""What the notify service does about notices: tell people of events, list what they were told, mark it read."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.activity import ReminderDue
from contracts.base import Event, Received
from contracts.customer.facts import CustomerFacts
from contracts.customer.merges import CustomerMerged, CustomerUnmerged
from contracts.errors import NotFound
from contracts.identity.users import User, UserCreated, UserFacts, UserUpdated
from contracts.notify import ListNotices, MarkNoticesRead, Notice, NoticeDelivered, NoticePage, ReadNotices
from contracts.opportunity.opportunities import OpportunityLost, OpportunityWon
from contracts.pool.assignments import HoldingTransferred
from contracts.pool.holdings import HoldingAssigned, HoldingReleased
from contracts.pool.rules import HoldingReclaimed, HoldingReclaimWarned
from contracts.values import Actor
from servicekit import clock
from servicekit.context import caller
from servicekit.database import new_id
from servicekit.merging import ends
from servicekit.outbox import publish
from servicekit.projections import amend, project
from servicekit.voice import Voice
from services.notify import models, peers, rules, texts
from services.notify.queries import notices as queries
from services.notify.texts import Words

E = TypeVar("E", bound=Event)


def list_notices(db: Session, request: ListNotices) -> NoticePage:
    """A page of the caller's notices."""
    reader = caller().user_id
    notices, next_cursor, total = queries.notices_page(db, reader, request)
    about = ends(db, models.Customer, {each.customer_id for each in notices if each.customer_id is not None})
    items = [_as_notice(each, about) for each in notices]
    unread = queries.count_unread(db, reader)
    return NoticePage(items=items, next_cursor=next_cursor, unread=unread, total=total)


def mark_read(db: Session, request: MarkNoticesRead) -> ReadNotices:
    """Mark some of the caller's notices as read; one that already is keeps its time."""
    unread = queries.unread_among(caller().user_id, request.notice_ids)
    notice = models.Notice
    marked = update(notice).where(notice.id.in_(unread)).values(read_at=clock.now()).returning(notice.id)
    return ReadNotices(read=len(db.scalars(marked).all()))


def keep_user(db: Session, event: Received[UserCreated] | Received[UserUpdated]) -> None:
    """Know how to speak to a person."""
    _keep(db, event.subject, event.data, sequence=event.sequence)


def keep_user_facts(db: Session, facts: UserFacts) -> bool:
    """Know how to speak to a person, as their record says; whether this was news."""
    return _keep(db, facts.id, facts, sequence=facts.sequence)


def keep_customer_facts(db: Session, facts: CustomerFacts) -> bool:
    """Know where a customer leads, as its record says; whether this was news."""
    keep = amend if facts.merged_into_id is None else project
    values = {"merged_into_id": facts.merged_into_id}
    return keep(db, models.Customer, facts.id, sequence={"standing_sequence": facts.sequence}, values=values)


def follow_merge(db: Session, event: Received[CustomerMerged] | Received[CustomerUnmerged]) -> None:
    """Know where a customer leads, now that it is part of another one, or is one by itself again."""
    into = event.data.survivor_id if isinstance(event.data, CustomerMerged) else None
    values = {"merged_into_id": into}
    project(db, models.Customer, event.subject, sequence={"standing_sequence": event.sequence}, values=values)


def tell_of_merge(db: Session, event: Received[CustomerMerged]) -> None:
    """Tell who held a customer that somebody else made it part of another one."""
    merged = event.data
    if merged.loser_owner_id is not None and rules.is_news_to(merged.loser_owner_id, event.actor):
        _tell(db, event, merged.loser_owner_id, customer_id=merged.loser_id, words=texts.customer_merged)


def tell_of_assignment(db: Session, event: Received[HoldingAssigned]) -> None:
    """Tell who has a customer now, and who had it, that somebody else gave it away."""
    given = event.data
    _tell_of_move(db, event, given.owner_id, given.former_owner_id, by=given.assigned_by)


def tell_of_transfer(db: Session, event: Received[HoldingTransferred]) -> None:
    """Tell who has a customer now, and who had it, that somebody else handed it over."""
    _tell_of_move(db, event, event.data.owner_id, event.data.former_owner_id, by=event.actor)


def _tell_of_move(
    db: Session,
    event: Received[Any],
    owner_id: UUID | None,
    former_owner_id: UUID | None,
    *,
    by: Actor,
) -> None:
    for person_id, words in ((owner_id, texts.holding_received), (former_owner_id, texts.holding_given_away)):
        if person_id is not None and rules.is_news_to(person_id, by):
            _tell(db, event, person_id, customer_id=event.data.customer_id, words=words)


def remind(db: Session, event: Received[ReminderDue]) -> None:
    """Tell the one who planned a touch that it comes up."""
    _tell(db, event, event.data.owner_id, customer_id=event.data.customer_id, words=texts.reminder_due)


def tell_former_owner(db: Session, event: Received[HoldingReleased]) -> None:
    """Tell the former owner that somebody else released their customer."""
    released = event.data
    if rules.is_news_to(released.former_owner_id, event.actor):
        _tell(db, event, released.former_owner_id, customer_id=released.customer_id, words=texts.holding_released)


def warn_of_reclaim(db: Session, event: Received[HoldingReclaimWarned]) -> None:
    """Tell the owner, and from the last warning on their manager, that a rule will take a customer."""
    warned = event.data
    _tell(db, event, warned.owner_id, customer_id=warned.customer_id, words=texts.reclaim_near)
    manager_id = peers.manager_of(warned.owner_id) if warned.last else None
    if manager_id is not None:
        owner = _person(db, warned.owner_id).name
        _tell(db, event, manager_id, customer_id=warned.customer_id, words=texts.reclaim_near_for(owner))


def tell_of_reclaim(db: Session, event: Received[HoldingReclaimed]) -> None:
    """Tell the former owner that a rule took their customer."""
    taken = event.data
    _tell(db, event, taken.former_owner_id, customer_id=taken.customer_id, words=texts.reclaimed)


def tell_of_win(db: Session, event: Received[OpportunityWon]) -> None:
    """Tell the owner that somebody else won their opportunity."""
    won = event.data
    if rules.is_news_to(won.owner_id, event.actor) and rules.is_recent(won.closed_on, event.time):
        _tell(db, event, won.owner_id, customer_id=won.customer_id, words=texts.opportunity_won)


def tell_of_loss(db: Session, event: Received[OpportunityLost]) -> None:
    """Tell the owner that somebody else lost their opportunity."""
    lost = event.data
    if rules.is_news_to(lost.owner_id, event.actor) and rules.is_recent(lost.closed_on, event.time):
        _tell(db, event, lost.owner_id, customer_id=lost.customer_id, words=texts.opportunity_lost)


def _tell(
    db: Session,
    event: Received[E],
    person_id: UUID,
    *,
    customer_id: UUID | None,
    words: Callable[[Voice, Received[E]], Words],
) -> None:
    person = _person(db, person_id)
    if not person.active:
        return
    said = words(texts.voice_for(person.language, person.time_zone), event)
    notice = insert(models.Notice).values(
        id=new_id(),
        event_id=event.id,
        user_id=person_id,
        channel=rules.INBOX,
        kind=event.data.topic,
        title=said.title,
        text=said.text,
        link=rules.link_to(customer_id),
        customer_id=customer_id,
        created_at=clock.now(),
    )
    made = db.scalar(notice.on_conflict_do_nothing().returning(models.Notice.id))
    if made is not None:
        publish(db, NoticeDelivered(notice_id=made, user_id=person_id, kind=event.data.topic, channel=rules.INBOX))


def _as_notice(record: models.Notice, about: Mapping[UUID, UUID]) -> Notice:
    """A notice as it is read: about the customer that stands now for the one it was written of."""
    notice = Notice.model_validate(record, from_attributes=True)
    if record.customer_id is None:
        return notice
    customer_id = about.get(record.customer_id, record.customer_id)
    return notice.model_copy(update={"customer_id": customer_id, "link": rules.link_to(customer_id)})


def _person(db: Session, person_id: UUID) -> models.User:
    if known := queries.user(db, person_id):
        return known
    described = peers.describe_user(person_id)
    if described is None:
        raise NotFound("user.not_found", "There is no such user.")
    _keep(db, person_id, described, sequence=0)  # the first event about them is later than this
    return db.get_one(models.User, person_id)


def _keep(db: Session, person_id: UUID, facts: UserCreated | UserUpdated | UserFacts | User, *, sequence: int) -> bool:
    values = {
        "name": facts.full_name,
        "department_id": facts.department_id,
        "language": facts.language,
        "time_zone": facts.time_zone,
        "active": facts.active,
    }
    return project(db, models.User, person_id, sequence={"sequence": sequence}, values=values)
