"""Rules that give customers their level and tags."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "classification_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("condition", JSONB(), nullable=False),
        sa.Column("fields", ARRAY(sa.Text()), nullable=False),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("tags", ARRAY(sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_classification_rules"),
    )
    classification = op.create_table(
        "classification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("round_version", sa.Integer(), nullable=False),
        sa.Column("round_day", sa.Date(), nullable=True),
        sa.Column("position", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_classification"),
        sa.CheckConstraint("id = 1", name="ck_classification_one_row"),
    )
    op.execute(classification.insert().values(id=1, version=1, round_version=1))


def downgrade() -> None:
    """Take back what the next release does not use yet."""
    op.drop_table("classification")
    op.drop_table("classification_rules")
