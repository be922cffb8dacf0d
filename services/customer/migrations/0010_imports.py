"""Uploads, and imports of whole files with what became of each row."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_created_by", "uploads", ["created_by"])
    op.create_index("ix_uploads_created_at", "uploads", ["created_at"])
    _create_imports()
    _create_rows()


def _create_imports() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("kind", "name", "state")),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("format", "encoding", "delimiter")),
        sa.Column("columns", ARRAY(sa.Text()), nullable=False),
        sa.Column("mapping", JSONB(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("mode", "key")),
        sa.Column("pool_id", sa.Uuid(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("caller", JSONB(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("batches", "position", "total", "created", "updated", "refused", "swept", "placed", "attempts")
        ),
        sa.Column("failure", JSONB(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index("ix_imports_created_by_created_at_id", "imports", ["created_by", "created_at", "id"])
    op.create_index("ix_imports_created_at_id", "imports", ["created_at", "id"])
    unfinished = sa.text("finished_at IS NULL")
    op.create_index("ix_imports_to_work_on", "imports", ["state", "worked_at"], postgresql_where=unfinished)


def _create_rows() -> None:
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("before", JSONB(), nullable=True),
        sa.Column("cells", ARRAY(sa.Text()), nullable=True),
        sa.Column("faults", JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("import_id", "row", name="pk_import_rows"),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name="fk_import_rows_import_id_imports"),
    )
    kept = sa.text("cells IS NOT NULL")
    op.create_index("ix_import_rows_outcome", "import_rows", ["import_id", "outcome", "row"], postgresql_where=kept)


def downgrade() -> None:
    """Take back what the next release does not use yet."""
    op.drop_table("import_rows")
    op.drop_table("imports")
    op.drop_table("uploads")
