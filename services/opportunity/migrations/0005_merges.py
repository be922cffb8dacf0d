"""Customers that were merged into others or deleted, and where opportunities hung before."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_HANGING = ("opportunities",)


def upgrade() -> None:
    """Apply."""
    op.add_column("customers", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.add_column("customers", sa.Column("deleted", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("customers", sa.Column("standing_sequence", sa.BigInteger(), nullable=False, server_default="0"))
    _index("customers", "merged_into_id")
    for table in _HANGING:
        op.add_column(table, sa.Column("merged_from_id", sa.Uuid(), nullable=True))
        _index(table, "merged_from_id")


def _index(table: str, column: str) -> None:
    op.create_index(f"ix_{table}_{column}", table, [column], postgresql_where=sa.text(f"{column} IS NOT NULL"))


def downgrade() -> None:
    """Take back what the former release does not know."""
    for table in _HANGING:
        op.drop_column(table, "merged_from_id")
    for column in ("standing_sequence", "deleted", "merged_into_id"):
        op.drop_column("customers", column)
