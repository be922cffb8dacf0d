"""What may be asked of customers: their fields, and how each is compared; read from what a caller wrote."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from contracts.customer.conditions import Op
from contracts.customer.custom_fields import CustomField, FieldType
from contracts.errors import InvalidInput, fault
from contracts.values import Day, Moment, Money
from services.customer.rules.custom_values import sees

_MOST_VALUES = 100
_MOST_DAYS = 36_500
_FILTER = re.compile(r"([a-z][a-z0-9_]{0,59})(:|>=|<=)(.+)", re.DOTALL)
_WRITTEN_OPS = {":": Op.EQ, ">=": Op.GTE, "<=": Op.LTE}


class Nature(StrEnum):
    """What a field holds, as far as comparing depends on it."""

    TEXT = "text"
    WORD = "word"
    NUMBER = "number"
    COUNT = "count"
    """A number that is never missing."""
    MONEY = "money"
    DAY = "day"
    MOMENT = "moment"
    FLAG = "flag"
    ID = "id"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A field that can be asked for; of a custom one the kinds of customer whose values the caller sees."""

    name: str
    nature: Nature
    kinds: tuple[str, ...] | None = None

    @property
    def custom_key(self) -> str | None:
        """The key of a custom field."""
        return self.name.removeprefix("custom.") if self.kinds is not None else None


@dataclass(frozen=True, slots=True)
class Condition:
    """A field, how it is compared, and with what: a value of the field's nature, a tuple of them, or days."""

    attribute: Attribute
    op: Op
    value: Any = None


_COMPARED = {Op.GTE, Op.LTE}
_EQUAL = {Op.EQ, Op.NE, Op.IN, Op.EMPTY}
_AGE = {Op.WITHIN_DAYS, Op.OLDER_THAN_DAYS}
_OPS: dict[Nature, set[Op]] = {
    Nature.TEXT: _EQUAL | {Op.CONTAINS},
    Nature.WORD: _EQUAL,
    Nature.NUMBER: _EQUAL | _COMPARED,
    Nature.COUNT: {Op.EQ, Op.NE, Op.IN} | _COMPARED,
    Nature.MONEY: {Op.EQ, Op.NE} | _COMPARED,
    Nature.DAY: _EQUAL | _COMPARED | _AGE,
    Nature.MOMENT: _COMPARED | _AGE | {Op.EMPTY},
    Nature.FLAG: {Op.EQ},
    Nature.ID: _EQUAL,
    Nature.LIST: {Op.CONTAINS, Op.EMPTY},
}
_BUILT_IN = {
    **dict.fromkeys(("kind", "level", "lifecycle"), Nature.WORD),
    **dict.fromkeys(("name", "legal_name", "registration_number", "website", "industry"), Nature.TEXT),
    **dict.fromkeys(("employer", "source"), Nature.TEXT),
    **dict.fromkeys(("size", "founded_in"), Nature.NUMBER),
    **dict.fromkeys(("open_count", "won_count"), Nature.COUNT),
    **dict.fromkeys(("open_amount", "won_amount"), Nature.MONEY),
    **dict.fromkeys(("birthday", "last_won_on"), Nature.DAY),
    **dict.fromkeys(("created_at", "updated_at", "last_activity_at"), Nature.MOMENT),
    **dict.fromkeys(("parent_id", "owner_id", "department_id", "pool_id"), Nature.ID),
    "do_not_contact": Nature.FLAG,
    "tags": Nature.LIST,
}
_CUSTOM = {
    FieldType.TEXT: Nature.TEXT,
    FieldType.NUMBER: Nature.NUMBER,
    FieldType.MONEY: Nature.MONEY,
    FieldType.DATE: Nature.DAY,
    FieldType.CHOICE: Nature.WORD,
    FieldType.MULTI_CHOICE: Nature.LIST,
    FieldType.USER: Nature.ID,
    FieldType.CUSTOMER: Nature.ID,
    FieldType.FILE: Nature.ID,
}


def attributes(fields: Iterable[CustomField], role: str) -> dict[str, Attribute]:
    """What this role may ask for, by name."""
    found = {name: Attribute(name, nature) for name, nature in _BUILT_IN.items()}
    for each in fields:
        if sees(each, role):
            name = f"custom.{each.key}"
            kinds = (*(found[name].kinds or () if name in found else ()), each.kind)
            found[name] = Attribute(name, _CUSTOM[each.type], kinds)
    return found


def read_condition(known: Mapping[str, Attribute], field: str, op: Op, value: Any, *, path: str) -> Condition:
    """A condition as it was written at this path. InvalidInput: condition.unknown_field, .wrong_op, .invalid_value."""
    attribute = known.get(field)
    if attribute is None:
        raise fault(f"{path}field", "condition.unknown_field", "There is no such field.")
    if op not in _OPS[attribute.nature]:
        ops = ", ".join(sorted(_OPS[attribute.nature]))
        raise fault(f"{path}op", "condition.wrong_op", f"This field is compared by one of: {ops}.")
    try:
        return Condition(attribute, op, _read_value(attribute.nature, op, value))
    except (ValueError, ValidationError):
        raise fault(f"{path}value", "condition.invalid_value", _wanted(attribute.nature, op)) from None


def read_filter(known: Mapping[str, Attribute], text: str) -> Condition:
    """What a list's `custom` asks for. InvalidInput: custom.unknown_field, custom.invalid_filter."""
    written = _FILTER.fullmatch(text)
    attribute = known.get(f"custom.{written[1]}") if written else None
    if written is None:
        raise fault("custom", "custom.invalid_filter", "Write filters like size:large or budget>=1000.00 USD.")
    if attribute is None:
        raise fault("custom", "custom.unknown_field", f"There is no custom field {written[1]}.")
    op = Op.CONTAINS if attribute.nature is Nature.LIST and written[2] == ":" else _WRITTEN_OPS[written[2]]
    try:
        return read_condition(known, attribute.name, op, _as_json(attribute.nature, written[3]), path="")
    except InvalidInput as error:
        raise fault("custom", "custom.invalid_filter", f"{written[1]}: {error.detail}") from None


def _as_json(nature: Nature, text: str) -> Any:
    if nature is not Nature.MONEY:
        return text
    amount, _, currency = text.partition(" ")
    return {"amount": amount, "currency": currency}


def _read_value(nature: Nature, op: Op, given: Any) -> Any:
    if op is Op.EMPTY:
        if given is not None:
            raise ValueError("takes none")
        return None
    if op in _AGE:
        if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= _MOST_DAYS:
            raise ValueError("no number of days")
        return given
    if op is Op.IN:
        if not isinstance(given, list) or not 0 < len(given) <= _MOST_VALUES:
            raise ValueError("no list")
        return tuple(_READERS[nature](each) for each in given)
    return _READERS[nature](given)


def _text(given: Any) -> str:
    if not isinstance(given, str) or not given or len(given) > 2_000 or "\x00" in given:
        raise ValueError("no text")
    return given


def _number(given: Any) -> Decimal:
    number = re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?", given if isinstance(given, str) else repr(given))
    if number is None or isinstance(given, bool):
        raise ValueError("no number")
    return Decimal(number[0])


def _flag(given: Any) -> bool:
    if not isinstance(given, bool):
        raise ValueError("neither true nor false")
    return given


def _written(adapter: TypeAdapter[Any]) -> Callable[[Any], Any]:
    def read(given: Any) -> Any:
        if not isinstance(given, str):
            raise ValueError("no text")
        return adapter.validate_python(given)

    return read


_day: Callable[[Any], date] = _written(TypeAdapter(Day))
_moment: Callable[[Any], datetime] = _written(TypeAdapter(Moment))
_id: Callable[[Any], UUID] = _written(TypeAdapter(UUID))
_READERS: dict[Nature, Callable[[Any], Any]] = {
    Nature.TEXT: _text,
    Nature.WORD: _text,
    Nature.NUMBER: _number,
    Nature.COUNT: _number,
    Nature.MONEY: TypeAdapter(Money).validate_python,
    Nature.DAY: _day,
    Nature.MOMENT: _moment,
    Nature.FLAG: _flag,
    Nature.ID: _id,
    Nature.LIST: _text,
}
_WANTED = {
    Nature.TEXT: "a text",
    Nature.WORD: "a text",
    Nature.NUMBER: "a number like 12.5",
    Nature.COUNT: "a number",
    Nature.MONEY: 'money like {"amount": "1054.00", "currency": "USD"} (in a list\'s filter: 1054.00 USD)',
    Nature.DAY: "a day like 2026-11-21",
    Nature.MOMENT: "a moment like 2026-11-21T09:30:00Z",
    Nature.FLAG: "true or false",
    Nature.ID: "an id",
    Nature.LIST: "one item",
}


def _wanted(nature: Nature, op: Op) -> str:
    if op is Op.EMPTY:
        return "This comparison takes no value."
    if op in _AGE:
        return f"Write a number of days, 0 to {_MOST_DAYS:,}."
    if op is Op.IN:
        return f"Write a list of at most {_MOST_VALUES} values, each {_WANTED[nature]}."
    return f"Write {_WANTED[nature]}."
