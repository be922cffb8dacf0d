"""The tables: activities, follow-ups and their reminders; beside them what is known of users and customers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Index, Integer, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from servicekit.database import COLUMN_TYPES, new_metadata


class Base(DeclarativeBase):
    """The activity service's own tables."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


class User(Base):
    """What user.* events tell of a person."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    department_id: Mapped[UUID | None] = mapped_column(index=True)
    active: Mapped[bool]
    sequence: Mapped[int] = mapped_column(BigInteger)


class Customer(Base):
    """What is known of a customer from two sources, each with its own sequence: customer.* and holding.* events.

    Whether it is there at all has a third one, so that news of a merge and of a name may come in any order.
    """

    __tablename__ = "customers"
    __table_args__ = (
        Index(None, "readers", postgresql_using="gin"),
        Index(None, "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(server_default="")
    lifecycle: Mapped[str] = mapped_column(server_default="lead")
    sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    readers: Mapped[list[UUID]] = mapped_column(server_default="{}")
    editors: Mapped[list[UUID]] = mapped_column(server_default="{}")
    """Collaborators, by customer.updated; who edits reads too."""
    owner_id: Mapped[UUID | None]
    pool_id: Mapped[UUID | None]
    holding_sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    merged_into_id: Mapped[UUID | None]
    deleted: Mapped[bool] = mapped_column(server_default="false")
    standing_sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """That of the latest event about merges and deletion."""


class Pool(Base):
    """Whom a pool is open to, by pool.* events; one that is not known is open to everybody."""

    __tablename__ = "pools"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    audience: Mapped[list[str]] = mapped_column(server_default="{}")
    """As marks; empty for everybody."""
    sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")


class Activity(Base):
    """A recorded touch."""

    __tablename__ = "activities"
    __table_args__ = (
        Index(None, "occurred_at", "id"),
        Index(None, "customer_id", "occurred_at", "id"),
        Index(None, "merged_from_id", postgresql_where=text("merged_from_id IS NOT NULL")),
        Index(None, "owner_id", "occurred_at", "id"),
        Index(None, "kind", "occurred_at", "id"),
        Index(None, "updated_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    merged_from_id: Mapped[UUID | None]
    """The customer that was touched, where merges moved this from there."""
    contact_id: Mapped[UUID | None]
    opportunity_id: Mapped[UUID | None]
    owner_id: Mapped[UUID]
    kind: Mapped[str]
    direction: Mapped[str | None]
    occurred_at: Mapped[datetime]
    back_dated: Mapped[bool]
    duration_minutes: Mapped[int | None]
    content: Mapped[str]
    outcome: Mapped[str | None]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it once, nobody changes it


class FollowUp(Base):
    """A planned next touch; it is done when `done_at` is set."""

    __tablename__ = "follow_ups"
    # Nearly all are done sooner or later; the lists people look at are of those that are not.
    __table_args__ = (
        Index(None, "due_at", "id"),
        Index(None, "customer_id", "due_at", "id"),
        Index(None, "merged_from_id", postgresql_where=text("merged_from_id IS NOT NULL")),
        Index(None, "owner_id", "due_at", "id"),
        Index("ix_follow_ups_planned_due_at_id", "due_at", "id", postgresql_where=text("done_at IS NULL")),
        Index(
            "ix_follow_ups_planned_owner_id_due_at_id",
            "owner_id",
            "due_at",
            "id",
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    merged_from_id: Mapped[UUID | None]
    """The customer that it was planned for, where merges moved it from there."""
    owner_id: Mapped[UUID]
    due_at: Mapped[datetime]
    note: Mapped[str]
    remind_before_minutes: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    done_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    reminders: Mapped[list["Reminder"]] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it once, nobody changes it


class Reminder(Base):
    """One moment at which a follow-up is announced, once; unsent ones vanish when the follow-up is done."""

    __tablename__ = "reminders"
    __table_args__ = (
        # The sweep reads this index twice a second: its size is what is to come, not what ever was.
        Index("ix_reminders_unsent_remind_at", "remind_at", postgresql_where=text("sent_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    follow_up_id: Mapped[UUID] = mapped_column(ForeignKey("follow_ups.id", ondelete="CASCADE"), index=True)
    remind_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
