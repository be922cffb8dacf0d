"""Dictionaries, and the fields of the company's own making."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from contracts.customer.dictionaries import DictionaryItem, Labels
from services.customer.models.base import Base


class Dictionary(Base):
    """A named list of choices."""

    __tablename__ = "dictionaries"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str]
    labels: Mapped[Labels]
    items: Mapped[list[DictionaryItem]]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  as above


class CustomField(Base):
    """A field of the company's own making; customers hold its values in `custom`, by its key."""

    __tablename__ = "custom_fields"
    __table_args__ = (UniqueConstraint("kind", "key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    labels: Mapped[Labels]
    type: Mapped[str]
    dictionary_id: Mapped[UUID | None] = mapped_column(ForeignKey("dictionaries.id"))
    required: Mapped[bool]
    unique: Mapped[bool]
    searchable: Mapped[bool]
    default: Mapped[Any] = mapped_column(JSONB(none_as_null=True), nullable=True)
    visible_to: Mapped[list[str]]
    editable_by: Mapped[list[str]]
    position: Mapped[int]
    active: Mapped[bool]
    in_use: Mapped[bool]
    """Set with the first value; from then on nothing changes that values hang from."""
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  as above


class UniqueValue(Base):
    """What one customer has in a unique custom field, folded, so that no other gets it."""

    __tablename__ = "unique_values"

    field_id: Mapped[UUID] = mapped_column(ForeignKey("custom_fields.id"), primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
