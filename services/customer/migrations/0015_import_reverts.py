"""Imports that are taken back: how many of their rows are."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Apply."""
    op.add_column("imports", sa.Column("reverted", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(
        "ix_import_rows_taken",
        "import_rows",
        ["import_id", "record_id"],
        postgresql_where=sa.text("outcome IN ('created', 'updated')"),
    )


def downgrade() -> None:
    """Take back what the next release does not use yet."""
    op.drop_index("ix_import_rows_taken", "import_rows")
    op.drop_column("imports", "reverted")
