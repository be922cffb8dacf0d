"""When each customer was last touched, as activities tell."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "customer_figures",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("last_activity_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customer_figures"),
    )


def downgrade() -> None:
    """Take back what the next release does not use yet."""
    op.drop_table("customer_figures")
