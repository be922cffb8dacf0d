"""What the notify service answers and announces: notices in people's inboxes."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import Event, Message, Request
from contracts.values import Limit


class Notice(Message):
    """Something a person is told, in their language; `link` is a path in the console."""

    id: UUID
    kind: str
    """The event's type, e.g. `reminder.due`."""
    title: str
    text: str
    link: str
    customer_id: UUID | None
    created_at: datetime
    read_at: datetime | None


class NoticePage(Message):
    """A page of the caller's notices, latest first, and how many of all are unread."""

    items: list[Notice]
    next_cursor: str | None
    unread: int


class ListNotices(Request[NoticePage], to="notify"):
    """The caller's own notices."""

    unread: bool | None = None
    limit: Limit = 50
    cursor: str | None = None


class ReadNotices(Message):
    """How many of the named notices are newly read."""

    read: int


class MarkNoticesRead(Request[ReadNotices], to="notify"):
    """Mark some of the caller's own notices as read; unknown ids are passed over."""

    notice_ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]


class NoticeDelivered(Event, type="notice.delivered", subject="notice_id"):
    """A notice reached a person's inbox."""

    notice_id: UUID
    user_id: UUID
    kind: str
    """The topic of the event it tells of, e.g. `reminder.due`."""
    channel: str
    """The way it went: `inbox`."""
