"""Duplicates: what customers are found by, the pairs that are suspected, the policies, the scans."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.customer.models.base import Base


class CustomerKey(Base):
    """What a customer is found by exactly: a phone, an e-mail, a registration number, a website's host."""

    __tablename__ = "customer_keys"

    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True, index=True)


class Suspicion(Base):
    """Two customers that may be the same."""

    __tablename__ = "suspicions"
    __table_args__ = (
        CheckConstraint("older_id < newer_id", name="older_first"),
        UniqueConstraint("older_id", "newer_id"),
        Index(None, "state", "score", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    older_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    newer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    score: Mapped[int]
    matched_on: Mapped[list[str]]
    state: Mapped[str]
    reason: Mapped[str]
    decided_by: Mapped[dict[str, Any] | None]
    found_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  as above


class DuplicatePolicy(Base):
    """What becomes of a customer that may be there already; one row for each way in, from the first migration on."""

    __tablename__ = "duplicate_policies"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_point: Mapped[str] = mapped_column(unique=True)
    exact: Mapped[str]
    probable: Mapped[str]
    overriders: Mapped[list[str]]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  as above


class DuplicateScan(Base):
    """A comparison of all customers with each other: how far it is, by the id of the last one that was compared."""

    __tablename__ = "duplicate_scans"
    __table_args__ = (
        Index("uq_duplicate_scans_running", "state", unique=True, postgresql_where=text("state = 'running'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str]
    position: Mapped[UUID | None]
    checked: Mapped[int]
    total: Mapped[int]
    found: Mapped[int]
    started_at: Mapped[datetime]
    started_by: Mapped[dict[str, Any]]
    finished_at: Mapped[datetime | None]
