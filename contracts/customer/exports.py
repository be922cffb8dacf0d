"""Customers as rows of a table, as an import takes them."""

from contracts.base import Message, Request
from contracts.customer.customers import ListCustomers


class TablePage(Message):
    """Some rows of a table, each with a text per column."""

    columns: list[str]
    rows: list[list[str]]
    next_cursor: str | None


class ExportCustomers(Request[TablePage], to="customer", scope="customer:read"):
    """A page of a list of customers as rows; values of custom fields are not among them.

    InvalidInput: custom.unknown_field (or one hidden from the caller), custom.invalid_filter.
    """

    wanted: ListCustomers
