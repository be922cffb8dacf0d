"""The tables: pipelines and stages, products, opportunities and their way; beside them what is known of others."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, Enum, ForeignKey, Index, Numeric, UniqueConstraint, func, text
from sqlalchemy.orm import DeclarativeBase, Mapped, column_property, mapped_column

from contracts.opportunity.pipelines import State
from contracts.values import Money
from servicekit.database import COLUMN_TYPES, new_metadata

_MONEY = Numeric(16, 2)
# Written out, not bound: the indexes are used only where a query has the very same expression.
_NO_AMOUNT = "-1"
_NO_DAY = "'9999-12-31'::date"
_STATE = Enum(State, native_enum=False, length=10, values_callable=lambda states: [state.value for state in states])


class Base(DeclarativeBase):
    """The opportunity service's own tables."""

    metadata = new_metadata()
    type_annotation_map = COLUMN_TYPES


class User(Base):
    """What user.* events tell of a person; the folded names are what an import's rows are matched with."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    folded_name: Mapped[str] = mapped_column(index=True)
    login_name: Mapped[str]
    folded_login_name: Mapped[str] = mapped_column(index=True)
    department_id: Mapped[UUID | None] = mapped_column(index=True)
    active: Mapped[bool]
    sequence: Mapped[int]


class Customer(Base):
    """What is known of a customer from two sources, each with its own sequence: customer.* and holding.* events.

    Whether it is there at all has a third one, so that news of a merge and of a name may come in any order.
    """

    __tablename__ = "customers"
    __table_args__ = (
        Index(None, "readers", postgresql_using="gin"),
        Index(None, "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(server_default="")
    folded_name: Mapped[str] = mapped_column(server_default="", index=True)
    sequence: Mapped[int] = mapped_column(server_default="0")
    readers: Mapped[list[UUID]] = mapped_column(server_default="{}")
    editors: Mapped[list[UUID]] = mapped_column(server_default="{}")
    """Collaborators, by customer.updated; who edits reads too."""
    owner_id: Mapped[UUID | None]
    pool_id: Mapped[UUID | None]
    holding_sequence: Mapped[int] = mapped_column(server_default="0")
    merged_into_id: Mapped[UUID | None]
    deleted: Mapped[bool] = mapped_column(server_default="false")
    standing_sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """That of the latest event about merges and deletion."""


class Pool(Base):
    """Whom a pool is open to, by pool.* events; one that is not known is open to everybody."""

    __tablename__ = "pools"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    audience: Mapped[list[str]] = mapped_column(server_default="{}")
    """As marks; empty for everybody."""
    sequence: Mapped[int] = mapped_column(BigInteger, server_default="0")


class Pipeline(Base):
    """An ordered set of stages; exactly one is the default."""

    __tablename__ = "pipelines"
    __table_args__ = (
        Index("uq_pipelines_default", "is_default", unique=True, postgresql_where=text("is_default")),
        UniqueConstraint("folded_name"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    folded_name: Mapped[str]
    is_default: Mapped[bool]
    version: Mapped[int]
    created_at: Mapped[datetime]


class Stage(Base):
    """A step of a pipeline; positions count from 1, probability is in percent."""

    __tablename__ = "stages"
    __table_args__ = (UniqueConstraint("pipeline_id", "position"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pipeline_id: Mapped[UUID] = mapped_column(ForeignKey("pipelines.id"))
    name: Mapped[str]
    position: Mapped[int]
    probability: Mapped[int]


class Product(Base):
    """Something the company sells."""

    __tablename__ = "products"
    __table_args__ = (
        Index(None, "name", "id"),
        Index("ix_products_name", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
        UniqueConstraint("folded_name"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    folded_name: Mapped[str]
    series: Mapped[str]
    price: Mapped[Decimal] = mapped_column(_MONEY)
    currency: Mapped[str]
    version: Mapped[int]
    created_at: Mapped[datetime]


class Opportunity(Base):
    """A possible sale. Once closed it keeps the stage it was closed in."""

    __tablename__ = "opportunities"
    __table_args__ = (
        CheckConstraint("(amount IS NULL) = (currency IS NULL)", name="whole_money"),
        CheckConstraint("(state = 'open') = (closed_on IS NULL)", name="closing_day"),
        CheckConstraint("state <> 'won' OR (customer_id IS NOT NULL AND amount IS NOT NULL)", name="won_whole"),
        UniqueConstraint("external_id"),
        Index(None, "created_at", "id"),
        Index(None, "updated_at", "id"),
        Index("ix_opportunities_value_rank_id", text(f"coalesce(amount, {_NO_AMOUNT})"), "id"),
        Index("ix_opportunities_close_rank_id", text(f"coalesce(expected_close_on, {_NO_DAY})"), "id"),
        Index(None, "customer_id", "created_at", "id"),
        Index(None, "merged_from_id", postgresql_where=text("merged_from_id IS NOT NULL")),
        Index(None, "owner_id", "created_at", "id"),
        Index(None, "pipeline_id", "state", "closed_on"),
        Index(None, "stage_id", "created_at", "id"),
        Index("ix_opportunities_name", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    customer_id: Mapped[UUID | None]
    merged_from_id: Mapped[UUID | None]
    """The customer that it was opened on, where merges moved it from there."""
    owner_id: Mapped[UUID]
    pipeline_id: Mapped[UUID] = mapped_column(ForeignKey("pipelines.id"))
    stage_id: Mapped[UUID] = mapped_column(ForeignKey("stages.id"))
    state: Mapped[State] = mapped_column(_STATE)
    value: Mapped[Decimal | None] = mapped_column("amount", _MONEY)
    currency: Mapped[str | None]
    product_id: Mapped[UUID | None] = mapped_column(ForeignKey("products.id"))
    expected_close_on: Mapped[date | None] = mapped_column()
    source: Mapped[str | None]
    note: Mapped[str]
    entered_stage_at: Mapped[datetime]
    closed_on: Mapped[date | None]
    loss_reason: Mapped[str | None]
    competitor: Mapped[str | None]
    external_id: Mapped[str | None]
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    value_rank: Mapped[Decimal | None] = column_property(func.coalesce(value, text(_NO_AMOUNT), type_=_MONEY))
    close_rank: Mapped[date | None] = column_property(func.coalesce(expected_close_on, text(_NO_DAY), type_=Date()))
    """What lists are sorted by; never null, so that those without come last and pages find their way through them."""

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads it once, nobody changes it

    @property
    def amount(self) -> Money | None:
        """The amount with its currency."""
        if self.value is None or self.currency is None:
            return None
        return Money(amount=self.value, currency=self.currency)

    @amount.setter
    def amount(self, amount: Money | None) -> None:
        self.value = None if amount is None else amount.amount
        self.currency = None if amount is None else amount.currency


class StageSpan(Base):
    """One stretch of an opportunity's way: in which stage, from when to when, and who moved it there.

    The stretches count from 1, and each begins where the one before it ended; the present one has no end.
    """

    __tablename__ = "stage_spans"
    __table_args__ = (
        CheckConstraint("left_at >= entered_at", name="forward"),
        Index("uq_stage_spans_present", "opportunity_id", unique=True, postgresql_where=text("left_at IS NULL")),
    )

    opportunity_id: Mapped[UUID] = mapped_column(ForeignKey("opportunities.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stage_id: Mapped[UUID] = mapped_column(ForeignKey("stages.id"))
    entered_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    by_id: Mapped[UUID | None]
    """Null when a service moved it."""
    by_name: Mapped[str]
