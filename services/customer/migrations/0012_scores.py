"""What customers are worth, and the rules for it; activities count from now on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"

_FIRST_RULES = """
    [{"outcome": "not interested", "points": -20}, {"kind": "visit", "points": 15}, {"kind": "meeting", "points": 15},
     {"kind": "call", "points": 5}, {"kind": "chat", "points": 3}, {"kind": "email", "points": 2}]
"""


def upgrade() -> None:
    """Apply."""
    scoring = op.create_table(
        "scoring",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fit", JSONB(), nullable=False),
        sa.Column("behaviour", JSONB(), nullable=False),
        sa.Column("half_life_days", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scoring"),
        sa.CheckConstraint("id = 1", name="ck_scoring_one_row"),
    )
    first = {"id": 1, "fit": sa.text("'[]'"), "half_life_days": 14, "threshold": 50, "version": 1}
    rules = sa.cast(sa.literal(_FIRST_RULES), sa.Text()).cast(JSONB())
    op.execute(scoring.insert().values(**first, behaviour=rules, updated_at=sa.func.now()))
    op.create_table(
        "customer_scores",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("fit", sa.Integer(), nullable=False),
        sa.Column("fit_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("behaviour", sa.Float(), nullable=False),
        sa.Column("behaviour_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=False),
        sa.Column("scoring_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customer_scores"),
    )
    op.execute(
        "INSERT INTO customer_scores (customer_id, fit, fit_at, behaviour, behaviour_at, rank, scoring_version)"
        " SELECT id, 0, created_at, 0, created_at, 0, 1 FROM customers"
    )
    op.create_index("ix_customer_scores_rank_customer_id", "customer_scores", ["rank", "customer_id"])
    op.create_index("ix_customer_scores_scoring_version", "customer_scores", ["scoring_version"])


def downgrade() -> None:
    """Take back what the next release does not use yet."""
    op.drop_table("customer_scores")
    op.drop_table("scoring")
