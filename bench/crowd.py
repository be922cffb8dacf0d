"""A customer database of any size, filled by COPY: what benchmarks of the customer service look into."""

import io
import json
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg2.extensions import connection
from sqlalchemy.orm import Session

from bench.measure import progress
from bench.names import LANGUAGES, Entry, company, person
from contracts.customer.customers import Email, Kind, Phone
from contracts.pool.pools import DEFAULT_POOL_ID
from deploy.local import provision
from deploy.local.keeper import Keeper
from deploy.local.progress import Progress
from deploy.local.servers import Place
from servicekit.database import Database, new_id
from services.customer.rules import fields, search
from services.customer.rules.duplicates import compared_as

_BATCH = 20_000
_COLUMNS = (
    *("id", "kind", "name", "website", "birthday", "employer", "phones", "emails", "handles", "addresses", "lifecycle"),
    *("level", "tags", "do_not_contact", "note", "pool_id", "holding_sequence", "folded_name", "name_pieces"),
    *("phone_digits", "folded_emails", "match_name", "version", "created_at", "updated_at"),
)
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def private_server() -> Iterator[str]:
    """The address of a database server of one's own; its processes are descendants of this one."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tideline-bench-")))
        keeper = stack.enter_context(Keeper(folder))
        place = Place(folder / "postgres", folder / "logs", keeper, Progress(sys.stderr))
        server = provision.database(place, given=None)
        server.start()
        stack.callback(server.stop)
        yield server.url


def entries(seed: int) -> Iterator[Entry]:
    """Customers without end, companies and people of all languages."""
    dice = random.Random(seed)
    while True:
        for language in LANGUAGES:
            yield (company if dice.random() < 0.6 else person)(language, dice)


def fill(database: Database, wanted: Iterator[Entry], *, count: int) -> list[UUID]:
    """Add so many of these customers, to the default pool; their ids in their order."""
    ids: list[UUID] = []
    with database.transaction() as db, _without_indexes(db):
        while len(ids) < count:
            batch = list(islice(wanted, min(_BATCH, count - len(ids))))
            ids += _copy(db, batch, first=len(ids))
            progress(f"{len(ids):,} of {count:,} customers")
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.exec_driver_sql("SET statement_timeout = 0")
        plain.exec_driver_sql("VACUUM ANALYZE customers, customer_keys")
    return ids


def given(entry: Entry) -> dict[str, Any]:
    """The fields that its writer gives."""
    shown: dict[str, Any] = {
        "name": entry.name,
        "phones": [Phone(number=entry.phone)] if entry.phone else [],
        "emails": [Email(address=entry.email)] if entry.email else [],
    }
    if entry.kind == "company":
        return {**shown, "website": entry.website}
    born = datetime.fromisoformat(entry.birthday).date() if entry.birthday else None
    return {**shown, "employer": entry.employer, "birthday": born}


@contextmanager
def _without_indexes(db: Session) -> Iterator[None]:
    """Rows go in many times faster while the indexes are away; they are made anew afterwards."""
    run = db.connection().exec_driver_sql
    run("SET LOCAL statement_timeout = 0")
    found = run(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('customers', 'customer_keys')"
        " AND indexname NOT LIKE 'pk_%%' AND indexname NOT LIKE 'uq_%%'"
    ).all()
    for name, _ in found:
        run(f'DROP INDEX "{name}"')
    yield
    progress("indexes")
    run("SET LOCAL maintenance_work_mem = '512MB'")
    for _, definition in found:
        run(definition.replace("%", "%%"))


def _copy(db: Session, batch: list[Entry], *, first: int) -> list[UUID]:
    customers, keys, ids = io.StringIO(), io.StringIO(), []
    for number, entry in enumerate(batch, start=first):
        customer_id = new_id()
        ids.append(customer_id)
        row, found = _row(customer_id, entry, at=_BEGAN + timedelta(seconds=number))
        customers.write("\t".join(_text(row.get(column)) for column in _COLUMNS) + "\n")
        keys.writelines(f"{kind}\t{_text(value)}\t{customer_id}\n" for kind, value in found)
    driver: connection = db.connection().connection.dbapi_connection  # type: ignore[assignment]  # it is psycopg2's
    with driver.cursor() as cursor:
        customers.seek(0)
        cursor.copy_expert(f"COPY customers ({', '.join(_COLUMNS)}) FROM STDIN", customers)
        keys.seek(0)
        cursor.copy_expert("COPY customer_keys (kind, value, customer_id) FROM STDIN", keys)
    return ids


def _row(customer_id: UUID, entry: Entry, *, at: datetime) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    kind: Kind = "person" if entry.kind == "person" else "company"
    read = fields.read_customer(kind, given(entry), region="US")
    described = compared_as(kind, read)
    listed = {name: json.dumps([one.model_dump(mode="json") for one in read[name]]) for name in ("phones", "emails")}
    row = {
        **read,
        **listed,
        **search.search_keys(read["name"], read["phones"], read["emails"]),
        "id": customer_id,
        "kind": kind,
        "handles": "[]",
        "addresses": "[]",
        "lifecycle": "lead",
        "level": "ABC"[customer_id.int % 3],
        "tags": [f"tag{customer_id.int % 50}"],
        "do_not_contact": "f",
        "note": "",
        "pool_id": DEFAULT_POOL_ID,
        "holding_sequence": 0,
        "match_name": described.name.core,
        "version": 1,
        "created_at": at,
        "updated_at": at,
    }
    return row, sorted(described.keys)


def _text(value: Any) -> str:
    """A value as COPY reads it."""
    if value is None:
        return r"\N"
    if isinstance(value, list):
        value = "{" + ",".join('"' + str(one).replace("\\", "\\\\").replace('"', '\\"') + '"' for one in value) + "}"
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
