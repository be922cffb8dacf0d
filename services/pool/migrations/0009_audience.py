"""Who sees and claims what waits in a pool, and who may change it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply."""
    op.add_column("pools", sa.Column("open_to", postgresql.JSONB(), nullable=False, server_default="{}"))
    users = postgresql.ARRAY(sa.Uuid())
    op.add_column("pools", sa.Column("administrators", users, nullable=False, server_default="{}"))
    marks = postgresql.ARRAY(sa.Text())
    op.add_column("pools", sa.Column("audience", marks, nullable=False, server_default="{}"))


def downgrade() -> None:
    """Take back what the former release does not know."""
    for column in ("audience", "administrators", "open_to"):
        op.drop_column("pools", column)
