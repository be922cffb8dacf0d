"""The tables: customers with their contacts, and what is known of users and pools."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from contracts.customer.customers import Address, Email, Handle, Phone
from contracts.customer.dictionaries import DictionaryItem, Labels
from contracts.values import Value
from servicekit.database import COLUMN_TYPES, new_metadata


class OneValue(TypeDecorator[Any]):
    """A contract's value, kept as JSONB."""

    impl = JSONB
    cache_ok = True

    def __init__(self, value: type[Value]) -> None:
        super().__init__()
        self.value = value

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002  SQLAlchemy's shape
        """As it goes into the database."""
        return None if value is None else value.model_dump(mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002  as above
        """As it comes out."""
        return None if value is None else self.value.model_validate(value)


class ValueList(TypeDecorator[list[Any]]):
    """A list of a contract's values, kept as JSONB."""

    impl = JSONB
    cache_ok = True

    def __init__(self, item: type[Value]) -> None:
        super().__init__()
        self.item = item
        self._list: TypeAdapter[list[Any]] = TypeAdapter(list[item])  # type: ignore[valid-type]  # built at run time

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:  # noqa: ARG002  SQLAlchemy's shape
        """As it goes into the database."""
        return None if value is None else self._list.dump_python(value, mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> list[Any] | None:  # noqa: ARG002  as above
        """As it comes out."""
        return None if value is None else self._list.validate_python(value)


class Base(DeclarativeBase):
    """The customer service's own tables."""

    metadata = new_metadata()
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy's own shape
        **COLUMN_TYPES,
        list[Phone]: ValueList(Phone),
        list[Email]: ValueList(Email),
        list[Handle]: ValueList(Handle),
        list[Address]: ValueList(Address),
        list[DictionaryItem]: ValueList(DictionaryItem),
        Labels: OneValue(Labels),
    }


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
