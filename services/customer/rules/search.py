"""What a search means, and what is kept beside a customer so that it is found."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import phonenumbers

from contracts.customer.customers import Email, Phone
from services.customer.rules.fields import read_phone

FEWEST_DIGITS = 3
"""Fewer digits than these are not looked for in phones."""

_PHONE_WRITING = re.compile(r"[\d\s()+./\u2010-\u2015-]+")


@dataclass(frozen=True, slots=True)
class Search:
    """What `q` asks for: a fragment of a folded name, of a phone's digits (in one of these writings), of an e-mail."""

    name: str
    digits: tuple[str, ...] = ()
    email: str | None = None


def read_search(text: str, *, region: str) -> Search:
    """What the text may mean; what is written like a phone or an address is looked for in names as well."""
    folded = fold(text)
    return Search(folded, digits=_digits_sought(text, region), email=folded if "@" in folded else None)


def fold(text: str) -> str:
    """A text without what doesn't tell names apart: case, full or half width, the number of blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def name_key(name: str) -> str:
    """What two writings of the same name share: the folded name without blanks."""
    return fold(name).replace(" ", "")


def search_keys(name: str, phones: Iterable[Phone], emails: Iterable[Email]) -> dict[str, Any]:
    """The columns that a search looks into."""
    folded = fold(name)
    return {
        "folded_name": folded,
        "name_pieces": name_pieces(folded),
        "phone_digits": " ".join(dict.fromkeys(digits for phone in phones for digits in _digits_kept(phone))),
        "folded_emails": " ".join(fold(email.address) for email in emails),
    }


def name_pieces(folded: str) -> list[str]:
    """All single characters and pairs of a name: what trigrams can't find, such as a Chinese word of two characters."""
    pairs = {folded[at : at + 2] for at in range(len(folded) - 1)}
    return sorted(piece for piece in pairs | set(folded) if " " not in piece)


def _digits_kept(phone: Phone) -> tuple[str, str]:
    """The digits in E.164 and as they were written, which may begin with a trunk zero."""
    return _digits(phone.e164 or ""), _digits(phone.number)


def _digits_sought(text: str, region: str) -> tuple[str, ...]:
    if not _PHONE_WRITING.fullmatch(unicodedata.normalize("NFKC", text)):
        return ()
    written = _digits(text)
    # A leading zero may stand for the trunk (021…) or for dialling abroad (0086…); E.164 has neither.
    writings = {written, written.lstrip("0"), _digits(read_phone(text, region) or "")}
    return tuple(sorted(digits for digits in writings if len(digits) >= FEWEST_DIGITS))


def _digits(text: str) -> str:
    return phonenumbers.normalize_digits_only(text)
