"""The orders that lists of opportunities come in, and the search for products."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_opportunities_updated_at_id", "opportunities", ["updated_at", "id"])
    op.create_index("ix_opportunities_value_rank_id", "opportunities", [sa.text("coalesce(amount, -1)"), "id"])
    by_day = sa.text("coalesce(expected_close_on, '9999-12-31'::date)")
    op.create_index("ix_opportunities_close_rank_id", "opportunities", [by_day, "id"])
    trigrams = {"name": "gin_trgm_ops"}
    op.create_index("ix_products_name", "products", ["name"], postgresql_using="gin", postgresql_ops=trigrams)


def downgrade() -> None:
    """Take back what the former release does not know."""
    op.drop_index("ix_products_name", "products")
    for order in ("close_rank", "value_rank", "updated_at"):
        op.drop_index(f"ix_opportunities_{order}_id", "opportunities")
