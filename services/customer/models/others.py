"""What is known of users, pools and opportunities by their events, and a customer in figures."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from services.customer.models.base import Base


class User(Base):
    """What is known of a person, by user.* events."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(index=True)
    """What imports name owners by."""
    name: Mapped[str]
    department_id: Mapped[UUID | None] = mapped_column(index=True)
    active: Mapped[bool]
    sequence: Mapped[int] = mapped_column(BigInteger)


class Pool(Base):
    """What is known of a pool, by pool.* events."""

    __tablename__ = "pools"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    audience: Mapped[list[str]] = mapped_column(server_default="{}")
    """Whom it is open to, as marks; empty for everybody."""
    sequence: Mapped[int] = mapped_column(BigInteger)


class Figures(Base):
    """What others' records say of a customer in figures, by their events; a customer without any has no row."""

    __tablename__ = "customer_figures"

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    last_activity_at: Mapped[datetime | None]
    """The latest moment that an activity says it was touched."""
    open_count: Mapped[int] = mapped_column(server_default="0")
    open_amounts: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    """By currency, as decimal texts."""
    won_count: Mapped[int] = mapped_column(server_default="0")
    won_amounts: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    last_won_on: Mapped[date | None]


class Opportunity(Base):
    """What opportunity.* events tell of one: whose it is and what it is worth, and how it stands.

    Each of the two has its own sequence, as there are events that tell only one of them.
    """

    __tablename__ = "opportunities"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None] = mapped_column(index=True)
    amount: Mapped[Decimal | None] = mapped_column(Numeric(16, 2))
    currency: Mapped[str | None]
    sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    state: Mapped[str] = mapped_column(server_default="open")
    closed_on: Mapped[date | None]
    state_sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")
