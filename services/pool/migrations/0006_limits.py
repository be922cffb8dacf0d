"""What a rep may have of a pool, and what they had of it on each day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply."""
    op.add_column("pools", sa.Column("limits", postgresql.JSONB(), nullable=False, server_default="{}"))
    op.add_column("customers", sa.Column("bought", sa.Boolean(), nullable=False, server_default="false"))
    op.create_table(
        "claimers",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_claimers"),
    )
    op.create_table(
        "daily_claims",
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "pool_id", "day", name="pk_daily_claims"),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name="fk_daily_claims_pool_id_pools"),
    )


def downgrade() -> None:
    """Take back what the former release does not know."""
    op.drop_table("daily_claims")
    op.drop_table("claimers")
    op.drop_column("customers", "bought")
    op.drop_column("pools", "limits")
