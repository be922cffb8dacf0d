"""Who sees and edits a customer besides its owner."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply."""
    for name in ("readers",):
        op.add_column("customers", sa.Column(name, ARRAY(sa.Uuid()), nullable=False, server_default="{}"))
    op.create_index("ix_customers_readers", "customers", ["readers"], postgresql_using="gin")


def downgrade() -> None:
    """Take back what the former release does not know."""
    op.drop_index("ix_customers_readers", "customers")
    for name in ("readers",):
        op.drop_column("customers", name)
