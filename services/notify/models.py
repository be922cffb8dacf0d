"""The tables: notices; beside them what is known of the people who get them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from servicekit.database import COLUMN_TYPES, new_metadata


class Base(DeclarativeBase):
    """The notify service's own tables."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


class User(Base):
    """What user.* events tell of a person, with what it takes to speak to them."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    department_id: Mapped[UUID | None]
    language: Mapped[str]
    time_zone: Mapped[str]
    active: Mapped[bool]
    sequence: Mapped[int] = mapped_column(BigInteger)


class Notice(Base):
    """What one person was told of one event over one channel, in the words they read."""

    __tablename__ = "notices"
    __table_args__ = (
        # However often an event comes, also by a replay that the inbox has forgotten, nobody is told twice.
        UniqueConstraint("event_id", "user_id", "channel"),
        Index(None, "user_id", "created_at", "id"),
        Index(
            "ix_notices_unread_user_id_created_at_id",
            *("user_id", "created_at", "id"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID]
    user_id: Mapped[UUID]
    channel: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    link: Mapped[str]
    customer_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
