"""What duplicates are found by, the pairs that are suspected, the policies, and the scans."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0011"
down_revision = "0010"

_ANSWERABLE = ["manager", "admin"]
_POLICIES: tuple[tuple[str, str, str, str, list[str]], ...] = (
    ("00000000-0000-7000-8000-000000000101", "manual", "block", "warn", _ANSWERABLE),
    ("00000000-0000-7000-8000-000000000102", "import", "block", "warn", []),
    ("00000000-0000-7000-8000-000000000103", "api", "block", "warn", []),
)


def upgrade() -> None:
    """Apply. Customers that are there already are read by the service, a few hundred at a time."""
    op.add_column("customers", sa.Column("match_name", sa.String(), nullable=True))
    op.create_index("ix_customers_match_name", "customers", ["match_name", "kind"])
    for kind in ("company", "person"):
        op.create_index(
            f"ix_customers_match_name_{kind}_trigrams",
            "customers",
            ["match_name"],
            postgresql_using="gin",
            postgresql_ops={"match_name": "gin_trgm_ops"},
            postgresql_with={"fastupdate": "off"},
            postgresql_where=sa.text(f"kind = '{kind}'"),
        )
    op.create_index("ix_customers_unread", "customers", ["id"], postgresql_where=sa.text("match_name IS NULL"))
    _create_keys()
    _create_suspicions()
    _create_policies()
    _create_scans()


def _create_keys() -> None:
    op.create_table(
        "customer_keys",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", "customer_id", name="pk_customer_keys"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_customer_keys_customer_id_customers"),
    )
    op.create_index("ix_customer_keys_customer_id", "customer_keys", ["customer_id"])


def _create_suspicions() -> None:
    op.create_table(
        "suspicions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("older_id", sa.Uuid(), nullable=False),
        sa.Column("newer_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("matched_on", ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", JSONB(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suspicions"),
        sa.ForeignKeyConstraint(["older_id"], ["customers.id"], name="fk_suspicions_older_id_customers"),
        sa.ForeignKeyConstraint(["newer_id"], ["customers.id"], name="fk_suspicions_newer_id_customers"),
        sa.UniqueConstraint("older_id", "newer_id", name="uq_suspicions_older_id_newer_id"),
        sa.CheckConstraint("older_id < newer_id", name="ck_suspicions_older_first"),
    )
    op.create_index("ix_suspicions_newer_id", "suspicions", ["newer_id"])
    op.create_index("ix_suspicions_state_score_id", "suspicions", ["state", "score", "id"])


def _create_policies() -> None:
    policies = op.create_table(
        "duplicate_policies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_point", sa.String(), nullable=False),
        sa.Column("exact", sa.String(), nullable=False),
        sa.Column("probable", sa.String(), nullable=False),
        sa.Column("overriders", ARRAY(sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_duplicate_policies"),
        sa.UniqueConstraint("entry_point", name="uq_duplicate_policies_entry_point"),
    )
    names = ("id", "entry_point", "exact", "probable", "overriders")
    op.bulk_insert(policies, [{**dict(zip(names, row, strict=True)), "version": 1} for row in _POLICIES])


def _create_scans() -> None:
    op.create_table(
        "duplicate_scans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("position", sa.Uuid(), nullable=True),
        sa.Column("checked", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", JSONB(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_duplicate_scans"),
    )
    op.create_index(
        "uq_duplicate_scans_running",
        "duplicate_scans",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    )


def downgrade() -> None:
    """Take back what the next release does not use yet."""
    for table in ("duplicate_scans", "duplicate_policies", "suspicions", "customer_keys"):
        op.drop_table(table)
    op.drop_column("customers", "match_name")
