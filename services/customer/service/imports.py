"""A part of the customer service's door. Uploads, imports and exports."""

from contracts.customer.exports import ExportCustomers, TablePage
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
    RevertImport,
    StartImport,
)
from contracts.customer.imports import ImportCustomers
from contracts.customer.uploads import AppendUpload, BeginUpload, FinishUpload, GetUpload, Upload
from contracts.values import ImportResult
from servicekit.rpc import answers
from servicekit.service import Service
from servicekit.timers import every
from services.customer.operations import (
    exports,
    import_batches,
    import_jobs,
    import_reading,
    import_reverts,
    imports,
    uploads,
)


class Imports(Service):
    """Uploads, imports and exports."""

    @answers(ImportCustomers)
    def import_customers(self, request: ImportCustomers) -> ImportResult:
        return imports.import_customers(self.db, request)

    @answers(ExportCustomers)
    def export_customers(self, request: ExportCustomers) -> TablePage:
        return exports.export(self.db, request)

    @answers(BeginUpload)
    def begin_upload(self, request: BeginUpload) -> Upload:
        return uploads.begin(self.db, self.runtime.files, request)

    @answers(AppendUpload)
    def append_upload(self, request: AppendUpload) -> Upload:
        return uploads.append(self.db, self.runtime.files, request)

    @answers(FinishUpload)
    def finish_upload(self, request: FinishUpload) -> Upload:
        return uploads.finish(self.db, request)

    @answers(GetUpload)
    def get_upload(self, request: GetUpload) -> Upload:
        return uploads.get(self.db, request)

    @answers(CreateImport)
    def create_import(self, request: CreateImport) -> Import:
        return import_jobs.create(self.db, request)

    @answers(GetImport)
    def get_import(self, request: GetImport) -> Import:
        return import_jobs.get(self.db, request)

    @answers(ListImports)
    def list_imports(self, request: ListImports) -> ImportPage:
        return import_jobs.list_imports(self.db, request)

    @answers(PreviewImport)
    def preview_import(self, request: PreviewImport) -> ImportPreview:
        return import_jobs.preview(self.db, self.runtime.files, request)

    @answers(StartImport)
    def start_import(self, request: StartImport) -> Import:
        return import_jobs.start(self.db, request)

    @answers(CancelImport)
    def cancel_import(self, request: CancelImport) -> Import:
        return import_jobs.cancel(self.db, self.runtime.files, request)

    @answers(RevertImport)
    def revert_import(self, request: RevertImport) -> Import:
        return import_reverts.revert(self.db, request)

    @answers(ListImportErrors)
    def list_import_errors(self, request: ListImportErrors) -> ImportErrors:
        return import_jobs.errors(self.db, request)

    @every(seconds=1)
    def read_imports(self) -> bool:
        return import_reading.read_next(self.runtime.database, self.runtime.files)

    @every(seconds=1)
    def run_imports(self) -> bool:
        return import_batches.run_next(self.runtime.database, self.runtime.files)

    @every(seconds=1)
    def revert_imports(self) -> bool:
        return import_reverts.revert_next(self.db, self.runtime.files)
