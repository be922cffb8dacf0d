"""The pool service's tables: pools, who holds each customer now, who held it before, and what it knows of others."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from servicekit.database import COLUMN_TYPES, new_metadata

_ONE_HOLDER = "(owner_id IS NULL) <> (pool_id IS NULL)"


class Base(DeclarativeBase):
    """All tables of this service but the messaging ones."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


class Pool(Base):
    """Customers without an owner, open to a group."""

    __tablename__ = "pools"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    limits: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    claim_order: Mapped[str] = mapped_column(server_default="free_choice")
    open_to: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    administrators: Mapped[list[UUID]] = mapped_column(server_default="{}")
    audience: Mapped[list[str]] = mapped_column(server_default="{}")
    """Both of them as marks; empty for everybody."""
    rules_version: Mapped[int] = mapped_column(server_default="1")
    """That of its reclaim rules."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it once, nobody changes it
    __table_args__ = (Index("uq_pools_lower_name", func.lower(text("name")), unique=True),)


class Customer(Base):
    """What this service knows of a customer, by customer.* events: its name, its collaborators, whether it is there."""

    __tablename__ = "customers"
    __table_args__ = (
        Index(None, "readers", postgresql_using="gin"),
        Index(None, "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(server_default="")
    readers: Mapped[list[UUID]] = mapped_column(server_default="{}")
    """Collaborators, whether they may edit it or not."""
    sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    merged_into_id: Mapped[UUID | None]
    deleted: Mapped[bool] = mapped_column(server_default="false")
    bought: Mapped[bool] = mapped_column(server_default="false")
    """A deal with it was won."""
    standing_sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """That of the latest event about merges and deletion."""


class User(Base):
    """What this service knows of a person, by user.created and .updated."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    department_id: Mapped[UUID | None] = mapped_column(index=True)
    active: Mapped[bool]
    role: Mapped[str | None]
    """None until an event or a rebuild has told it."""
    sequence: Mapped[int] = mapped_column(BigInteger)


class Holding(Base):
    """The present stretch of a customer's life: in whose hands it is since when. One row per customer, for ever."""

    __tablename__ = "holdings"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    number: Mapped[int]
    """Which stretch this is; the first one is 1."""
    owner_id: Mapped[UUID | None]
    pool_id: Mapped[UUID | None] = mapped_column(ForeignKey("pools.id"))
    since: Mapped[datetime]
    began: Mapped[str]
    resting: Mapped[bool] = mapped_column(server_default="false")
    """Its customer was merged into another one, or deleted: nobody sees or moves it until that is undone."""
    merge_id: Mapped[UUID | None]
    """The merge that began this stretch."""
    home_pool_id: Mapped[UUID | None]
    """The pool whose reclaim rules an owner holds it under; none while it is in a pool."""
    reclaim_on: Mapped[date | None]
    """The deadline day, safe to its end; none while no rule would take it."""
    reclaim_rule: Mapped[str | None]
    review_at: Mapped[datetime | None]
    """When the sweep must look at it next."""
    warned_days: Mapped[int | None]
    """The nearest warning of this deadline that was given, in days before it."""
    terms: Mapped[str | None]
    """What the deadline stood on at the last review, besides days."""
    protected_until: Mapped[date | None]
    """The last day on which no rule takes it."""
    not_before: Mapped[date | None]
    """No deadline is before this day, for its owner is yet to be warned."""

    __table_args__ = (
        CheckConstraint(_ONE_HOLDER, name="one_holder"),
        Index(None, "merge_id", postgresql_where=text("merge_id IS NOT NULL")),
        Index(None, "owner_id", "since", "customer_id", postgresql_where=text("owner_id IS NOT NULL")),
        Index(None, "pool_id", "since", "customer_id", postgresql_where=text("pool_id IS NOT NULL")),
        Index(None, "owner_id", "reclaim_on", "customer_id", postgresql_where=text("reclaim_on IS NOT NULL")),
        Index(None, "protected_until", postgresql_where=text("protected_until IS NOT NULL")),
        Index(None, "review_at", postgresql_where=text("review_at IS NOT NULL")),
        Index(None, "home_pool_id", "customer_id", postgresql_where=text("owner_id IS NOT NULL")),
    )


class Claimer(Base):
    """Whoever gives a person a customer holds their row meanwhile, so that what is counted of them stays true."""

    __tablename__ = "claimers"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)


class DailyClaims(Base):
    """How many customers of a pool somebody claimed on one of the company's days."""

    __tablename__ = "daily_claims"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pools.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    spent: Mapped[int]


class RuleSet(Base):
    """A pool's reclaim rules from a day on."""

    __tablename__ = "rule_sets"

    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pools.id"), primary_key=True)
    effective_from: Mapped[date] = mapped_column(primary_key=True)
    rules: Mapped[dict[str, Any]]
    set_by: Mapped[dict[str, Any]]
    set_at: Mapped[datetime]


class Recount(Base):
    """A pool whose rules were changed: the holdings under them are yet to be looked at, those up to a customer are."""

    __tablename__ = "recounts"

    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pools.id"), primary_key=True)
    upto_customer_id: Mapped[UUID | None]


class HoldingSpan(Base):
    """A stretch that is over. Each begins when the one before it ended; the present one goes on from the last."""

    __tablename__ = "holding_spans"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("holdings.customer_id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID | None]
    pool_id: Mapped[UUID | None]
    since: Mapped[datetime]
    until: Mapped[datetime]
    began: Mapped[str]
    ended: Mapped[str]
    reason: Mapped[str]
    note: Mapped[str]
    reasoning: Mapped[dict[str, Any] | None]
    """Why a rule ended it, in words by language."""

    __table_args__ = (
        CheckConstraint(_ONE_HOLDER, name="one_holder"),
        CheckConstraint("since <= until", name="forwards"),
    )
