"""Files on customers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", JSONB(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_attachments_customer_id_customers"),
    )
    op.create_index("ix_attachments_customer_id_added_at_id", "attachments", ["customer_id", "added_at", "id"])
    op.create_index(
        "ix_attachments_removed_at",
        "attachments",
        ["removed_at"],
        postgresql_where=sa.text("removed_at IS NOT NULL"),
    )
    op.add_column("merges", sa.Column("attachment_ids", ARRAY(sa.Uuid()), nullable=False, server_default="{}"))


def downgrade() -> None:
    """Take back what the former release does not know."""
    op.drop_column("merges", "attachment_ids")
    op.drop_table("attachments")
