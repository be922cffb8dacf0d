"""Colleagues who work with a customer besides who holds it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "collaborators",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "user_id", name="pk_collaborators"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_collaborators_customer_id_customers"),
    )
    op.create_index("ix_collaborators_user_id_customer_id", "collaborators", ["user_id", "customer_id"])
    op.create_index("ix_collaborators_until", "collaborators", ["until"], postgresql_where=sa.text("until IS NOT NULL"))


def downgrade() -> None:
    """Take back what the next release does not use yet."""
    op.drop_table("collaborators")
