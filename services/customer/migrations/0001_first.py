"""The first tables: customers, contacts, what is known of users and pools, and messaging."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from servicekit.messaging_tables import create_messaging_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    _create_projections()
    _create_customers()
    _index_customers()
    _create_contacts()
    create_messaging_tables()


def _create_projections() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.create_index("ix_users_login", "users", ["login"])
    op.create_index("ix_users_department_id", "users", ["department_id"])
    op.create_table(
        "pools",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pools"),
    )


def _create_customers() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("legal_name", sa.String(), nullable=True),
        sa.Column("registration_number", sa.String(), nullable=True),
        sa.Column("website", sa.String(), nullable=True),
        sa.Column("industry", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("founded_in", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("employer", sa.String(), nullable=True),
        sa.Column("phones", JSONB(), nullable=False),
        sa.Column("emails", JSONB(), nullable=False),
        sa.Column("handles", JSONB(), nullable=False),
        sa.Column("addresses", JSONB(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("lifecycle", sa.String(), nullable=False),
        sa.Column("tags", ARRAY(sa.Text()), nullable=False),
        sa.Column("do_not_contact", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("pool_id", sa.Uuid(), nullable=True),
        sa.Column("holding_sequence", sa.BigInteger(), nullable=False),
        sa.Column("folded_name", sa.String(), nullable=False),
        sa.Column("name_pieces", ARRAY(sa.Text()), nullable=False),
        sa.Column("phone_digits", sa.String(), nullable=False),
        sa.Column("folded_emails", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
        sa.ForeignKeyConstraint(["parent_id"], ["customers.id"], name="fk_customers_parent_id_customers"),
        sa.CheckConstraint("(owner_id IS NULL) <> (pool_id IS NULL)", name="ck_customers_one_holder"),
    )


def _index_customers() -> None:
    op.create_index("ix_customers_folded_name_id", "customers", ["folded_name", "id"])
    op.create_index("ix_customers_created_at_id", "customers", ["created_at", "id"])
    op.create_index("ix_customers_updated_at_id", "customers", ["updated_at", "id"])
    op.create_index("ix_customers_parent_id", "customers", ["parent_id"])
    for column in ("lifecycle", "level"):
        op.create_index(f"ix_customers_{column}_folded_name_id", "customers", [column, "folded_name", "id"])
    for column in ("owner_id", "pool_id"):
        op.create_index(
            f"ix_customers_{column}_folded_name_id",
            "customers",
            [column, "folded_name", "id"],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )
    for column in ("tags", "name_pieces"):
        op.create_index(f"ix_customers_{column}", "customers", [column], postgresql_using="gin")
    for column in ("folded_name", "phone_digits", "folded_emails"):
        op.create_index(
            f"ix_customers_{column}_trigrams",
            "customers",
            [column],
            postgresql_using="gin",
            postgresql_ops={column: "gin_trgm_ops"},
        )
    op.create_index("ix_customers_name_key", "customers", [sa.text("replace(folded_name, ' ', '')")])


def _create_contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("reports_to", sa.Uuid(), nullable=True),
        sa.Column("phones", JSONB(), nullable=False),
        sa.Column("emails", JSONB(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_contacts_customer_id_customers"),
        sa.ForeignKeyConstraint(["reports_to"], ["contacts.id"], name="fk_contacts_reports_to_contacts"),
    )
    op.create_index("ix_contacts_customer_id", "contacts", ["customer_id"])
    op.create_index("ix_contacts_reports_to", "contacts", ["reports_to"])


def downgrade() -> None:
    """Refused: it would delete everything."""
    raise RuntimeError("the first migration can't be taken back: drop the database instead")
