"""Many customers at once."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.base import Request
from contracts.customer.customers import CustomerFields, Kind
from contracts.values import (
    ImportResult,
    Line,
)


class CustomerRow(CustomerFields):
    """One row of an import; `owner` is a login name, neither owner nor `pool_id` means the default pool."""

    kind: Kind = "company"
    owner: Line | None = None
    pool_id: UUID | None = None
    parent: Line | None = None
    """The name of the company this one belongs to, in the same import or already there."""


class ImportCustomers(Request[ImportResult], to="customer"):
    """Add up to 500 customers at once (admin, manager); each row answers by itself.

    A name that exists, in any case and with any blanks, is refused (customer.exists), so a repeated import is harmless;
    so is one with the phone, e-mail or registration number of another (customer.duplicate, by the policy of imports).
    One that is probably there already is taken with a warning (customer.suspected_duplicate).
    NotPermitted: customer.importers_only.
    """

    rows: Annotated[list[CustomerRow], Field(min_length=1, max_length=500)]
