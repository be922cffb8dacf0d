"""How a pool's customers are claimed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply."""
    op.add_column("pools", sa.Column("claim_order", sa.String(), nullable=False, server_default="free_choice"))


def downgrade() -> None:
    """Take back what the former release does not know."""
    op.drop_column("pools", "claim_order")
