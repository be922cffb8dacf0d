"""Which activities changed since a moment."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_activities_updated_at", "activities", ["updated_at"])


def downgrade() -> None:
    """Take back what the former release does not know."""
    op.drop_index("ix_activities_updated_at", "activities")
