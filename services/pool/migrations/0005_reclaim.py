"""Reclaim rules, and what each holding's deadline is by them."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from contracts.pool.pools import DEFAULT_POOL_ID

revision = "0005"
down_revision = "0004"

_COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "home_pool_id": sa.Uuid(),
    "reclaim_on": sa.Date(),
    "reclaim_rule": sa.String(),
    "review_at": sa.DateTime(timezone=True),
    "warned_days": sa.Integer(),
    "terms": sa.String(),
    "not_before": sa.Date(),
}
_INDEXES = {
    "ix_holdings_owner_id_reclaim_on_customer_id": (
        ["owner_id", "reclaim_on", "customer_id"],
        "reclaim_on IS NOT NULL",
    ),
    "ix_holdings_review_at": (["review_at"], "review_at IS NOT NULL"),
    "ix_holdings_home_pool_id_customer_id": (["home_pool_id", "customer_id"], "owner_id IS NOT NULL"),
}


def upgrade() -> None:
    """Apply."""
    op.add_column("pools", sa.Column("rules_version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("holding_spans", sa.Column("reasoning", postgresql.JSONB(), nullable=True))
    for name, kind in _COLUMNS.items():
        op.add_column("holdings", sa.Column(name, kind, nullable=True))
    op.execute(_HOME_OF_THE_CLAIMED)
    held = sa.table("holdings", sa.column("home_pool_id", sa.Uuid()), sa.column("owner_id"))
    homeless = held.c.owner_id.is_not(None) & held.c.home_pool_id.is_(None)
    op.execute(held.update().where(homeless).values(home_pool_id=DEFAULT_POOL_ID))
    for name, (columns, where) in _INDEXES.items():
        op.create_index(name, "holdings", columns, postgresql_where=sa.text(where))
    op.create_table(
        "rule_sets",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("rules", postgresql.JSONB(), nullable=False),
        sa.Column("set_by", postgresql.JSONB(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("pool_id", "effective_from", name="pk_rule_sets"),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name="fk_rule_sets_pool_id_pools"),
    )
    op.create_table(
        "recounts",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("upto_customer_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("pool_id", name="pk_recounts"),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name="fk_recounts_pool_id_pools"),
    )


_HOME_OF_THE_CLAIMED = """
    UPDATE holdings AS held SET home_pool_id = before.pool_id
    FROM holding_spans AS before
    WHERE held.owner_id IS NOT NULL AND before.pool_id IS NOT NULL
      AND before.customer_id = held.customer_id AND before.number = held.number - 1
"""


def downgrade() -> None:
    """Take back what the former release does not know."""
    op.drop_table("recounts")
    op.drop_table("rule_sets")
    for name in _INDEXES:
        op.drop_index(name, "holdings")
    for name in reversed(_COLUMNS):
        op.drop_column("holdings", name)
    op.drop_column("holding_spans", "reasoning")
    op.drop_column("pools", "rules_version")
