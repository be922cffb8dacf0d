"""The tables: notices; beside them what is known of the people who get them, and of customers that were merged."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
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


class Customer(Base):
    """Where a customer that was merged into another one leads, by customer.* events; of others there is no row."""

    __tablename__ = "customers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    merged_into_id: Mapped[UUID | None]
    standing_sequence: Mapped[int] = mapped_column(BigInteger)


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


class Webhook(Base):
    """Where events are posted, and the secrets they are signed with."""

    __tablename__ = "webhooks"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    url: Mapped[str]
    types: Mapped[list[str]]
    secret: Mapped[str]
    former_secret: Mapped[str | None]
    former_until: Mapped[datetime | None]
    active: Mapped[bool]
    disabled_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own shape


class WebhookDelivery(Base):
    """One event on its way to one webhook; a claim moves `next_attempt_at` ahead, so that nobody else takes it."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index(
            "ix_webhook_deliveries_due",
            *("webhook_id", "next_attempt_at", "id"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(None, "webhook_id", "created_at", "id"),
        Index(None, "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event_id: Mapped[UUID]
    type: Mapped[str]
    body: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_answer: Mapped[str]
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
