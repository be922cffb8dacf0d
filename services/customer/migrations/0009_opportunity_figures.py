"""What is known of opportunities, and the figures of each customer that follow from it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "opportunities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.Numeric(16, 2), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("state", sa.String(), nullable=False, server_default="open"),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("state_sequence", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_opportunities"),
    )
    op.create_index("ix_opportunities_customer_id", "opportunities", ["customer_id"])
    for name in ("open_count", "won_count"):
        op.add_column("customer_figures", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    for name in ("open_amounts", "won_amounts"):
        op.add_column("customer_figures", sa.Column(name, JSONB(), nullable=False, server_default="{}"))
    op.add_column("customer_figures", sa.Column("last_won_on", sa.Date(), nullable=True))


def downgrade() -> None:
    """Take back what the next release does not use yet."""
    for name in ("last_won_on", "won_amounts", "open_amounts", "won_count", "open_count"):
        op.drop_column("customer_figures", name)
    op.drop_table("opportunities")
