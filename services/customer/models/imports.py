"""The tables of files on their way in: uploads, imports, and what became of each row."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from services.customer.models.base import Base


class Upload(Base):
    """A file that arrives, or waits for something to take it; its parts lie in the file store under its id."""

    __tablename__ = "uploads"
    __table_args__ = (Index(None, "created_by"), Index(None, "created_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    parts: Mapped[int]
    complete: Mapped[bool]
    created_by: Mapped[str]
    """The caller's id."""
    created_at: Mapped[datetime]


class Import(Base):
    """A file on its way in. Its file, and the batches that were read from it, lie in the file store."""

    __tablename__ = "imports"
    __table_args__ = (
        Index(None, "created_by", "created_at", "id"),
        Index(None, "created_at", "id"),
        Index("ix_imports_to_work_on", "state", "worked_at", postgresql_where=text("finished_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """The name of its batches in the file store."""
    kind: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]
    file_id: Mapped[UUID]
    file_size: Mapped[int] = mapped_column(BigInteger)
    format: Mapped[str | None]
    encoding: Mapped[str | None]
    delimiter: Mapped[str | None]
    columns: Mapped[list[str]]
    mapping: Mapped[dict[str, Any] | None]
    mode: Mapped[str]
    key: Mapped[str]
    pool_id: Mapped[UUID | None]
    owner: Mapped[str | None]
    caller: Mapped[dict[str, Any]]
    """On whose behalf it works, with the rights of the moment when they said so."""
    created_by: Mapped[str]
    """The caller's id."""

    batches: Mapped[int]
    position: Mapped[int]
    """The next batch."""
    total: Mapped[int]
    created: Mapped[int]
    updated: Mapped[int]
    refused: Mapped[int]
    reverted: Mapped[int] = mapped_column(server_default="0")
    swept: Mapped[int]
    """The last row of this sweep: over the waiting rows, to try them again, or over those to take back."""
    placed: Mapped[int]
    """How many of them this sweep has placed, or taken back; one without any is the last."""
    attempts: Mapped[int]
    """How often the batch in hand has failed by an error of ours."""
    failure: Mapped[dict[str, Any] | None]

    leased_until: Mapped[datetime | None]
    """Until when the process that reads the file has said that it does."""
    worked_at: Mapped[datetime]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ImportRow(Base):
    """What became of a row of an import."""

    __tablename__ = "import_rows"
    __table_args__ = (
        Index(
            "ix_import_rows_taken", "import_id", "record_id", postgresql_where=text("outcome IN ('created', 'updated')")
        ),
        Index("ix_import_rows_outcome", "import_id", "outcome", "row", postgresql_where=text("cells IS NOT NULL")),
    )

    import_id: Mapped[UUID] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    """`created`, `updated`, `refused`, `waiting` for a parent, or `reverted`."""
    record_id: Mapped[UUID | None]
    version: Mapped[int | None]
    """The record's, as the import left it."""
    before: Mapped[dict[str, Any] | None]
    """The fields that an update changed, as they were."""
    cells: Mapped[list[str] | None]
    """The row as it was given, while it is refused or waits."""
    faults: Mapped[list[dict[str, Any]] | None]
