"""The table of files on customers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.customer.models.base import Base


class Attachment(Base):
    """An upload that a customer has taken; its parts lie in the file store under its id."""

    __tablename__ = "attachments"
    __table_args__ = (
        Index(None, "customer_id", "added_at", "id"),
        Index("ix_attachments_removed_at", "removed_at", postgresql_where=text("removed_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    parts: Mapped[int]
    added_at: Mapped[datetime]
    added_by: Mapped[dict[str, Any]]
    removed_at: Mapped[datetime | None]
    """Since when nobody sees it; its parts go a day later, and then the row."""
