"""Duplicates: how many the scan finds and how many of those are none, by kind and language; the time of a check.

The labelled customers come from bench/names.py: each is there twice, the second time as somebody else writes it. CPU is
that of this process and of the database, which are all that take part in a check. BENCH_CUSTOMERS sets the larger size.
"""

import os
import random
import time
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select

from bench.crowd import entries, fill, given, private_server
from bench.measure import calibration_ms, family_cpu_seconds, progress, report
from bench.names import LANGUAGES, Entry, company, person, written_again
from contracts.customer.duplicates import CheckDuplicates, StartDuplicateScan
from contracts.values import Role
from servicekit.database import Database
from servicekit.testing import calling, migrated_database, process_named, user_of
from services.customer import models
from services.customer.operations import duplicates, suspicions

_LABELLED = 400
_SIZES = (10_000, int(os.environ.get("BENCH_CUSTOMERS", "1000000")))
_CHECKS = 500
_ADMIN = user_of(Role.ADMIN)


def main() -> None:
    """Measure quality on one database, times on another."""
    with private_server() as url:
        with migrated_database("customer", url, statement_timeout_seconds=60) as database:
            quality = list(_quality(database))
        with migrated_database("customer", url, statement_timeout_seconds=60) as database:
            times = list(_times(database))
    report("duplicates: quality", quality, labelled=_LABELLED)
    report("duplicates: checks", times, checks=_CHECKS)


def _quality(database: Database) -> Iterator[dict[str, object]]:
    for language in LANGUAGES:
        for make in (company, person):
            yield _quality_of(database, language, make.__name__)


def _quality_of(database: Database, language: str, kind: str) -> dict[str, object]:
    dice = random.Random(f"{language} {kind}")
    make = company if kind == "company" else person
    first = [make(language, dice) for _ in range(_LABELLED)]
    pairs = [(one, written_again(one, dice)) for one in first]
    ids = fill(database, iter([entry for pair in pairs for entry in pair]), count=2 * _LABELLED)
    same = {frozenset(ids[at : at + 2]) for at in range(0, len(ids), 2)}
    _scan(database)
    found = _suspected(database, set(ids))
    hits = len(found & same)
    return {
        "what": f"{kind}, {language}",
        "precision": hits / len(found),
        "recall": hits / len(same),
        "found": len(found),
        "wrong": len(found) - hits,
        "missed": len(same) - hits,
    }


def _scan(database: Database) -> None:
    with calling(_ADMIN), database.transaction() as db:
        suspicions.start_scan(db, StartDuplicateScan())
    again = True
    while again:
        with calling(process_named("customer")), database.transaction() as db:
            again = suspicions.scan_on(db)


def _suspected(database: Database, ids: set[UUID]) -> set[frozenset[UUID]]:
    pair = models.Suspicion
    with database.transaction() as db:
        rows = db.execute(select(pair.older_id, pair.newer_id).where(pair.older_id.in_(ids), pair.newer_id.in_(ids)))
        return {frozenset(row) for row in rows}


def _times(database: Database) -> Iterator[dict[str, object]]:
    crowd, there = entries(seed=1), 0
    for size in _SIZES:
        fill(database, crowd, count=size - there)
        there = size
        progress(f"checks among {size:,}")
        dice = random.Random(size)
        new = [(company if dice.random() < 0.6 else person)(dice.choice(LANGUAGES), dice) for _ in range(_CHECKS)]
        _check(database, new[0])
        cpu, took = family_cpu_seconds(), []
        for entry in new:
            began = time.perf_counter()
            _check(database, entry)
            took.append((time.perf_counter() - began) * 1000)
        spent = family_cpu_seconds() - cpu
        took.sort()
        yield {
            "what": f"check among {size:,}",
            "cpu_ms": spent / _CHECKS * 1000,
            "p50_ms": took[_CHECKS // 2],
            "p99_ms": took[_CHECKS * 99 // 100],
            "max_ms": took[-1],
            "calibration_ms": calibration_ms(),
        }


def _check(database: Database, entry: Entry) -> None:
    with calling(_ADMIN), database.transaction() as db:
        duplicates.check(db, CheckDuplicates.model_validate({"kind": entry.kind, **given(entry)}))


if __name__ == "__main__":
    main()
