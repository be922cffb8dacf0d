"""The tables of segments: saved filters over customers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from contracts.customer.conditions import Rule
from services.customer.models.base import Base


class Segment(Base):
    """A saved filter over customers."""

    __tablename__ = "segments"
    __table_args__ = (Index(None, "name", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    rule: Mapped[Rule]
    fields: Mapped[list[str]]
    """Those that the rule asks for: who may not see one of them does not see the segment."""
    shared_with: Mapped[list[str]]
    owner_id: Mapped[UUID] = mapped_column(index=True)
    owner_name: Mapped[str]
    """For an API key, whose name comes by no event."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own shape
