"""Files of records, taken in by jobs; and many records at once, each answering by itself."""

from collections.abc import Iterator

from contracts.customer.import_jobs import (
    CancelImport,
    CreateImport,
    GetImport,
    Import,
    ImportErrors,
    ImportPage,
    ImportPreview,
    ListImportErrors,
    ListImports,
    PreviewImport,
    RefusedRow,
    RevertImport,
    StartImport,
)
from contracts.customer.imports import ImportCustomers
from contracts.customer.uploads import GetUpload, Upload
from contracts.opportunity.imports import ImportOpportunities
from contracts.values import ImportResult
from gateway.csv_text import MEDIA_TYPE, csv_pieces
from gateway.downloads import Download, pages
from gateway.routing import Api
from servicekit.rpc import call

api = Api("imports")

_SECONDS = 30.0
"""Hundreds of records take a slow machine longer than a request usually may."""
_PAGE = 200


@api.get("/v1/uploads/{upload_id}")
def get_upload(request: GetUpload) -> Upload:
    """One's own file, until something takes it."""
    return call(request)


@api.get("/v1/imports")
def list_imports(request: ListImports) -> ImportPage:
    """One's own imports; for admins all."""
    return call(request)


@api.post("/v1/imports", status=201)
def create_import(request: CreateImport) -> Import:
    """Have an uploaded file read."""
    return call(request)


@api.get("/v1/imports/{import_id}")
def get_import(request: GetImport) -> Import:
    """How far an import is."""
    return call(request)


@api.post("/v1/imports/{import_id}/previews", seconds=_SECONDS)
def preview_import(request: PreviewImport) -> ImportPreview:
    """What would become of the first 100 rows."""
    return call(request, timeout=_SECONDS)


@api.post("/v1/imports/{import_id}/start")
def start_import(request: StartImport) -> Import:
    """Take the rows in."""
    return call(request)


@api.post("/v1/imports/{import_id}/cancel")
def cancel_import(request: CancelImport) -> Import:
    """Stop an import."""
    return call(request)


@api.post("/v1/imports/{import_id}/revert")
def revert_import(request: RevertImport) -> Import:
    """Take a whole import back."""
    return call(request)


@api.get("/v1/imports/{import_id}/errors")
def list_import_errors(request: ListImportErrors) -> ImportErrors:
    """The rows that were not taken, and why."""
    return call(request)


@api.download("/v1/imports/{import_id}/errors.csv", MEDIA_TYPE)
def download_import_errors(request: GetImport) -> Download:
    """The rows that were not taken, as they were given, to be mended and imported."""

    def read(cursor: str | None) -> tuple[ImportErrors, str | None]:
        page = call(ListImportErrors(import_id=request.import_id, limit=_PAGE, cursor=cursor))
        return page, page.next_cursor

    return Download(name="errors.csv", media_type=MEDIA_TYPE, pieces=csv_pieces(_error_rows(pages(read))))


@api.post("/v1/imports/customers", seconds=_SECONDS)
def import_customers(request: ImportCustomers) -> ImportResult:
    """Add up to 500 customers."""
    return call(request, timeout=_SECONDS)


@api.post("/v1/imports/opportunities", seconds=_SECONDS)
def import_opportunities(request: ImportOpportunities) -> ImportResult:
    """Add up to 500 opportunities."""
    return call(request, timeout=_SECONDS)


def _error_rows(found: Iterator[ImportErrors]) -> Iterator[list[list[str]]]:
    """The headings with each row's number and faults in front, page by page."""
    for place, page in enumerate(found):
        heading = [["Row", "Errors", *page.columns]] if place == 0 else []
        yield heading + [[str(row.row), _said(row), *row.cells] for row in page.items]


def _said(row: RefusedRow) -> str:
    return "; ".join(f"{fault.field}: {fault.message}" if fault.field else fault.message for fault in row.faults)
