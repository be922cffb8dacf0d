"""What the rows of a file may be, and who takes each kind."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from contracts.customer.import_jobs import ImportKey, ImportKind
from servicekit.context import Caller
from services.customer import models
from services.customer.operations import import_contacts, import_rows
from services.customer.operations.import_plans import Outcome, Plan
from services.customer.rules.import_columns import CONTACT_HEADINGS, CUSTOMER_HEADINGS
from services.customer.tables.table import Row


class Kind(NamedTuple):
    """How rows of one kind are named, taken, and taken back."""

    headings: Mapping[str, str]
    keys: frozenset[ImportKey]
    """What such a record may be known by."""
    needed: tuple[tuple[str, ...], ...]
    """Of each of these fields, one must have a column, beside the name or the key."""
    take: Callable[[Session, Caller, Plan, Sequence[Row]], dict[int, Outcome]]
    take_back: Callable[[Session, Caller, models.ImportRow], bool]
    """Tells whether the record was as the row had left it."""


KINDS: dict[str, Kind] = {
    ImportKind.CUSTOMERS: Kind(CUSTOMER_HEADINGS, frozenset(ImportKey), (), import_rows.take, import_rows.take_back),
    ImportKind.CONTACTS: Kind(
        CONTACT_HEADINGS,
        frozenset(ImportKey) - {ImportKey.REGISTRATION_NUMBER},
        (import_contacts.COMPANY_FIELDS,),
        import_contacts.take,
        import_contacts.take_back,
    ),
}
