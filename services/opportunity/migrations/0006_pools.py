"""Whom pools are open to, as far as that is not everybody."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "pools",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("audience", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"),
        sa.Column("sequence", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_pools"),
    )


def downgrade() -> None:
    """Take back what the former release does not know."""
    op.drop_table("pools")
