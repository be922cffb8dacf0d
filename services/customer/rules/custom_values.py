"""How the values of custom fields are read: each by its field's type, each fault by its field."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from contracts.customer.custom_fields import CustomField, FieldType
from contracts.customer.customers import Kind
from contracts.errors import FieldFault, InvalidInput, fault
from contracts.values import Day, Line, Money, Role
from services.customer.rules.search import fold

Choices = Mapping[str, bool]
"""The keys of a dictionary's choices, and whether each is still offered."""
Values = dict[str, Any]

_LONGEST_TEXT = 2_000
_MOST_CHOICES = 100
_DIGITS = 15
"""More would be lost where numbers are read as JSON's readers mostly do."""
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")
_DAY: TypeAdapter[Any] = TypeAdapter(Day)
_ID = TypeAdapter(UUID)
_LINE: TypeAdapter[str] = TypeAdapter(Line)
_MONEY = TypeAdapter(Money)


@dataclass(frozen=True, slots=True)
class Known:
    """What reading values stands on: the fields of each kind, their choices, and the records that values name."""

    fields: Mapping[Kind, Sequence[CustomField]]
    choices: Mapping[UUID, Choices] = field(default_factory=dict)
    users: Collection[UUID] = ()
    customers: Collection[UUID] = ()


def read_new(known: Known, kind: Kind, given: Mapping[str, Any], *, role: str) -> Values:
    """The values of a new customer, defaults where nothing is said. InvalidInput names every fault."""
    faults: list[FieldFault] = []
    read = _read(known, kind, given, role=role, faults=faults)
    for each in known.fields[kind]:
        if each.active and each.default is not None and each.key not in read:
            read[each.key] = each.default
        if each.required and edits(each, role) and read.get(each.key) is None:
            faults.append(_missing(each.key))
    _refuse(faults)
    return {key: value for key, value in read.items() if value is not None}


def read_changes(known: Known, kind: Kind, given: Mapping[str, Any], *, before: Mapping[str, Any], role: str) -> Values:
    """All values after a merge patch of some. InvalidInput names every fault."""
    faults: list[FieldFault] = []
    read = _read(known, kind, given, role=role, faults=faults)
    required = {each.key for each in known.fields[kind] if each.required}
    faults += [_missing(key) for key, value in read.items() if value is None and key in required]
    _refuse(faults)
    return {key: value for key, value in {**before, **read}.items() if value is not None}


def read_value(type_: FieldType, given: Any, choices: Choices, *, field: str) -> Any:
    """A value as it is kept. InvalidInput: custom.invalid, custom.unknown_choice."""
    try:
        return _READERS[type_](given, choices)
    except _UnknownChoice as error:
        raise fault(field, "custom.unknown_choice", f"There is no such choice: {error}.") from None
    except (ValueError, ValidationError):
        raise fault(field, "custom.invalid", _WRITTEN[type_]) from None


def named(fields: Iterable[CustomField], given: Mapping[str, Any], type_: FieldType) -> set[UUID]:
    """The records that the given values of this type name, whether or not they exist."""
    found = set()
    for each in fields:
        value = given.get(each.key)
        if each.type is type_ and isinstance(value, str):
            try:
                found.add(_ID.validate_python(value))
            except ValidationError:  # told as a fault when it is read
                continue
    return found


def unique_values(fields: Iterable[CustomField], values: Mapping[str, Any]) -> dict[UUID, str]:
    """By field, what no other customer may have."""
    return {each.id: fold(str(values[each.key])) for each in fields if each.unique and each.key in values}


def unique_if_read(fields: Iterable[CustomField], given: Mapping[str, Any]) -> dict[UUID, str]:
    """The same of values as a caller writes them, where 5.0 is 5; without those that can't be read."""
    unique = [each for each in fields if each.unique and given.get(each.key) is not None]
    read = {}
    for each in unique:
        try:
            read[each.key] = read_value(each.type, given[each.key], {}, field=each.key)
        except InvalidInput:  # told as a fault of its row when that is read
            continue
    return unique_values(unique, read)


def search_text(fields: Iterable[CustomField], values: Mapping[str, Any]) -> str:
    """What a search looks into; no fragment stretches over two values."""
    return "\n".join(fold(values[each.key]) for each in fields if each.searchable and each.key in values)


def sees(one: CustomField, role: str) -> bool:
    """Whether this role reads the field's values."""
    return role == Role.ADMIN or role in one.visible_to


def edits(one: CustomField, role: str) -> bool:
    """Whether this role writes them."""
    return one.active and (role == Role.ADMIN or role in one.editable_by)


def _read(known: Known, kind: Kind, given: Mapping[str, Any], *, role: str, faults: list[FieldFault]) -> Values:
    fields = {each.key: each for each in known.fields[kind] if sees(each, role)}
    read: Values = {}
    for key, value in given.items():
        one = fields.get(key)
        if one is None:
            faults.append(_fault(key[:60], "custom.unknown_field", "There is no such field."))
        elif not edits(one, role):
            faults.append(_fault(key, "custom.read_only", "You may look at this field but not change it."))
        else:
            try:
                read[key] = None if value is None or value == [] else _checked(known, one, value)
            except InvalidInput as error:
                faults += error.fields
    return read


def _checked(known: Known, one: CustomField, given: Any) -> Any:
    name = f"custom.{one.key}"
    choices = known.choices.get(one.dictionary_id, {}) if one.dictionary_id else {}
    value = read_value(one.type, given, choices, field=name)
    if one.type is FieldType.USER and UUID(value) not in known.users:
        raise fault(name, "custom.unknown_user", "There is no such active user.")
    if one.type is FieldType.CUSTOMER and UUID(value) not in known.customers:
        raise fault(name, "custom.unknown_customer", "There is no such customer.")
    return value


class _UnknownChoice(Exception):
    """The key of no choice that is offered."""


def _text(given: Any, _choices: Choices) -> str:
    text = given.strip() if isinstance(given, str) else ""
    if not text or len(text) > _LONGEST_TEXT or "\x00" in text:
        raise ValueError("no text")
    return text


def _number(given: Any, _choices: Choices) -> int | float:
    written = given if isinstance(given, str) else repr(given)
    if isinstance(given, bool) or not isinstance(given, int | float | str) or not _DECIMAL.fullmatch(written):
        raise ValueError("no number")
    number = Decimal(written)
    if len(number.normalize().as_tuple().digits) > _DIGITS:
        raise ValueError("too long")
    return int(number) if number == number.to_integral_value() else float(number)


def _money(given: Any, _choices: Choices) -> dict[str, str]:
    money = _MONEY.validate_python(given)
    return {"amount": f"{money.amount:.2f}", "currency": money.currency}


def _day(given: Any, _choices: Choices) -> str:
    if not isinstance(given, str):
        raise ValueError("no day")
    day: str = _DAY.validate_python(given).isoformat()
    return day


def _choice(given: Any, choices: Choices) -> str:
    key = _LINE.validate_python(given)
    if not choices.get(key):
        raise _UnknownChoice(key)
    return key


def _choices(given: Any, choices: Choices) -> list[str]:
    if not isinstance(given, list) or not 0 < len(given) <= _MOST_CHOICES:
        raise ValueError("no list")
    return list(dict.fromkeys(_choice(each, choices) for each in given))


def _id(given: Any, _choices: Choices) -> str:
    if not isinstance(given, str):
        raise ValueError("no id")
    return str(_ID.validate_python(given))


_READERS: dict[FieldType, Callable[[Any, Choices], Any]] = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.MONEY: _money,
    FieldType.DATE: _day,
    FieldType.CHOICE: _choice,
    FieldType.MULTI_CHOICE: _choices,
    FieldType.USER: _id,
    FieldType.CUSTOMER: _id,
    FieldType.FILE: _id,
}
_WRITTEN = {
    FieldType.TEXT: f"Write a text of 1 to {_LONGEST_TEXT:,} characters; null clears the field.",
    FieldType.NUMBER: f"Write a number of at most {_DIGITS} digits, like 12.5.",
    FieldType.MONEY: 'Write money like {"amount": "1054.00", "currency": "USD"}.',
    FieldType.DATE: "Write a day like 2026-11-21.",
    FieldType.CHOICE: "Write the key of a choice.",
    FieldType.MULTI_CHOICE: f"Write a list of the keys of at most {_MOST_CHOICES} choices.",
    FieldType.USER: "Write the id of a user.",
    FieldType.CUSTOMER: "Write the id of a customer.",
    FieldType.FILE: "Write the id of a file.",
}


def _fault(key: str, code: str, message: str) -> FieldFault:
    return FieldFault(field=f"custom.{key}", code=code, message=message)


def _missing(key: str) -> FieldFault:
    return _fault(key, "custom.required", "This field is required.")


def _refuse(faults: list[FieldFault]) -> None:
    if faults:
        raise InvalidInput(faults[0].code, faults[0].message, fields=faults)
