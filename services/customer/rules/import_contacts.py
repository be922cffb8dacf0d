"""Which contact of a company a row of a file means, and whether it is there already."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from contracts.customer.contacts import ContactFields
from contracts.customer.customers import Email, Phone
from contracts.customer.import_jobs import ImportKey
from services.customer.rules.fields import read_email, read_phone
from services.customer.rules.search import name_key

Mark = tuple[ImportKey, Any]
"""A key, and the value that somebody is known by."""


class Known(Protocol):
    """A contact that is there."""

    id: Any
    name: Any
    emails: Any
    phones: Any


C = TypeVar("C", bound=Known)


def marks(name: str, emails: Iterable[Email], phones: Iterable[Phone], *, region: str) -> set[Mark]:
    """What somebody is known by among the contacts of their company."""
    addresses = (read_email(email.address) or email.address for email in emails)
    numbers = (phone.e164 or read_phone(phone.number, region) or phone.number for phone in phones)
    return {
        (ImportKey.NAME, name_key(name)),
        *((ImportKey.EMAIL, address.casefold()) for address in addresses),
        *((ImportKey.PHONE, number) for number in numbers),
    }


class Colleagues(Generic[C]):
    """The contacts of one company, found by what they are known by."""

    def __init__(self, contacts: Iterable[C], *, region: str) -> None:
        self._region = region
        self._by_mark: defaultdict[Mark, dict[UUID, C]] = defaultdict(dict)
        self._marks: dict[UUID, set[Mark]] = {}
        for contact in contacts:
            self.know(contact)

    def know(self, contact: C) -> None:
        """One who is new, or who changed."""
        for mark in self._marks.get(contact.id, ()):
            self._by_mark[mark].pop(contact.id, None)
        known = marks(contact.name, contact.emails, contact.phones, region=self._region)
        self._marks[contact.id] = known | {(ImportKey.ID, contact.id)}
        for mark in self._marks[contact.id]:
            self._by_mark[mark][contact.id] = contact

    def known_by(self, key: ImportKey, value: Any) -> list[C]:
        """All who are known by this; nobody by nothing."""
        return [] if value is None else list(self._by_mark[key, value].values())

    def there(self, fields: ContactFields) -> bool:
        """Whether somebody with one of these addresses is there, or of this name where one of the two has none."""
        found = marks(fields.name, fields.emails, (), region=self._region)
        name = (ImportKey.NAME, name_key(fields.name))
        alike = self._by_mark[name].values()
        return any(self._by_mark[mark] for mark in found - {name}) or any(
            not fields.emails or not each.emails for each in alike
        )


def company_of(given: Mapping[str, Any]) -> tuple[str, str] | None:
    """The field by which a row names its company, and what it says there; the surest one where it says several."""
    for field in ("customer_id", "customer_registration_number", "customer"):
        if given.get(field):
            return field, given[field]
    return None
