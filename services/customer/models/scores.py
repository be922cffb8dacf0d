"""The tables of scores: the rules, and what each customer has earned."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from contracts.customer.scores import BehaviourRule, FitRule
from services.customer.models.base import Base


class Scoring(Base):
    """The rules of all scores: one row."""

    __tablename__ = "scoring"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fit: Mapped[list[FitRule]]
    behaviour: Mapped[list[BehaviourRule]]
    half_life_days: Mapped[int]
    threshold: Mapped[int | None]
    version: Mapped[int] = mapped_column()
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own shape


class Score(Base):
    """What a customer has earned, and its place among all; apart from `customers`, whose rows are dear to rewrite."""

    __tablename__ = "customer_scores"
    __table_args__ = (Index(None, "rank", "customer_id"), Index(None, "scoring_version"))

    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    fit: Mapped[int]
    fit_at: Mapped[datetime]
    behaviour: Mapped[float]
    behaviour_at: Mapped[datetime]
    rank: Mapped[int] = mapped_column(BigInteger)
    scoring_version: Mapped[int]
    """The rules that `fit` and `rank` were made by."""
