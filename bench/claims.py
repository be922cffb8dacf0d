"""Claims out of a pool of 1,000,000 customers: single ones and batches, by 1, 16 and 64 clients at once.

The operations run in this process on a private database; CPU is that of both. The pool has all limits, so that each
claim counts what its rep has; each client is a rep of its own. BENCH_POOLED sets the number, at least 40,000.
"""

import os
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from bench.crowd import private_server
from bench.measure import calibration_ms, family_cpu_seconds, progress, report
from contracts.pool.claims import ClaimCustomers, ClaimStatus
from contracts.pool.pools import DEFAULT_POOL_ID, PoolLimits
from contracts.values import Role
from servicekit import rpc
from servicekit.context import Caller
from servicekit.database import Database
from servicekit.rpc.line import Line
from servicekit.settings import Settings
from servicekit.testing import calling, migrated_database, user_of
from services.pool.operations.claims import claim

_POOLED = int(os.environ.get("BENCH_POOLED", "1000000"))
_CLIENTS = (1, 16, 64)
_SINGLE, _BATCHES, _BATCH = 2_000, 200, 50
_LIMITS = PoolLimits(holdings=1_000_000, bought_exempt=True, claims_per_day=100_000, cool_down_days=30)
_FILL = (
    "CREATE FUNCTION numbered(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE"
    " RETURN ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid",
    "INSERT INTO customers (id, name) SELECT numbered(n), 'Nr ' || n FROM generate_series(1, %(count)s) n",
    "INSERT INTO holdings (customer_id, number, pool_id, since, began)"
    " SELECT numbered(n), 1, %(pool)s, now() - interval '40 days', 'created' FROM generate_series(1, %(count)s) n",
    "UPDATE pools SET limits = %(limits)s",
)


def main() -> None:
    """Fill, and claim."""
    rpc.use(Line(Settings(), "pool"), lambda: "")
    wide = {"statement_timeout_seconds": 600, "database_connections": max(_CLIENTS)}
    with private_server() as url, migrated_database("pool", url, **wide) as database:
        _fill(database)
        wanted = list(range(1, _POOLED + 1))
        random.Random(1).shuffle(wanted)
        rows = []
        for clients in _CLIENTS:
            for what, count, size in (("single", _SINGLE, 1), (f"batches of {_BATCH}", _BATCHES, _BATCH)):
                progress(f"{what}, {clients} at once")
                asked = [[_numbered(wanted.pop()) for _ in range(size)] for _ in range(count)]
                rows.append({"what": what, "clients": clients, **_measured(database, asked, clients)})
    report("claims", rows, pooled=_POOLED)


def _fill(database: Database) -> None:
    progress(f"{_POOLED:,} customers in a pool")
    values = {"count": _POOLED, "pool": str(DEFAULT_POOL_ID), "limits": _LIMITS.model_dump_json()}
    with database.transaction() as db:
        for statement in _FILL:
            db.connection().exec_driver_sql(statement, values)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.exec_driver_sql("VACUUM ANALYZE customers, holdings")


def _measured(database: Database, asked: Sequence[Sequence[UUID]], clients: int) -> dict[str, float]:
    reps = [user_of(Role.REP) for _ in range(clients)]

    def timed(number: int) -> float:
        began = time.perf_counter()
        _claim(database, reps[number % clients], asked[number])
        return (time.perf_counter() - began) * 1000

    cpu, began = family_cpu_seconds(), time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        took = sorted(pool.map(timed, range(len(asked))))
    seconds = time.perf_counter() - began
    spent = family_cpu_seconds() - cpu
    customers = sum(map(len, asked))
    return {
        "customers a second": customers / seconds,
        "p50 ms": took[len(took) // 2],
        "p99 ms": took[int(len(took) * 0.99)],
        "CPU ms each": spent * 1000 / customers,
    }


def _claim(database: Database, rep: Caller, customer_ids: Sequence[UUID]) -> None:
    request = ClaimCustomers(pool_id=DEFAULT_POOL_ID, customer_ids=list(customer_ids))
    with calling(rep), database.transaction() as db:
        items = claim(db, request).items
    if any(item.status is not ClaimStatus.CLAIMED for item in items):
        raise RuntimeError("a claim was refused")


def _numbered(number: int) -> UUID:
    return UUID(f"00000000-0000-7000-8000-{number:012x}")


if __name__ == "__main__":
    progress(f"calibration {calibration_ms():.0f} ms")
    main()
