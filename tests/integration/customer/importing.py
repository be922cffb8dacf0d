"""Imports as a test makes them: a file is handed in, read, and worked on batch by batch, by hand."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy

from contracts.base import R, Request
from contracts.customer.customers import Customer, ListCustomers
from contracts.customer.exports import ExportCustomers
from contracts.customer.import_jobs import (
    CancelImport,
    CreateImport,
    GetImport,
    Import,
    ListImportErrors,
    ListImports,
    PreviewImport,
    RefusedRow,
    RevertImport,
    StartImport,
)
from contracts.customer.uploads import PART_BYTES, AppendUpload, BeginUpload, FinishUpload, GetUpload
from gateway.csv_text import csv_pieces
from servicekit.context import Caller
from servicekit.files import Files
from servicekit.testing import calling
from services.customer.operations import exports, import_batches, import_jobs, import_reading, import_reverts, uploads
from tests.integration.customer.office import Office

_PLAIN: dict[type[Request[Any]], Callable[..., Any]] = {
    FinishUpload: uploads.finish,
    GetUpload: uploads.get,
    CreateImport: import_jobs.create,
    ExportCustomers: exports.export,
    GetImport: import_jobs.get,
    ListImports: import_jobs.list_imports,
    ListImportErrors: import_jobs.errors,
    StartImport: import_jobs.start,
    RevertImport: import_reverts.revert,
}
_WITH_FILES: dict[type[Request[Any]], Callable[..., Any]] = {
    BeginUpload: uploads.begin,
    AppendUpload: uploads.append,
    PreviewImport: import_jobs.preview,
    CancelImport: import_jobs.cancel,
}


class Killed(BaseException):
    """Nobody catches this one, as nobody catches SIGKILL."""


@dataclass(frozen=True)
class Importing:
    """The office, and the store that its files lie in."""

    office: Office
    files: Files

    def ask(self, by: Caller, request: Request[R]) -> R:
        """The answer to this caller, in a transaction of its own."""
        with calling(by), self.office.database.transaction() as db:
            plain = _PLAIN.get(type(request))
            answer: R = plain(db, request) if plain else _WITH_FILES[type(request)](db, self.files, request)
            return answer

    def upload(self, by: Caller, content: bytes, *, name: str = "customers.csv") -> UUID:
        """A whole file, sent in parts."""
        upload_id = self.ask(by, BeginUpload(name=name)).id
        for number, start in enumerate(range(0, len(content), PART_BYTES)):
            part = content[start : start + PART_BYTES]
            self.ask(by, AppendUpload(upload_id=upload_id, part=number, data=part))
        self.ask(by, FinishUpload(upload_id=upload_id))
        return upload_id

    def read(self, by: Caller, content: bytes, **wanted: Any) -> Import:
        """An import whose file was read."""
        made = self.ask(by, CreateImport(upload_id=self.upload(by, content), **wanted))
        self.read_all()
        return self.now(by, made)

    def bring(self, by: Caller, content: bytes, **plan: Any) -> Import:
        """An import that is over."""
        job = self.read(by, content)
        self.ask(by, StartImport(import_id=job.id, **plan))
        self.run_all()
        return self.now(by, job)

    def read_all(self) -> None:
        """Read what waits to be read, as the service's timer does."""
        with calling(self.office.service):
            while import_reading.read_next(self.office.database, self.files):
                pass

    def step(self) -> bool:
        """One batch of some import, as the service's timer does it."""
        with calling(self.office.service):
            return import_batches.run_next(self.office.database, self.files)

    def step_killed_at(self, nth: int) -> bool:
        """A batch whose process dies before its n-th statement, if it gets that far."""
        left = nth

        def count(*_: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed

        engine = self.office.database.engine
        sqlalchemy.event.listen(engine, "before_cursor_execute", count)
        try:
            return self.step()
        except Killed:
            return True
        finally:
            sqlalchemy.event.remove(engine, "before_cursor_execute", count)

    def take_back(self, by: Caller, job: Import) -> Import:
        """An import that was taken back."""
        self.ask(by, RevertImport(import_id=job.id))
        while self._back():
            pass
        return self.now(by, job)

    def _back(self) -> bool:
        with calling(self.office.service), self.office.database.transaction() as db:
            return import_reverts.revert_next(db, self.files)

    def run_all(self) -> None:
        """All batches of all imports."""
        while self.step():
            pass

    def now(self, by: Caller, job: Import) -> Import:
        """The import as it is now."""
        return self.ask(by, GetImport(import_id=job.id))

    def refused(self, by: Caller, job: Import) -> list[RefusedRow]:
        """The rows that an import has refused, at most 200."""
        return self.ask(by, ListImportErrors(import_id=job.id, limit=200)).items

    def codes(self, by: Caller, job: Import) -> list[tuple[int, str, str]]:
        """Rows, fields and codes of what was refused."""
        return [(row.row, fault.field, fault.code) for row in self.refused(by, job) for fault in row.faults]

    def exported(self, by: Caller, **wanted: Any) -> bytes:
        """A list of customers as a file."""
        page = self.ask(by, ExportCustomers(wanted=ListCustomers(**wanted)))
        return b"".join(csv_pieces([[page.columns, *page.rows]]))

    def found(self, fragment: str) -> list[Customer]:
        """The customers whose names hold this."""
        return self.office.ask(self.office.admin, ListCustomers(q=fragment, limit=200)).items

    def named(self, name: str) -> Customer:
        """The one customer of this name."""
        (found,) = [each for each in self.found(name) if each.name == name]
        return found


def csv_of(*rows: Sequence[object], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Rows as a CSV file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)
