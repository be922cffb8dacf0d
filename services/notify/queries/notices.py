"""What is read of notices; each SELECT is about one person's own."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from contracts.notify import ListNotices
from servicekit import paging
from services.notify.models import Notice, User


def user(db: Session, user_id: UUID) -> User | None:
    """What is known of a person."""
    return db.get(User, user_id)


def notices_page(db: Session, user_id: UUID, asked: ListNotices) -> tuple[list[Notice], str | None, int | None]:
    """A page of a person's notices, the cursor of the next one, and how many all pages have if that was asked."""
    statement = select(Notice).where(Notice.user_id == user_id)
    if asked.unread is not None:
        statement = statement.where(_unread() if asked.unread else Notice.read_at.is_not(None))
    if asked.kind is not None:
        statement = statement.where(Notice.kind == asked.kind)
    rows, next_cursor = paging.page(
        db, statement, Notice.created_at, Notice.id, limit=asked.limit, cursor=asked.cursor, descending=True
    )
    total = paging.total(db, statement) if asked.count else None
    return [row[0] for row in rows], next_cursor, total


def count_unread(db: Session, user_id: UUID) -> int:
    """How many of a person's notices are unread."""
    return db.scalar(select(func.count()).select_from(Notice).where(Notice.user_id == user_id, _unread())) or 0


def unread_among(user_id: UUID, notice_ids: Sequence[UUID]) -> Select[UUID]:
    """Those of these notices that are the person's own and unread, locked in one order, so that two can't deadlock."""
    own = select(Notice.id).where(Notice.user_id == user_id, Notice.id.in_(notice_ids), _unread())
    return own.order_by(Notice.id).with_for_update()


def _unread() -> ColumnElement[bool]:
    return Notice.read_at.is_(None)
