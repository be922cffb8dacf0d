"""What tells which record a row of a file means, and what becomes of that on the record."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from contracts.customer.customers import Email, Phone
from contracts.customer.import_jobs import ImportKey
from services.customer.rules.fields import read_email, read_phone
from services.customer.rules.search import name_key

Reachable = TypeVar("Reachable", Phone, Email)

KEY_FIELDS: Mapping[ImportKey, str] = {key: key.value for key in ImportKey} | {
    ImportKey.EMAIL: "emails",
    ImportKey.PHONE: "phones",
}
"""The field that holds each key."""


def known_by(key: ImportKey, given: Mapping[str, Any], *, region: str) -> Any:
    """What a row with these fields is known by; None where it does not say.

    A row with several phones or e-mails is known by the one it marks as primary, else by its first.
    """
    value = given.get(KEY_FIELDS[key])
    if not value:
        return None
    match key:
        case ImportKey.NAME:
            return name_key(value)
        case ImportKey.REGISTRATION_NUMBER:
            return value
        case ImportKey.EMAIL:
            return _address(_primary(value)["address"])
        case ImportKey.PHONE:
            return read_phone(_primary(value)["number"], region)
        case ImportKey.ID:
            return _id(value)


def with_new_emails(kept: Sequence[Email], row: Sequence[Email]) -> list[Email]:
    """A record's e-mails and those of a row that it was known by: nothing goes because a row names one of several."""
    known = {_address(email.address) for email in kept}
    return [*kept, *(_second(email) for email in row if _address(email.address) not in known)]


def with_new_phones(kept: Sequence[Phone], row: Sequence[Phone], *, region: str) -> list[Phone]:
    """The same of phones."""
    known = {phone.e164 for phone in kept}
    return [*kept, *(_second(phone) for phone in row if read_phone(phone.number, region) not in known)]


def _second(item: Reachable) -> Reachable:
    return item.model_copy(update={"primary": False})


def _primary(items: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return next((item for item in items if item.get("primary")), items[0])


def _address(text: str) -> str | None:
    address = read_email(text)
    return address and address.casefold()


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
