"""How the fields of customers and contacts are read: phones into E.164, e-mails normalised, each fault by its field."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from contracts.customer.customers import Email, Kind, Phone
from contracts.errors import FieldFault, InvalidInput

COMPANY_FIELDS = (
    *("legal_name", "registration_number", "website", "industry", "size", "founded_in", "parent_id"),
    "parent",  # the name of the parent in a row of an import
)
PERSON_FIELDS = ("birthday", "employer")

Reachable = TypeVar("Reachable", Phone, Email)


def read_customer(kind: Kind, given: Mapping[str, Any], *, region: str) -> dict[str, Any]:
    """The given fields as they are kept. InvalidInput names every fault."""
    faults = list(_foreign_fields(kind, given))
    read = _read_reachable(given, region, faults)
    if given.get("website") is not None and not _is_website(given["website"]):
        faults.append(_fault("website", "website.invalid", "This is not a web address."))
    if "tags" in given:
        read["tags"] = list(dict.fromkeys(given["tags"]))
    _refuse(faults)
    return read


def read_contact(given: Mapping[str, Any], *, region: str) -> dict[str, Any]:
    """The same for a contact's fields."""
    faults: list[FieldFault] = []
    read = _read_reachable(given, region, faults)
    _refuse(faults)
    return read


def read_phone(number: str, region: str) -> str | None:
    """The number in E.164; None when it can't be read as one that could be dialled from abroad."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def readable_phones(phones: list[Phone], region: str) -> tuple[list[Phone], list[str]]:
    """Those that can be read as numbers, and the digits of the others without a trunk's zero."""
    readable = [phone for phone in phones if read_phone(phone.number, region) is not None]
    others = (phone.number for phone in phones if phone not in readable)
    return readable, [phonenumbers.normalize_digits_only(number).lstrip("0") for number in others]


def read_email(address: str) -> str | None:
    """The address normalised; None when it is not one."""
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def _read_reachable(given: Mapping[str, Any], region: str, faults: list[FieldFault]) -> dict[str, Any]:
    read = dict(given)
    if "phones" in given:
        read["phones"] = _with_one_primary("phones", _read_phones(given["phones"], region, faults), faults)
    if "emails" in given:
        read["emails"] = _with_one_primary("emails", _read_emails(given["emails"], faults), faults)
    return read


def _read_phones(phones: list[Phone], region: str, faults: list[FieldFault]) -> list[Phone]:
    read: list[Phone] = []
    for index, phone in enumerate(phones):
        e164 = read_phone(phone.number, region)
        if e164 is None:
            message = "This phone number can't be read; write it with its country code, like +1 202 555 0143."
            faults.append(_fault(f"phones.{index}.number", "phone.invalid", message))
        elif any(e164 == other.e164 for other in read):
            faults.append(_fault(f"phones.{index}.number", "phone.repeated", "This phone number is there twice."))
        read.append(phone.model_copy(update={"e164": e164}))
    return read


def _read_emails(emails: list[Email], faults: list[FieldFault]) -> list[Email]:
    read: list[Email] = []
    for index, email in enumerate(emails):
        address = read_email(email.address)
        if address is None:
            faults.append(_fault(f"emails.{index}.address", "email.invalid", "This is not an e-mail address."))
        elif any(address.casefold() == other.address.casefold() for other in read):
            faults.append(_fault(f"emails.{index}.address", "email.repeated", "This address is there twice."))
        read.append(email.model_copy(update={"address": address or email.address}))
    return read


def _with_one_primary(field: str, items: list[Reachable], faults: list[FieldFault]) -> list[Reachable]:
    marked = [index for index, item in enumerate(items) if item.primary]
    if len(marked) > 1:
        code = f"{field.removesuffix('s')}.several_primary"
        faults.append(_fault(f"{field}.{marked[1]}.primary", code, "Only one can be the primary one."))
    if marked:
        return items
    # model_copy keeps the type of each item, which a literal list of both would lose.
    return [item.model_copy(update={"primary": index == 0}) for index, item in enumerate(items)]


def _foreign_fields(kind: Kind, given: Mapping[str, Any]) -> Iterable[FieldFault]:
    other, foreign = ("person", PERSON_FIELDS) if kind == "company" else ("company", COMPANY_FIELDS)
    for name in foreign:
        if given.get(name) is not None:
            yield _fault(name, f"customer.{other}_field", f"Only a {other} has this field.")


def _is_website(text: str) -> bool:
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        _ = parts.port  # raises where it is no number, as in javascript:…
    except ValueError:
        return False
    # A host without a dot would let javascript:1/… pass as host, port and path.
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and not re.search(r"\s", text)


def _fault(field: str, code: str, message: str) -> FieldFault:
    return FieldFault(field=field, code=code, message=message)


def _refuse(faults: list[FieldFault]) -> None:
    if faults:
        raise InvalidInput(faults[0].code, faults[0].message, fields=faults)
