"""Customers among 10,000 and 1,000,000: search, list, duplicate check and creation, alone and by 16 clients at once.

The operations run in this process on a private database; CPU is that of both. BENCH_CUSTOMERS sets the larger size.
"""

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.crowd import entries, fill, given, private_server
from bench.measure import calibration_ms, family_cpu_seconds, progress, report
from bench.names import Entry
from contracts.base import Request
from contracts.customer.customers import CreateCustomer, CustomerSort, ListCustomers
from contracts.customer.duplicates import CheckDuplicates
from contracts.errors import Conflict
from contracts.pool.pools import DEFAULT_POOL_ID, PoolCreated
from contracts.values import Role
from servicekit.database import Database
from servicekit.testing import calling, migrated_database, process_named, received, user_of
from services.customer.operations import customers, duplicates, others

_SIZES = (10_000, int(os.environ.get("BENCH_CUSTOMERS", "1000000")))
_ASKED = 400
_CLIENTS = 16
_ADMIN = user_of(Role.ADMIN)

Ask = Callable[[Database, Request[Any]], None]


def main() -> None:
    """Fill, ask, fill up, ask again."""
    with private_server() as url:
        wide = {"statement_timeout_seconds": 60, "database_connections": _CLIENTS}
        with migrated_database("customer", url, **wide) as database:
            _know_the_pool(database)
            rows, crowd, there = [], entries(seed=1), 0
            for size in _SIZES:
                fill(database, crowd, count=size - there)
                there = size
                rows += list(_figures(database, size))
    report("customers", rows, asked=_ASKED)


def _figures(database: Database, size: int) -> Iterator[dict[str, object]]:
    known, new = entries(seed=1), entries(seed=size)
    asked: dict[str, tuple[Ask, list[Request[Any]]]] = {
        "search, fragment of a name": (_list, [_search(next(known)) for _ in range(_ASKED)]),
        "search, two characters": (
            _list,
            [ListCustomers(q=next(known).name[1:3].strip() or "ab") for _ in range(_ASKED)],
        ),
        "list, newest": (_list, [ListCustomers(sort=CustomerSort.NEWEST) for _ in range(_ASKED)]),
        "duplicate check": (_check, [CheckDuplicates(**_fields(next(new))) for _ in range(_ASKED)]),
        "create, checked, event committed": (
            _create,
            [CreateCustomer(**_fields(next(new)), pool_id=DEFAULT_POOL_ID) for _ in range(2 * _ASKED)],
        ),
    }
    for what, (ask, requests) in asked.items():
        for clients in (1, _CLIENTS):
            progress(f"{what} among {size:,}, {clients} at once")
            some = requests[:_ASKED] if clients == 1 else requests[-_ASKED:]
            yield {"what": what, "among": size, "clients": clients, **_measured(database, ask, some, clients)}


def _measured(database: Database, ask: Ask, requests: Sequence[Request[Any]], clients: int) -> dict[str, float]:
    def timed(request: Request[Any]) -> float:
        began = time.perf_counter()
        ask(database, request)
        return (time.perf_counter() - began) * 1000

    cpu, began = family_cpu_seconds(), time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        took = sorted(pool.map(timed, requests))
    seconds = time.perf_counter() - began
    spent = family_cpu_seconds() - cpu
    return {
        "cpu_ms": spent / len(took) * 1000,
        "p50_ms": took[len(took) // 2],
        "p99_ms": took[len(took) * 99 // 100],
        "a_second": len(took) / seconds,
        "calibration_ms": calibration_ms(),
    }


def _list(database: Database, request: Any) -> None:
    with calling(_ADMIN), database.transaction() as db:
        customers.list_customers(db, request)


def _check(database: Database, request: Any) -> None:
    with calling(_ADMIN), database.transaction() as db:
        duplicates.check(db, request)


def _create(database: Database, request: Any) -> None:
    try:
        with calling(_ADMIN), database.transaction() as db:
            customers.create(db, request)
    except Conflict as refusal:  # a made-up phone may be another's by chance, once in many thousands
        if refusal.code != "customer.duplicate":
            raise


def _search(entry: Entry) -> ListCustomers:
    """Some letters from the middle of a name that is there."""
    dice = random.Random(entry.name)
    at = dice.randrange(max(1, len(entry.name) - 6))
    return ListCustomers(q=entry.name[at : at + 6].strip() or entry.name)


def _fields(entry: Entry) -> dict[str, Any]:
    return {"kind": entry.kind, **given(entry)}


def _know_the_pool(database: Database) -> None:
    event = received(PoolCreated(pool_id=DEFAULT_POOL_ID, name="Open customers"), actor=_ADMIN.actor)
    with calling(process_named("customer")), database.transaction() as db:
        others.keep_pool(db, event)


if __name__ == "__main__":
    main()
