"""Customers as rows of a table, in the columns that an import guesses by itself."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from contracts.customer.customers import Customer
from contracts.customer.exports import ExportCustomers, TablePage
from services.customer.operations import customers
from services.customer.queries.others import logins
from services.customer.rules.cells import customer_cells
from services.customer.rules.import_columns import CUSTOMER_HEADINGS

_COLUMNS = [field for field in CUSTOMER_HEADINGS if field != "parent"]
"""A parent is named by its id, which no other company shares."""


def export(db: Session, request: ExportCustomers) -> TablePage:
    """A page of the customers that the caller may see, as rows."""
    page = customers.list_customers(db, request.wanted)
    known = logins(db, {each.owner.id for each in page.items if each.owner is not None})
    rows = [_row(each, known) for each in page.items]
    return TablePage(columns=_COLUMNS, rows=rows, next_cursor=page.next_cursor)


def _row(customer: Customer, logins: Mapping[UUID, str]) -> list[str]:
    cells = customer_cells(customer) | {
        "id": str(customer.id),
        "kind": customer.kind,
        "owner": "" if customer.owner is None else logins.get(customer.owner.id, ""),
        "pool_id": "" if customer.pool is None else str(customer.pool.id),
    }
    return [cells[column] for column in _COLUMNS]
