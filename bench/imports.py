"""Whole files of customers: rows a second of reading and of taking in, and how much memory the process grows by.

CRM_BENCH_ROWS=1000000 measures as many rows; otherwise 10,000 and 100,000. One process, a fresh database for each file.
"""

import csv
import os
import resource
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.measure import progress, report
from contracts.customer.import_jobs import CreateImport, GetImport, Import, StartImport
from contracts.customer.uploads import PART_BYTES, AppendUpload, BeginUpload, FinishUpload
from contracts.pool.pools import DEFAULT_POOL_ID, PoolCreated
from contracts.values import Role
from deploy.local import provision
from deploy.local.keeper import Keeper
from deploy.local.progress import Progress
from deploy.local.servers import Place
from servicekit.database import Database
from servicekit.files import Files
from servicekit.testing import calling, migrated_database, process_named, received, user_of
from services.customer.operations import import_batches, import_jobs, import_reading, others, uploads

_USUAL_ROWS = (10_000, 100_000)
_HEADINGS = ("Name", "Phone", "E-mail", "City", "Country", "Industry", "Employees", "Tags", "Registration number")


def main() -> None:
    """Each size in turn, the small one first: what a process has grown by it does not give back."""
    given = os.environ.get("CRM_BENCH_ROWS")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tideline-bench-")))
        place = Place(folder / "postgres", folder / "logs", stack.enter_context(Keeper(folder)), Progress(sys.stderr))
        server = provision.database(place, given=os.environ.get("CRM_DATABASE_URL"))
        server.start()
        stack.callback(server.stop)
        rows = []
        for size in (int(given),) if given else _USUAL_ROWS:
            with migrated_database("customer", server.url) as database:
                progress(f"{size:,} rows")
                rows.append(_measured(database, Files(str(folder / "files")), folder / "customers.csv", size))
    report("imports", rows, columns=len(_HEADINGS))


def _measured(database: Database, files: Files, path: Path, size: int) -> dict[str, Any]:
    _write(path, size)
    admin = user_of(Role.ADMIN)
    with calling(process_named("pool")), database.transaction() as db:
        pool = PoolCreated(pool_id=DEFAULT_POOL_ID, name="Open customers")
        others.keep_pool(db, received(pool, actor=admin.actor))
    before = _peak_megabytes()
    with calling(admin):
        import_id = _sent(database, files, path)
        began, worked = time.perf_counter(), time.process_time()
        while import_reading.read_next(database, files):
            pass
        read = time.perf_counter()
        with database.transaction() as db:
            import_jobs.start(db, StartImport(import_id=import_id))
        while import_batches.run_next(database, files):
            pass
        done = time.perf_counter()
        with database.transaction() as db:
            _require_all(import_jobs.get(db, GetImport(import_id=import_id)), size)
    return {
        "what": f"{size:,} rows",
        "MB of file": path.stat().st_size / 1e6,
        "read rows/s": size / (read - began),
        "taken rows/s": size / (done - read),
        "rows/s": size / (done - began),
        "CPU ms a row": (time.process_time() - worked) * 1000 / size,
        "peak grew MB": _peak_megabytes() - before,
    }


def _write(path: Path, size: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        for number in range(size):
            phone, mail = f"+86 21 6{number:07d}", f"info@firm{number}.example"
            facts = ("Shanghai", "CN", "retail", number % 900, "fair; east", f"9131{number:010d}")
            writer.writerow((f"Trading company {number}", phone, mail, *facts))


def _sent(database: Database, files: Files, path: Path) -> UUID:
    with database.transaction() as db:
        upload_id = uploads.begin(db, files, BeginUpload(name=path.name)).id
    with path.open("rb") as file:
        for number, data in enumerate(iter(lambda: file.read(PART_BYTES), b"")):
            with database.transaction() as db:
                uploads.append(db, files, AppendUpload(upload_id=upload_id, part=number, data=data))
    with database.transaction() as db:
        uploads.finish(db, FinishUpload(upload_id=upload_id))
        return import_jobs.create(db, CreateImport(upload_id=upload_id)).id


def _require_all(done: Import, size: int) -> None:
    if done.created != size:
        raise RuntimeError(f"{done.created} of {size} rows were taken: {done.failure or done.state}")


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
