"""Whole files of customers or contacts, taken in by a job that can be watched, stopped and taken back."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import Event, Message, Request
from contracts.values import ImportFault, Limit, Line, UserRef, Value


class ImportKind(StrEnum):
    """What the rows of a file are."""

    CUSTOMERS = "customers"
    CONTACTS = "contacts"
    """People at companies that are there; each row names its company by id, registration number or name."""


class ImportState(StrEnum):
    """Where an import stands."""

    READING = "reading"
    READY = "ready"
    """The whole file was read, and nothing was written yet."""
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REVERTING = "reverting"
    REVERTED = "reverted"


class ImportMode(StrEnum):
    """What becomes of a row that is there already."""

    CREATE = "create"
    CREATE_OR_UPDATE = "create_or_update"


class ImportKey(StrEnum):
    """What tells that a row is there already; of several e-mails or phones the primary one, among all of a record's.

    By those a row adds what is new to the record's and takes none away. Contacts are told apart within their company,
    by all but the registration number.
    """

    ID = "id"
    NAME = "name"
    REGISTRATION_NUMBER = "registration_number"
    EMAIL = "email"
    PHONE = "phone"


ColumnMap = Annotated[dict[str, Line], Field(max_length=100)]
"""Fields by name, each with the heading of the column that it is taken from."""


class ImportPlan(Message):
    """How an import's rows are taken; what is left out is guessed or not wanted."""

    mapping: ColumnMap | None = None
    """As the import shows it; without one, as it was guessed from the headings."""
    mode: ImportMode = ImportMode.CREATE
    key: ImportKey = ImportKey.NAME
    """For `create_or_update`: what a row and the record that it changes have in common."""
    pool_id: UUID | None = None
    """Where rows go that name neither owner nor pool; without it, to the default pool."""
    owner: Line | None = None
    """Or to whom they go, by login name."""


class ImportFailure(Value):
    """Why a whole import came to nothing, or went no further; `row` is as a spreadsheet counts."""

    code: str
    detail: str
    row: int | None


class Import(ImportPlan):
    """A file on its way in. Rows are numbered as a spreadsheet does: the headings are row 1."""

    id: UUID
    kind: ImportKind
    name: str
    """The file's."""
    state: ImportState
    format: str | None
    """`csv` or `xlsx`, once the file has been read."""
    encoding: str | None
    delimiter: str | None
    columns: list[str]
    """The headings."""
    total: int
    """Rows with anything in them, headings aside; grows while the file is read."""
    done: int
    created: int
    updated: int
    refused: int
    reverted: int = 0
    """Of those created and updated, how many were taken back."""
    failure: ImportFailure | None
    by: UserRef
    created_at: datetime
    finished_at: datetime | None


class CreateImport(Request[Import], to="customer"):
    """Have an uploaded file read. The import is `ready` once it has been read whole, or `failed` and says why.

    NotPermitted: customer.importers_only. NotFound: upload.not_found. Conflict: upload.incomplete, import.too_many
    (10 of one's own that are not over). InvalidInput: import.unknown_encoding.
    """

    upload_id: UUID
    kind: ImportKind = ImportKind.CUSTOMERS
    encoding: Line | None = None
    """Guessed where it is not given."""
    delimiter: Annotated[str, Field(pattern=r"^[,;\t|]$")] | None = None


class GetImport(Request[Import], to="customer"):
    """How far an import is. NotFound: import.not_found. NotPermitted: customer.importers_only."""

    import_id: UUID


class ImportPage(Message):
    """A page of imports."""

    items: list[Import]
    next_cursor: str | None


class ListImports(Request[ImportPage], to="customer"):
    """One's own imports, for admins all, newest first. NotPermitted: customer.importers_only."""

    limit: Limit = 50
    cursor: str | None = None


class PreviewedRow(Value):
    """A row as it would be taken."""

    row: int
    values: dict[str, str]
    """The texts of its cells by field."""
    outcome: str
    """`created`, `updated`, `refused`, or `waiting` for a parent that may come later in the file."""
    faults: list[ImportFault]


class ImportPreview(Message):
    """The first 100 rows as a plan would take them."""

    mapping: dict[str, str]
    unmapped: list[str]
    """Headings of columns that go nowhere."""
    fields: list[str]
    """All fields that a column can go to."""
    rows: list[PreviewedRow]


class PreviewImport(Request[ImportPreview], ImportPlan, to="customer", scope="customer:read"):
    """Try a plan on the first 100 rows; nothing is kept.

    NotFound: import.not_found. NotPermitted: customer.importers_only. Conflict: import.not_ready. InvalidInput:
    import.unknown_field, import.unknown_column, import.column_missing (a needed field has no column),
    import.owner_and_pool, import.no_holder (contacts go with their company), import.wrong_key (of contacts).
    """

    import_id: UUID


class StartImport(Request[Import], ImportPlan, to="customer"):
    """Take the rows in by this plan, with the rights that the caller has now.

    NotFound: import.not_found. NotPermitted: customer.importers_only. Conflict: import.not_ready. InvalidInput:
    import.unknown_field, import.unknown_column, import.column_missing (a needed field has no column),
    import.owner_and_pool, import.no_holder (contacts go with their company), import.wrong_key (of contacts).
    """

    import_id: UUID


class CancelImport(Request[Import], to="customer"):
    """Stop an import; what it has taken stays. NotFound: import.not_found. Conflict: import.over.

    NotPermitted: customer.importers_only.
    """

    import_id: UUID


class RevertImport(Request[Import], to="customer"):
    """Take a whole import back, in the background, within 30 days of its end.

    Customers that it added are deleted (they can be restored), contacts that it added are removed, those that it
    changed are as they were before; one that somebody has changed since, or that companies of another origin belong to,
    stays as it is. NotFound:
    import.not_found. NotPermitted: customer.importers_only. Conflict: import.not_over, import.reverted,
    import.too_late.
    """

    import_id: UUID


class RefusedRow(Value):
    """A row that was not taken, as it was given, and why."""

    row: int
    cells: list[str]
    faults: list[ImportFault]


class ImportErrors(Message):
    """A page of an import's refused rows, by number; `columns` are the file's headings."""

    columns: list[str]
    items: list[RefusedRow]
    next_cursor: str | None


class ListImportErrors(Request[ImportErrors], to="customer"):
    """The rows that an import has refused so far.

    NotFound: import.not_found. NotPermitted: customer.importers_only.
    """

    import_id: UUID
    limit: Limit = 50
    cursor: str | None = None


class ImportFinished(Event, type="import.finished", subject="import_id"):
    """An import is over, whatever came of it."""

    import_id: UUID
    user_id: UUID
    """Who started it."""
    kind: ImportKind
    name: str
    state: ImportState
    created: int
    updated: int
    refused: int
