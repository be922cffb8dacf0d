"""How names are compared: what is left of them once writing, legal form, place and trade are taken away."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

import opencc
from anyascii import anyascii

from contracts.customer.customers import Kind
from services.customer.rules import name_words

_NO_LETTER = re.compile(r"[\W_]+")
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_CHINESE_TRADES = re.compile("|".join(sorted(name_words.CHINESE_TRADES, key=len, reverse=True)))
_CHINESE_PLACE = re.compile(f"({'|'.join(sorted(name_words.PLACES, key=len, reverse=True))})[省市]?")
_CHINESE_LEGAL_FORM = re.compile(f"(?:{'|'.join(sorted(name_words.CHINESE_LEGAL_FORMS, key=len, reverse=True))})$")
_LEGAL_FORMS = sorted((tuple(form.split()) for form in name_words.LEGAL_FORMS), key=len, reverse=True)
_SHORTEST_CORE = 2


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared."""

    whole: str
    """Plain, without the legal form."""
    core: str
    """What tells it from others: a company's without places and trades; a person's words in alphabetical order."""
    places: frozenset[str] = frozenset()
    """Where the name says that it is; only Chinese ones are known."""
    trades: frozenset[str] = frozenset()
    """What the name says that it does."""

    @property
    def is_chinese(self) -> bool:
        """Whether it is written in Chinese characters."""
        return _CHINESE.search(self.core) is not None


def plain(text: str) -> str:
    """A text without case, width, accents and punctuation, in simplified characters, with single blanks."""
    text = unicodedata.normalize("NFKC", text).casefold().replace(".", "").replace("'", "")
    if not text.isascii():
        text = _simplified(text) if _CHINESE.search(text) else text
        text = "".join(anyascii(letter) if _is_latin(letter) else letter for letter in text).casefold()
    return _NO_LETTER.sub(" ", text).strip()


@lru_cache(maxsize=4_096)
def read_name(kind: Kind, text: str) -> Name:
    """The name of a company or a person, ready to be compared."""
    words = plain(text)
    return _read_person(words) if kind == "person" else _read_company(words)


def _read_person(words: str) -> Name:
    # Chinese names are written with and without a blank; elsewhere the family name comes first or last.
    core = words.replace(" ", "") if _CHINESE.search(words) else " ".join(sorted(words.split()))
    return Name(whole=core, core=core)


def _read_company(words: str) -> Name:
    return _read_chinese(words.split()) if _CHINESE.search(words) else _read_spaced(words.split())


def _read_chinese(words: list[str]) -> Name:
    """A place stands at the beginning or, in brackets, in between; brackets are blanks by now."""
    whole = _without_legal_form("".join(words))
    places = {place[1] for word in words[1:] if (place := _CHINESE_PLACE.fullmatch(word))}
    left = _without_legal_form(
        "".join(word for word in words if not _CHINESE_PLACE.fullmatch(word) or word is words[0])
    )
    if first := _CHINESE_PLACE.match(left):
        places.add(first[1])
        left = left[first.end() :]
    core = _CHINESE_TRADES.sub("", left)
    if len(core) < _SHORTEST_CORE:
        return Name(whole, whole)
    return Name(whole, core, frozenset(places), frozenset(_CHINESE_TRADES.findall(left)))


def _without_legal_form(name: str) -> str:
    while (cut := _CHINESE_LEGAL_FORM.sub("", name)) != name and len(cut) >= _SHORTEST_CORE:
        name = cut
    return name


def _read_spaced(words: list[str]) -> Name:
    kept = list(words)
    while form := _form_at_end(kept):
        del kept[-len(form) :]
    core = [word for word in kept if word not in name_words.TRADES]
    if len("".join(core)) < _SHORTEST_CORE:
        return Name(" ".join(kept), " ".join(kept))
    return Name(" ".join(kept), " ".join(core), trades=frozenset(kept) - frozenset(core))


def _form_at_end(words: list[str]) -> tuple[str, ...] | None:
    """The legal form that a name ends with; never the whole of it."""
    return next((form for form in _LEGAL_FORMS if len(form) < len(words) and tuple(words[-len(form) :]) == form), None)


def _is_latin(letter: str) -> bool:
    return not letter.isascii() and unicodedata.name(letter, "").startswith("LATIN ")


def _simplified(text: str) -> str:
    return str(_converter().convert(text))


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
