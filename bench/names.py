"""Made-up customers in three languages, and how the same customer is written by somebody else.

Everything follows from the seed, so two runs measure the same. Names are put together of common parts, so that
different customers share places, trades, family names and often most of their letters, as real ones do.
"""

import random
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

WORDS: dict[str, str] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
LANGUAGES = ("en", "pl", "zh")

_TRADITIONAL = str.maketrans(WORDS["simplified"], WORDS["traditional"])
_PLAIN = str.maketrans("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ", "acelnoszzACELNOSZZ")


@dataclass(frozen=True)
class Entry:
    """A customer as somebody types it in."""

    kind: str
    language: str
    name: str
    phone: str | None = None
    email: str | None = None
    website: str | None = None
    employer: str | None = None
    birthday: str | None = None


def company(language: str, dice: random.Random) -> Entry:
    """A company of this language."""
    name = {"en": _english, "pl": _polish, "zh": _chinese}[language](dice)
    host = f"{_ascii(dice)}{dice.randrange(10_000)}.example"
    return Entry(
        "company",
        language,
        name,
        phone=_phone(language, dice) if dice.random() < 0.7 else None,
        email=f"info@{host}" if dice.random() < 0.5 else None,
        website=f"https://www.{host}" if dice.random() < 0.4 else None,
    )


def person(language: str, dice: random.Random) -> Entry:
    """A person of this language."""
    name = _person_name(language, dice)
    address = f"{_ascii(dice)}{dice.randrange(1_000_000)}@mail.example"
    return Entry(
        "person",
        language,
        name,
        phone=_phone(language, dice) if dice.random() < 0.7 else None,
        email=address if dice.random() < 0.6 else None,
        employer=company(language, dice).name if dice.random() < 0.5 else None,
        birthday=f"{dice.randrange(1950, 2006)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
        if dice.random() < 0.5
        else None,
    )


def written_again(entry: Entry, dice: random.Random) -> Entry:
    """The same customer, typed in by a colleague who knows it from elsewhere: differently, with less or other facts."""
    name = entry.name
    for change in dice.sample(_CHANGES[entry.kind, entry.language], k=dice.choice((0, 1, 1, 2))):
        name = change(name, dice)
    lost: dict[str, Any] = {field: None for field in ("phone", "email", "website", "birthday") if dice.random() < 0.5}
    other = replace(entry, name=name, **lost)
    if other.phone is not None and dice.random() < 0.3:
        other = replace(other, phone=_phone(entry.language, dice))
    return replace(other, email=other.email.upper() if other.email and dice.random() < 0.3 else other.email)


def _brand(begin: str, end: str, dice: random.Random) -> str:
    middle = dice.choice(WORDS["middle"].split()) if dice.random() < 0.7 else ""
    return dice.choice(begin.split()) + middle + dice.choice(end.split())


def _english(dice: random.Random) -> str:
    brand = _brand(WORDS["en_begin"], WORDS["en_end"], dice)
    if dice.random() < 0.4:
        brand += " " + dice.choice(
            (dice.choice(WORDS["en_last"].split()), _brand(WORDS["en_begin"], WORDS["en_end"], dice))
        )
    return f"{brand} {dice.choice(WORDS['en_trade'].split('|'))} {dice.choice(WORDS['en_form'].split('|'))}"


def _polish(dice: random.Random) -> str:
    brand = _brand(WORDS["pl_begin"], WORDS["pl_end"], dice)
    if dice.random() < 0.5:
        brand += " " + dice.choice(
            (dice.choice(WORDS["pl_last"].split()), _brand(WORDS["pl_begin"], WORDS["pl_end"], dice))
        )
    if dice.random() < 0.4:
        brand = f"{dice.choice(WORDS['pl_trade'].split('|'))} {brand}"
    return f"{brand} {dice.choice(WORDS['pl_form'].split('|'))}"


def _chinese(dice: random.Random) -> str:
    brand = "".join(dice.sample(WORDS["zh_brand"], k=dice.choice((2, 2, 3))))
    return (
        dice.choice(WORDS["zh_place"].split())
        + brand
        + dice.choice(WORDS["zh_trade"].split())
        + dice.choice(WORDS["zh_form"].split())
    )


def _person_name(language: str, dice: random.Random) -> str:
    if language == "zh":
        return dice.choice(WORDS["zh_last"]) + "".join(dice.sample(WORDS["zh_first"], k=dice.choice((1, 2, 2))))
    first, last = (WORDS["en_first"], WORDS["en_last"]) if language == "en" else (WORDS["pl_first"], WORDS["pl_last"])
    middle = dice.choice(first.split()) + " " if dice.random() < 0.5 else ""
    double = "-" + dice.choice(last.split()) if dice.random() < 0.3 else ""
    return f"{dice.choice(first.split())} {middle}{dice.choice(last.split())}{double}"


def _ascii(dice: random.Random) -> str:
    return _brand(WORDS["en_begin"], WORDS["en_end"], dice).lower()


def _phone(language: str, dice: random.Random) -> str:
    if language == "zh":
        return f"+86 1{dice.choice('3578')}{dice.randrange(10**9):09}"
    if language == "pl":
        return f"+48 {dice.choice((50, 51, 60, 66, 72, 78, 88))}{dice.randrange(10**7):07}"
    return f"+44 7{dice.choice((4, 5, 7, 8, 9))}{dice.randrange(100):02} {dice.randrange(10**6):06}"


def _other_case(name: str, dice: random.Random) -> str:
    return dice.choice((str.upper, str.lower, str.title))(name)


def _typo(name: str, dice: random.Random) -> str:
    """A letter left out, doubled or swapped with its neighbour, within the first word that is long enough."""
    words = name.split(" ")
    long = next((at for at, word in enumerate(words) if len(word) >= 4), None)
    if long is None:
        return name
    word, at = words[long], dice.randrange(1, len(words[long]) - 1)
    words[long] = dice.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )
    return " ".join(words)


def _other_form(forms: str, separator: str) -> Callable[[str, random.Random], str]:
    choices = forms.split(separator)

    def change(name: str, dice: random.Random) -> str:
        found = max((form for form in choices if name.endswith(form)), key=len, default="")
        base = name.removesuffix(found).rstrip()
        return (
            base
            if dice.random() < 0.3
            else base + (" " if name.isascii() or " " in name else "") + dice.choice(choices)
        )

    return change


def _traditional(name: str, _: random.Random) -> str:
    return name.translate(_TRADITIONAL)


def _no_accents(name: str, _: random.Random) -> str:
    return name.translate(_PLAIN)


def _wide(name: str, _: random.Random) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in name)


def _no_place(name: str, _: random.Random) -> str:
    return next((name.removeprefix(place) for place in WORDS["zh_place"].split() if name.startswith(place)), name)


def _place_in_brackets(name: str, _: random.Random) -> str:
    for place in WORDS["zh_place"].split():
        if name.startswith(place):
            rest = name.removeprefix(place)
            trade = next(
                (trade for trade in sorted(WORDS["zh_trade"].split(), key=len, reverse=True) if trade in rest), ""
            )
            at = rest.index(trade) if trade else 2
            return f"{rest[:at]}（{place}）{rest[at:]}"
    return name


def _no_trade(trades: str, separator: str) -> Callable[[str, random.Random], str]:
    def change(name: str, _: random.Random) -> str:
        for trade in sorted(trades.split(separator), key=len, reverse=True):
            if trade in name:
                return " ".join(name.replace(trade, "", 1).split())
        return name

    return change


def _family_name_first(name: str, _: random.Random) -> str:
    first, _blank, last = name.rpartition(" ")
    return f"{last}, {first}" if first else name


def _blank_between(name: str, _: random.Random) -> str:
    return f"{name[0]} {name[1:]}"


def _no_middle(name: str, _: random.Random) -> str:
    words = name.split()
    return f"{words[0]} {words[-1]}"


_CHANGES: dict[tuple[str, str], list[Callable[[str, random.Random], str]]] = {
    ("company", "en"): [_other_case, _typo, _other_form(WORDS["en_form"], "|"), _no_trade(WORDS["en_trade"], "|")],
    ("company", "pl"): [
        _other_case,
        _typo,
        _other_form(WORDS["pl_form"], "|"),
        _no_trade(WORDS["pl_trade"], "|"),
        _no_accents,
    ],
    ("company", "zh"): [
        _other_form(WORDS["zh_form"], " "),
        _no_place,
        _place_in_brackets,
        _no_trade(WORDS["zh_trade"], " "),
        _traditional,
    ],
    ("person", "en"): [_other_case, _typo, _family_name_first, _no_middle],
    ("person", "pl"): [_other_case, _typo, _family_name_first, _no_middle, _no_accents],
    ("person", "zh"): [_traditional, _blank_between, _wide],
}
