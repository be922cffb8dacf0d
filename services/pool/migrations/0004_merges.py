"""Customers that were merged into others or deleted, whose holdings rest."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
    op.alter_column("customers", "name", server_default="")
    op.alter_column("customers", "sequence", server_default="0")
    op.add_column("customers", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.add_column("customers", sa.Column("deleted", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("customers", sa.Column("standing_sequence", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("holdings", sa.Column("resting", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("holdings", sa.Column("merge_id", sa.Uuid(), nullable=True))
    for table, column in _INDEXED:
        found = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], postgresql_where=found)


_INDEXED = (("customers", "merged_into_id"), ("holdings", "merge_id"))


def downgrade() -> None:
    """Take back what the former release does not know."""
    for table, column in _INDEXED:
        op.drop_index(f"ix_{table}_{column}", table)
    for name in ("merge_id", "resting"):
        op.drop_column("holdings", name)
    for name in ("standing_sequence", "deleted", "merged_into_id"):
        op.drop_column("customers", name)
