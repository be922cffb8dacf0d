"""Checklists that qualify leads, and why a customer is junk."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply."""
    op.add_column("customers", sa.Column("junk_reason", sa.String(), nullable=True))
    op.create_table(
        "qualifications",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("answers", JSONB(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_qualifications"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_qualifications_customer_id_customers"),
    )


def downgrade() -> None:
    """Take back what the next release does not use yet."""
    op.drop_table("qualifications")
    op.drop_column("customers", "junk_reason")
