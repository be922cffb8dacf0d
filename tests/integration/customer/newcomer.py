"""`python -m tests.integration.customer.newcomer`: how the service fares with people and pools it has not heard of.

It makes the running service forget all users and pools, asks for something that needs them, and prints what came of it.
"""

# The standard library must be patched before anything else is imported.
# ruff: noqa: I001
import servicekit.patched  # noqa: F401

import json
import sys
from collections.abc import Callable

from sqlalchemy import text

from contracts.customer.customers import CreateCustomer
from contracts.customer.imports import CustomerRow, ImportCustomers
from contracts.errors import CallError
from contracts.identity.sessions import IssueToken
from contracts.identity.users import CreateUser
from contracts.pool.pools import DEFAULT_POOL_ID
from contracts.values import Role
from deploy.cli.connection import connected
from servicekit import context
from servicekit.database import Database, new_id
from servicekit.rpc import call
from servicekit.testing import wait_until

Told = dict[str, object]


def main() -> Told:
    """Every case by its name."""
    with connected() as settings:
        database = Database(settings, "customer")
        call(CreateUser(name="root", full_name="Root", role=Role.ADMIN))
        context.amend(token=call(IssueToken(name="root")).access_token)
        rita = call(CreateUser(name="rita", full_name="Rita Reed"))
        wait_until(lambda: _count(database) == (2, 1))
        cases: dict[str, Callable[[], object]] = {
            "owner": lambda: call(CreateCustomer(kind="company", name="Owned", owner_id=rita.id)).owner,
            "nobody": lambda: call(CreateCustomer(kind="company", name="Nobody's", owner_id=new_id())),
            "pool": lambda: call(CreateCustomer(kind="company", name="Pooled", pool_id=DEFAULT_POOL_ID)).pool,
            "no pool": lambda: call(CreateCustomer(kind="company", name="Nowhere", pool_id=new_id())),
            "import": lambda: call(
                ImportCustomers(
                    rows=[
                        CustomerRow(name="Row 1", owner="Rita"),
                        CustomerRow(name="Row 2"),
                        CustomerRow(name="Row 3", owner="nemo"),
                    ]
                )
            ),
        }
        return {name: _outcome(database, case) for name, case in cases.items()}


def _outcome(database: Database, case: Callable[[], object]) -> object:
    with database.transaction() as db:
        db.execute(text("TRUNCATE users, pools"))
    try:
        answer = case()
    except CallError as error:
        return error.code
    return json.loads(answer.model_dump_json())  # type: ignore[attr-defined]  # all of them are messages


def _count(database: Database) -> tuple[int, int]:
    with database.transaction() as db:
        users, pools = db.execute(text("SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM pools)")).one()
    return users, pools


if __name__ == "__main__":
    json.dump(main(), sys.stdout)
