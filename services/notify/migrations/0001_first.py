"""The first tables: notices, what is known of users, and messaging."""

import sqlalchemy as sa
from alembic import op

from servicekit.messaging_tables import create_messaging_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    _create_users()
    _create_notices()
    create_messaging_tables()


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )


def _create_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("event_id", "user_id", "channel", name="uq_notices_event_id_user_id_channel"),
    )
    op.create_index("ix_notices_user_id_created_at_id", "notices", ["user_id", "created_at", "id"])
    op.create_index(
        "ix_notices_unread_user_id_created_at_id",
        "notices",
        ["user_id", "created_at", "id"],
        postgresql_where=sa.text("read_at IS NULL"),
    )


def downgrade() -> None:
    """Refused: taking back the first migration would delete everything; drop the database instead."""
    raise RuntimeError("the first migration can't be taken back: drop the database instead")
