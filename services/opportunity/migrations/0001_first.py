"""The first tables: pipelines, products, opportunities and their way, what is known of others, and messaging."""

from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from servicekit.messaging_tables import create_messaging_tables

revision = "0001"
down_revision = None

_DEFAULT_PIPELINE = UUID("00000000-0000-7000-8000-000000000010")
_DEFAULT_STAGES = (
    (UUID("00000000-0000-7000-8000-000000000011"), "Prospecting", 10),
    (UUID("00000000-0000-7000-8000-000000000012"), "Engaging", 40),
)


def upgrade() -> None:
    """Apply."""
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    _create_projections()
    pipelines, stages = _create_pipelines()
    _create_products()
    _create_opportunities()
    _create_stage_spans()
    create_messaging_tables()
    _add_default_pipeline(pipelines, stages)


def _create_projections() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded_name", sa.String(), nullable=False),
        sa.Column("login_name", sa.String(), nullable=False),
        sa.Column("folded_login_name", sa.String(), nullable=False),
        sa.Column("department_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    for column in ("folded_name", "folded_login_name", "department_id"):
        op.create_index(f"ix_users_{column}", "users", [column])
    op.create_table(
        "customers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False, server_default=""),
        sa.Column("folded_name", sa.String(), nullable=False, server_default=""),
        sa.Column("sequence", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("pool_id", sa.Uuid(), nullable=True),
        sa.Column("holding_sequence", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )
    op.create_index("ix_customers_folded_name", "customers", ["folded_name"])


def _create_pipelines() -> tuple[sa.Table, sa.Table]:
    pipelines = op.create_table(
        "pipelines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded_name", sa.String(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pipelines"),
        sa.UniqueConstraint("folded_name", name="uq_pipelines_folded_name"),
    )
    only_default = sa.text("is_default")
    op.create_index("uq_pipelines_default", "pipelines", ["is_default"], unique=True, postgresql_where=only_default)
    stages = op.create_table(
        "stages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pipeline_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("probability", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stages"),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipelines.id"], name="fk_stages_pipeline_id_pipelines"),
        sa.UniqueConstraint("pipeline_id", "position", name="uq_stages_pipeline_id_position"),
    )
    return pipelines, stages


def _create_products() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded_name", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("price", sa.Numeric(16, 2), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_products"),
        sa.UniqueConstraint("folded_name", name="uq_products_folded_name"),
    )
    op.create_index("ix_products_name_id", "products", ["name", "id"])


def _create_opportunities() -> None:
    op.create_table(
        "opportunities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("pipeline_id", sa.Uuid(), nullable=False),
        sa.Column("stage_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("amount", sa.Numeric(16, 2), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("expected_close_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("entered_stage_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("loss_reason", sa.String(), nullable=True),
        sa.Column("competitor", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_opportunities"),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipelines.id"], name="fk_opportunities_pipeline_id_pipelines"),
        sa.ForeignKeyConstraint(["stage_id"], ["stages.id"], name="fk_opportunities_stage_id_stages"),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name="fk_opportunities_product_id_products"),
        sa.UniqueConstraint("external_id", name="uq_opportunities_external_id"),
        sa.CheckConstraint("(amount IS NULL) = (currency IS NULL)", name="ck_opportunities_whole_money"),
        sa.CheckConstraint("(state = 'open') = (closed_on IS NULL)", name="ck_opportunities_closing_day"),
        sa.CheckConstraint(
            "state <> 'won' OR (customer_id IS NOT NULL AND amount IS NOT NULL)", name="ck_opportunities_won_whole"
        ),
    )
    for columns in (
        ["created_at", "id"],
        ["customer_id", "created_at", "id"],
        ["owner_id", "created_at", "id"],
        ["pipeline_id", "state", "closed_on"],
        ["stage_id", "created_at", "id"],
    ):
        op.create_index(f"ix_opportunities_{'_'.join(columns)}", "opportunities", columns)
    trigrams = {"name": "gin_trgm_ops"}
    op.create_index("ix_opportunities_name", "opportunities", ["name"], postgresql_using="gin", postgresql_ops=trigrams)


def _create_stage_spans() -> None:
    op.create_table(
        "stage_spans",
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stage_id", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("opportunity_id", "number", name="pk_stage_spans"),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunities.id"], name="fk_stage_spans_opportunity_id_opportunities"
        ),
        sa.ForeignKeyConstraint(["stage_id"], ["stages.id"], name="fk_stage_spans_stage_id_stages"),
        sa.CheckConstraint("left_at >= entered_at", name="ck_stage_spans_forward"),
    )
    present = sa.text("left_at IS NULL")
    op.create_index("uq_stage_spans_present", "stage_spans", ["opportunity_id"], unique=True, postgresql_where=present)


def _add_default_pipeline(pipelines: sa.Table, stages: sa.Table) -> None:
    pipeline = {"id": _DEFAULT_PIPELINE, "name": "Sales", "folded_name": "sales", "is_default": True, "version": 1}
    op.bulk_insert(pipelines, [{**pipeline, "created_at": datetime.now(UTC)}])
    op.bulk_insert(
        stages,
        [
            {"id": id_, "pipeline_id": _DEFAULT_PIPELINE, "name": name, "position": position, "probability": percent}
            for position, (id_, name, percent) in enumerate(_DEFAULT_STAGES, start=1)
        ],
    )


def downgrade() -> None:
    """Refused: taking back the first migration would delete everything; drop the database instead."""
    raise RuntimeError("the first migration can't be taken back: drop the database instead")
