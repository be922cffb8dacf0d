"""Customers that were merged into others, or deleted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0014"
down_revision = "0013"

_HOLDERS = ("owner", "pool")
_MOVED = ("contact_ids", "collaborator_ids", "child_ids")


def upgrade() -> None:
    """Apply."""
    op.add_column("customers", sa.Column("merged_into_id", sa.Uuid(), nullable=True))
    op.add_column("customers", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key("fk_customers_merged_into_id_customers", "customers", "customers", ["merged_into_id"], ["id"])
    for name, columns in (("merged_into_id", ["merged_into_id"]), ("deleted_at", ["deleted_at", "id"])):
        op.create_index(
            f"ix_customers_{'_'.join(columns)}",
            "customers",
            columns,
            postgresql_where=sa.text(f"{name} IS NOT NULL"),
        )
    _create_merges()


def _create_merges() -> None:
    op.create_table(
        "merges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("loser_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, JSONB(), nullable=False) for name in ("before", "given")),
        *(
            sa.Column(name, ARRAY(sa.Uuid()), nullable=False)
            for name in ("contact_ids", "collaborator_ids", "child_ids")
        ),
        *(sa.Column(f"{when}{holder}_id", sa.Uuid(), nullable=True) for when in ("", "former_") for holder in _HOLDERS),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_merges"),
        sa.UniqueConstraint("number", name="uq_merges_number"),
        *(
            sa.ForeignKeyConstraint([column], ["customers.id"], name=f"fk_merges_{column}_customers")
            for column in ("survivor_id", "loser_id")
        ),
    )
    op.create_index(
        "uq_merges_loser_id", "merges", ["loser_id"], unique=True, postgresql_where=sa.text("undone_at IS NULL")
    )
    for column in ("survivor_id", "loser_id"):
        op.create_index(f"ix_merges_{column}_number", "merges", [column, "number"])


def downgrade() -> None:
    """Take back what the former release does not know."""
    op.drop_table("merges")
    for name in ("deleted_at_id", "merged_into_id"):
        op.drop_index(f"ix_customers_{name}", "customers")
    for name in ("deleted_at", "merged_into_id"):
        op.drop_column("customers", name)
