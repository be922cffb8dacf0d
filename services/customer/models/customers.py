"""Customers with what belongs to them: contacts, collaborators, checklists, histories."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.customer.customers import Address, Email, Handle, Phone
from services.customer.models.base import Base


class Customer(Base):
    """A company or a person, who holds it, and beside its fields what a search looks into."""

    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("(owner_id IS NULL) <> (pool_id IS NULL)", name="one_holder"),
        # The orders of a list, and the filters that leave few enough rows to begin with; lists come by name mostly.
        Index(None, "folded_name", "id"),
        Index(None, "created_at", "id"),
        Index(None, "updated_at", "id"),
        Index(None, "owner_id", "folded_name", "id", postgresql_where=text("owner_id IS NOT NULL")),
        Index(None, "pool_id", "folded_name", "id", postgresql_where=text("pool_id IS NOT NULL")),
        Index(None, "lifecycle", "folded_name", "id"),
        Index(None, "level", "folded_name", "id"),
        Index(None, "tags", postgresql_using="gin"),
        Index(None, "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
        Index(None, "deleted_at", "id", postgresql_where=text("deleted_at IS NOT NULL")),
        # What `q` looks into; the pieces are for one and two characters, which hold no trigram.
        *(
            Index(
                f"ix_customers_{column}_trigrams",
                column,
                postgresql_using="gin",
                postgresql_ops={column: "gin_trgm_ops"},
            )
            for column in ("folded_name", "phone_digits", "folded_emails", "folded_custom")
        ),
        Index(None, "name_pieces", postgresql_using="gin"),
        Index(None, "custom", postgresql_using="gin", postgresql_ops={"custom": "jsonb_path_ops"}),
        # What duplicates are found by; kept at once, as a list of pending entries would slow every check.
        Index("ix_customers_match_name", "match_name", "kind"),
        *(
            Index(
                f"ix_customers_match_name_{kind}_trigrams",
                "match_name",
                postgresql_using="gin",
                postgresql_ops={"match_name": "gin_trgm_ops"},
                postgresql_with={"fastupdate": "off"},
                postgresql_where=text(f"kind = '{kind}'"),
            )
            for kind in ("company", "person")
        ),
        Index("ix_customers_unread", "id", postgresql_where=text("match_name IS NULL")),
        Index("ix_customers_name_key", func.replace(text("folded_name"), text("' '"), text("''"))),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    legal_name: Mapped[str | None]
    registration_number: Mapped[str | None]
    website: Mapped[str | None]
    industry: Mapped[str | None]
    size: Mapped[int | None]
    founded_in: Mapped[int | None]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"), index=True)
    birthday: Mapped[date | None]
    employer: Mapped[str | None]
    phones: Mapped[list[Phone]]
    emails: Mapped[list[Email]]
    handles: Mapped[list[Handle]]
    addresses: Mapped[list[Address]]
    source: Mapped[str | None]
    level: Mapped[str | None]
    lifecycle: Mapped[str]
    junk_reason: Mapped[str | None]
    tags: Mapped[list[str]]
    do_not_contact: Mapped[bool]
    note: Mapped[str]
    custom: Mapped[dict[str, Any]] = mapped_column(server_default="{}")

    owner_id: Mapped[UUID | None]
    pool_id: Mapped[UUID | None]
    holding_sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    """That of the latest holding.* event; 0 while only the creation has said who holds it."""
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    """The customer that it was merged into; the row stays as it was then."""
    deleted_at: Mapped[datetime | None]

    folded_name: Mapped[str]
    name_pieces: Mapped[list[str]] = mapped_column(deferred=True)
    phone_digits: Mapped[str] = mapped_column(deferred=True)
    folded_emails: Mapped[str] = mapped_column(deferred=True)
    folded_custom: Mapped[str] = mapped_column(deferred=True, server_default="", default="")
    match_name: Mapped[str | None] = mapped_column(deferred=True)
    """What duplicates are found by, as rules.names reads it; null until it is read."""

    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy's own shape


class Contact(Base):
    """A person at a company customer."""

    __tablename__ = "contacts"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), index=True)
    name: Mapped[str]
    title: Mapped[str | None]
    department: Mapped[str | None]
    reports_to: Mapped[UUID | None] = mapped_column(ForeignKey("contacts.id"), index=True)
    phones: Mapped[list[Phone]]
    emails: Mapped[list[Email]]
    note: Mapped[str]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  as above


class Qualification(Base):
    """The checklist of a customer that is or was a lead; answers of both methods are kept side by side."""

    __tablename__ = "qualifications"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    method: Mapped[str]
    answers: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
    updated_by: Mapped[dict[str, Any]]


class Collaborator(Base):
    """A colleague who may see a customer, or also edit it, besides who holds it."""

    __tablename__ = "collaborators"
    __table_args__ = (
        Index(None, "user_id", "customer_id"),
        Index("ix_collaborators_until", "until", postgresql_where=text("until IS NOT NULL")),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    access: Mapped[str]
    until: Mapped[datetime | None]
    added_at: Mapped[datetime]
    added_by: Mapped[dict[str, Any]]


class Change(Base):
    """A change of a customer or of what belongs to it: who, when, from what to what."""

    __tablename__ = "changes"
    __table_args__ = (Index(None, "customer_id", "at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    """No foreign key: a history stays whatever becomes of its record, and may be written in the same flush."""
    kind: Mapped[str]
    record: Mapped[str]
    record_id: Mapped[UUID]
    at: Mapped[datetime]
    actor: Mapped[dict[str, Any]]
    request_id: Mapped[str | None]
    fields: Mapped[list[dict[str, Any]]]
    reason: Mapped[str | None]


class Merge(Base):
    """Two customers that became one, with what it takes to make them two again."""

    __tablename__ = "merges"
    __table_args__ = (
        Index("uq_merges_loser_id", "loser_id", unique=True, postgresql_where=text("undone_at IS NULL")),
        Index(None, "survivor_id", "number"),
        Index("ix_merges_loser_id_number", "loser_id", "number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    """In their order; those of one survivor are undone from the latest on."""
    survivor_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    loser_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    before: Mapped[dict[str, Any]]
    """The fields that the survivor got, as they were."""
    given: Mapped[dict[str, Any]]
    """The same fields, as the merge set them."""
    contact_ids: Mapped[list[UUID]]
    collaborator_ids: Mapped[list[UUID]]
    child_ids: Mapped[list[UUID]]
    attachment_ids: Mapped[list[UUID]] = mapped_column(server_default="{}")
    owner_id: Mapped[UUID | None]
    pool_id: Mapped[UUID | None]
    """Whom the survivor was given to, where it was."""
    former_owner_id: Mapped[UUID | None]
    former_pool_id: Mapped[UUID | None]
    reason: Mapped[str]
    by: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
