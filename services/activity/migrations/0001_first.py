"""The first tables: activities, follow-ups, reminders, what is known of users and customers, and messaging."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.messaging_tables import create_messaging_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    _create_projections()
    _create_activities()
    _create_follow_ups()
    _create_reminders()
    create_messaging_tables()


def _create_projections() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.create_index("ix_users_department_id", "users", ["department_id"])
    op.create_table(
        "customers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False, server_default=""),
        sa.Column("lifecycle", sa.String(), nullable=False, server_default="lead"),
        sa.Column("sequence", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("pool_id", sa.Uuid(), nullable=True),
        sa.Column("holding_sequence", sa.BigInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )


def _create_activities() -> None:
    op.create_table(
        "activities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("opportunity_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("back_dated", sa.Boolean(), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=True),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_activities"),
    )
    op.create_index("ix_activities_occurred_at_id", "activities", ["occurred_at", "id"])
    for column in ("customer_id", "owner_id", "kind"):
        op.create_index(f"ix_activities_{column}_occurred_at_id", "activities", [column, "occurred_at", "id"])


def _create_follow_ups() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("remind_before_minutes", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_follow_ups"),
    )
    planned = sa.text("done_at IS NULL")
    for columns in (["due_at", "id"], ["owner_id", "due_at", "id"]):
        name = "_".join(columns)
        op.create_index(f"ix_follow_ups_{name}", "follow_ups", columns)
        op.create_index(f"ix_follow_ups_planned_{name}", "follow_ups", columns, postgresql_where=planned)
    op.create_index("ix_follow_ups_customer_id_due_at_id", "follow_ups", ["customer_id", "due_at", "id"])


def _create_reminders() -> None:
    op.create_table(
        "reminders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("follow_up_id", sa.Uuid(), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_ups.id"], name="fk_reminders_follow_up_id_follow_ups", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reminders"),
    )
    unsent = sa.text("sent_at IS NULL")
    op.create_index("ix_reminders_unsent_remind_at", "reminders", ["remind_at"], postgresql_where=unsent)
    op.create_index("ix_reminders_follow_up_id", "reminders", ["follow_up_id"])


def downgrade() -> None:
    """Refused: taking back the first migration would delete everything; drop the database instead."""
    raise RuntimeError("the first migration can't be taken back: drop the database instead")
