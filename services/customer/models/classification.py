"""The tables of classification: the rules, and how far the round through all customers is."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contracts.customer.conditions import Rule
from services.customer.models.base import Base


class ClassificationRule(Base):
    """What customers that fulfil a condition get."""

    __tablename__ = "classification_rules"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int]
    """The lower one goes first."""
    name: Mapped[str]
    active: Mapped[bool]
    condition: Mapped[Rule]
    fields: Mapped[list[str]]
    """Those that the condition asks for: a change of others can't matter to it."""
    level: Mapped[str | None]
    tags: Mapped[list[str]]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own shape


class Classification(Base):
    """The list as a whole, and its round: one row."""

    __tablename__ = "classification"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    """Rises with every change of any rule, and of their order."""
    round_version: Mapped[int]
    """Whose latest round goes by, or went by."""
    round_day: Mapped[date | None]
    """The company's day on which that began."""
    position: Mapped[UUID | None]
    """The last customer that it has reached; null when it is over."""
