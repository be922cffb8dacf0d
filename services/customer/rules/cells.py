"""How a record's fields stand in the cells of a table: lists of values in one cell each, and back again.

Items are separated by `;`, a label stands before its value as in `office: +86 21 6123 4567`, a star marks the primary
one where that is not the first, and a backslash makes any of these characters a plain one.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from contracts.customer.customers import Address, CustomerFields, Email, Phone

T = TypeVar("T", Phone, Email)

_ADDRESS_PARTS = ("street", "city", "region", "postal_code", "country")
_ADDRESS_CELLS = {*_ADDRESS_PARTS, "address_label", "other_addresses"}
_BETWEEN = ";；\n,，、"
"""What separates the items of a list as people write one."""
_BETWEEN_ADDRESSES = ";；\n"
_BETWEEN_PARTS = "|"
_WORDS = {
    **dict.fromkeys(("yes", "true", "1", "y", "x", "tak", "是", "prawda"), True),
    **dict.fromkeys(("no", "false", "0", "n", "nie", "否", "fałsz"), False),
}
_KINDS = {"公司": "company", "企业": "company", "firma": "company", "个人": "person", "osoba": "person"}
_LABELLED = re.compile(r"(?P<label>(?:\\.|[^:\\])*?): (?P<value>.*)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def read_cells(texts: Mapping[str, str]) -> dict[str, Any]:
    """The fields that these cells give, still to be validated; an empty cell gives none."""
    given = {
        field: _READ.get(field, str.strip)(text)
        for field, text in texts.items()
        if field not in _ADDRESS_CELLS and text.strip()
    }
    addresses = _read_addresses(texts)
    return given | ({"addresses": addresses} if addresses else {})


def customer_cells(customer: CustomerFields) -> dict[str, str]:
    """The cells of a customer's fields."""
    first, *others = customer.addresses or [Address()]
    lists = {"phones", "emails", "handles", "addresses", "tags", "custom"}
    return {
        **{name: _plain_cell(getattr(customer, name)) for name in CustomerFields.model_fields.keys() - lists},
        **reachable_cells(customer.phones, customer.emails),
        "handles": "; ".join(f"{_escape(handle.network)}: {_escape(handle.name)}" for handle in customer.handles),
        "tags": "; ".join(map(_escape, customer.tags)),
        **{part: getattr(first, part) for part in _ADDRESS_PARTS},
        "address_label": first.label,
        "other_addresses": "; ".join(map(_write_address, others)),
    }


def reachable_cells(phones: Sequence[Phone], emails: Sequence[Email]) -> dict[str, str]:
    """The cells of how somebody can be reached."""
    return {
        "phones": _reachable_cell(phones, lambda phone: phone.number),
        "emails": _reachable_cell(emails, lambda email: email.address),
    }


def _plain_cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _reachable_cell(items: Sequence[T], value: Callable[[T], str]) -> str:
    return "; ".join(
        ("*" if item.primary and place > 0 else "") + _labelled(_escape(item.label), _escape(value(item)))
        for place, item in enumerate(items)
    )


def _labelled(label: str, value: str) -> str:
    return f"{label}: {value}" if label else value


def _escape(text: str) -> str:
    return re.sub(rf"[\\:*{_BETWEEN}]", lambda found: "\\" + found[0], text)


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text).strip()


def _split(text: str, separators: str) -> list[str]:
    """The pieces between separators that no backslash stands before."""
    pieces, escaped = [""], False
    for character in text:
        if character in separators and not escaped:
            pieces.append("")
        else:
            pieces[-1] += character
        escaped = character == "\\" and not escaped
    return [piece.strip() for piece in pieces]


def _items(text: str) -> list[str]:
    return [item for item in _split(text, _BETWEEN) if item]


def _split_label(item: str) -> tuple[str, str]:
    found = _LABELLED.fullmatch(item)
    return (_plain(found["label"]), _plain(found["value"])) if found else ("", _plain(item))


def _read_reachable(item: str, name: str) -> dict[str, Any]:
    label, value = _split_label(item.removeprefix("*"))
    return {name: value, "label": label} | ({"primary": True} if item.startswith("*") else {})


def _read_addresses(texts: Mapping[str, str]) -> list[dict[str, str]]:
    first = {part: texts.get(part, "").strip() for part in _ADDRESS_PARTS}
    first["label"] = texts.get("address_label", "").strip()
    others = [_read_address(item) for item in _split(texts.get("other_addresses", ""), _BETWEEN_ADDRESSES) if item]
    return [first, *others] if any(first.values()) or others else []


def _read_address(item: str) -> dict[str, str]:
    return dict(zip(("label", *_ADDRESS_PARTS), map(_plain, _split(item, _BETWEEN_PARTS)), strict=False))


def _write_address(address: Address) -> str:
    parts = (getattr(address, part) for part in ("label", *_ADDRESS_PARTS))
    return " | ".join(re.sub(rf"[\\|{_BETWEEN_ADDRESSES}]", lambda found: "\\" + found[0], part) for part in parts)


_READ: dict[str, Callable[[str], Any]] = {
    "phones": lambda text: [_read_reachable(item, "number") for item in _items(text)],
    "emails": lambda text: [_read_reachable(item, "address") for item in _items(text)],
    "handles": lambda text: [dict(zip(("network", "name"), _split_label(item), strict=True)) for item in _items(text)],
    "tags": lambda text: [_plain(item) for item in _items(text)],
    # A word that says neither is left for the validation to refuse.
    "do_not_contact": lambda text: _WORDS.get(text.strip().casefold(), text),
    "kind": lambda text: _KINDS.get(text.strip().casefold(), text.strip().casefold()),
    "lifecycle": lambda text: text.strip().casefold().replace(" ", "_"),
    "level": lambda text: text.strip().upper(),
    "note": str,
}
