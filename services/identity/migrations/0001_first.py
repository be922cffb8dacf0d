"""The first tables: departments, users, failed sign-ins, and messaging. No user: the first one is made by `crm`."""

import sqlalchemy as sa
from alembic import op

from servicekit.messaging_tables import create_messaging_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    _create_departments()
    _create_users()
    # Departments name their managers and users their departments, so one of the two references comes afterwards.
    op.create_foreign_key("fk_departments_manager_id_users", "departments", "users", ["manager_id"], ["id"])
    _create_sign_in_failures()
    create_messaging_tables()


def _create_departments() -> None:
    op.create_table(
        "departments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_departments"),
        sa.ForeignKeyConstraint(["parent_id"], ["departments.id"], name="fk_departments_parent_id_departments"),
    )
    op.create_index(
        "uq_departments_parent_id_name",
        "departments",
        ["parent_id", "name"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("ix_departments_manager_id", "departments", ["manager_id"])


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
        sa.ForeignKeyConstraint(["department_id"], ["departments.id"], name="fk_users_department_id_departments"),
    )
    op.create_index("ix_users_full_name_id", "users", ["full_name", "id"])
    op.create_index("ix_users_department_id_full_name_id", "users", ["department_id", "full_name", "id"])
    op.create_index("ix_users_role_full_name_id", "users", ["role", "full_name", "id"])
    op.create_index(
        "ix_users_names_trigrams",
        "users",
        ["full_name", "name"],
        postgresql_using="gin",
        postgresql_ops={"full_name": "gin_trgm_ops", "name": "gin_trgm_ops"},
    )


def _create_sign_in_failures() -> None:
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_failures"),
    )
    op.create_index("ix_sign_in_failures_name_failed_at", "sign_in_failures", ["name", "failed_at"])
    op.create_index("ix_sign_in_failures_failed_at", "sign_in_failures", ["failed_at"])


def downgrade() -> None:
    """Refused: taking back the first migration would delete everything; drop the database instead."""
    raise RuntimeError("the first migration can't be taken back: drop the database instead")
