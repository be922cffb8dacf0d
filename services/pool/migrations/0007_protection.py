"""Protected holdings, and the roles of people, who may not all be given customers."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_PROTECTED = "ix_holdings_protected_until"


def upgrade() -> None:
    """Apply."""
    op.add_column("holdings", sa.Column("protected_until", sa.Date(), nullable=True))
    op.add_column("users", sa.Column("role", sa.String(), nullable=True))
    only = sa.text("protected_until IS NOT NULL")
    op.create_index(_PROTECTED, "holdings", ["protected_until"], postgresql_where=only)


def downgrade() -> None:
    """Take back what the former release does not know."""
    op.drop_index(_PROTECTED, "holdings")
    op.drop_column("users", "role")
    op.drop_column("holdings", "protected_until")
