"""Custom fields, and their values in customers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply."""
    _create_custom_fields()
    op.create_table(
        "unique_values",
        sa.Column("field_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("field_id", "value", name="pk_unique_values"),
        sa.ForeignKeyConstraint(["field_id"], ["custom_fields.id"], name="fk_unique_values_field_id_custom_fields"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_unique_values_customer_id_customers"),
    )
    op.create_index("ix_unique_values_customer_id", "unique_values", ["customer_id"])
    op.add_column("customers", sa.Column("custom", JSONB(), nullable=False, server_default="{}"))
    op.add_column("customers", sa.Column("folded_custom", sa.String(), nullable=False, server_default=""))
    op.create_index(
        "ix_customers_custom",
        "customers",
        ["custom"],
        postgresql_using="gin",
        postgresql_ops={"custom": "jsonb_path_ops"},
    )
    op.create_index(
        "ix_customers_folded_custom_trigrams",
        "customers",
        ["folded_custom"],
        postgresql_using="gin",
        postgresql_ops={"folded_custom": "gin_trgm_ops"},
    )


def _create_custom_fields() -> None:
    op.create_table(
        "custom_fields",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("labels", JSONB(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("dictionary_id", sa.Uuid(), nullable=True),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("unique", sa.Boolean(), nullable=False),
        sa.Column("searchable", sa.Boolean(), nullable=False),
        sa.Column("default", JSONB(), nullable=True),
        sa.Column("visible_to", ARRAY(sa.Text()), nullable=False),
        sa.Column("editable_by", ARRAY(sa.Text()), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_custom_fields"),
        sa.UniqueConstraint("kind", "key", name="uq_custom_fields_kind_key"),
        sa.ForeignKeyConstraint(
            ["dictionary_id"], ["dictionaries.id"], name="fk_custom_fields_dictionary_id_dictionaries"
        ),
    )


def downgrade() -> None:
    """Take back what the next release does not use yet."""
    op.drop_column("customers", "folded_custom")
    op.drop_column("customers", "custom")
    op.drop_table("unique_values")
    op.drop_table("custom_fields")
