"""The tables: users, the tree of departments, sessions, failed sign-ins, and the audit log."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from servicekit.database import COLUMN_TYPES, new_metadata


class Base(DeclarativeBase):
    """The identity service's own tables."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


class Department(Base):
    """A node of the company's tree; one without a parent is a root."""

    __tablename__ = "departments"
    __table_args__ = (
        Index("uq_departments_parent_id_name", "parent_id", "name", unique=True, postgresql_nulls_not_distinct=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("departments.id"))
    manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", use_alter=True), index=True)
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it once, nobody changes it


class User(Base):
    """A person; one without a password hash can't sign in by password."""

    __tablename__ = "users"
    __table_args__ = (
        Index(None, "full_name", "id"),
        Index(None, "department_id", "full_name", "id"),
        Index(None, "role", "full_name", "id"),
        # A fragment is looked for in both names.
        Index(
            "ix_users_names_trigrams",
            *("full_name", "name"),
            postgresql_using="gin",
            postgresql_ops={"full_name": "gin_trgm_ops", "name": "gin_trgm_ops"},
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    full_name: Mapped[str]
    email: Mapped[str | None]
    password_hash: Mapped[str | None]
    role: Mapped[str]
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("departments.id"))
    language: Mapped[str]
    time_zone: Mapped[str]
    active: Mapped[bool]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  as above


class ApiKey(Base):
    """A program's key; of the key itself only a hash is kept. One that is revoked stays, for what it did names it."""

    __tablename__ = "api_keys"
    __table_args__ = (
        Index("uq_api_keys_name", "name", unique=True, postgresql_where=text("revoked_at IS NULL")),
        Index(None, "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    key_hash: Mapped[bytes]
    scopes: Mapped[list[str]]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_on: Mapped[date | None]
    last_used_on: Mapped[date | None]
    revoked_at: Mapped[datetime | None]


class SignInFailure(Base):
    """A sign-in that was refused; the name is as it was typed, whether such a user exists or not."""

    __tablename__ = "sign_in_failures"
    __table_args__ = (Index(None, "name", "failed_at"), Index(None, "address", "failed_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    address: Mapped[str | None]
    failed_at: Mapped[datetime] = mapped_column(index=True)


class Session(Base):
    """A sign-in that lives on by its refresh token; of the token only hashes are kept."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "user_id", "refreshed_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    family_hash: Mapped[bytes] = mapped_column(unique=True)
    """Of the half that all tokens of this session share."""
    token_hash: Mapped[bytes]
    """Of the half of the one token that is good."""
    former_hash: Mapped[bytes | None]
    """Of the half of the token that was spent last."""
    address: Mapped[str | None]
    created_at: Mapped[datetime]
    refreshed_at: Mapped[datetime] = mapped_column(index=True)


class ProviderSubject(Base):
    """Whom an OpenID provider means by a subject; one per person and provider."""

    __tablename__ = "provider_subjects"
    __table_args__ = (UniqueConstraint("user_id", "issuer"),)

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class AuditEntry(Base):
    """Something that was done, or tried; a trigger refuses every change of it."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "at", "id"), Index(None, "actor_id", "at", "id"), Index(None, "action", "at", "id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_kind: Mapped[str | None]
    actor_id: Mapped[str | None]
    actor_name: Mapped[str | None]
    action: Mapped[str]
    target: Mapped[UUID | None]
    details: Mapped[dict[str, Any]]
    address: Mapped[str | None]
    request_id: Mapped[str]
