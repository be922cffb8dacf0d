"""The first tables, and the pool that every company starts with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from contracts.pool.pools import DEFAULT_POOL_ID, PoolCreated
from servicekit import clock
from servicekit.context import Caller, Work, working
from servicekit.messaging_tables import create_messaging_tables
from servicekit.outbox import publish

revision = "0001"
down_revision = None

_NAME = "Open customers"
_ONE_HOLDER = "(owner_id IS NULL) <> (pool_id IS NULL)"


def upgrade() -> None:
    """Apply."""
    _create_pools()
    _create_projections()
    _create_holdings()
    _create_holding_spans()
    create_messaging_tables()
    _open_default_pool()


def _create_pools() -> None:
    op.create_table(
        "pools",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pools"),
    )
    op.create_index("uq_pools_lower_name", "pools", [sa.text("lower(name)")], unique=True)


def _create_projections() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.create_index("ix_users_department_id", "users", ["department_id"])


def _create_holdings() -> None:
    op.create_table(
        "holdings",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("pool_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_holdings"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_holdings_customer_id_customers"),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name="fk_holdings_pool_id_pools"),
        sa.CheckConstraint(_ONE_HOLDER, name="ck_holdings_one_holder"),
    )
    for holder in ("owner_id", "pool_id"):
        op.create_index(
            f"ix_holdings_{holder}_since_customer_id",
            "holdings",
            [holder, "since", "customer_id"],
            postgresql_where=sa.text(f"{holder} IS NOT NULL"),
        )


def _create_holding_spans() -> None:
    op.create_table(
        "holding_spans",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("pool_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began", sa.String(), nullable=False),
        sa.Column("ended", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "number", name="pk_holding_spans"),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["holdings.customer_id"], name="fk_holding_spans_customer_id_holdings"
        ),
        sa.CheckConstraint(_ONE_HOLDER, name="ck_holding_spans_one_holder"),
        sa.CheckConstraint("since <= until", name="ck_holding_spans_forwards"),
    )


def _open_default_pool() -> None:
    """Open it and announce it in one transaction, as any other pool; the relay of the first process publishes it."""
    now = clock.now()
    pool = {"id": DEFAULT_POOL_ID, "name": _NAME, "version": 1, "created_at": now, "updated_at": now}
    itself = Caller(id="pool", name="pool", kind="system")
    with Session(op.get_bind()) as db, working(Work(caller=itself)):
        db.execute(sa.table("pools", *map(sa.column, pool)).insert(), pool)
        publish(db, PoolCreated(pool_id=DEFAULT_POOL_ID, name=_NAME))
        db.commit()
