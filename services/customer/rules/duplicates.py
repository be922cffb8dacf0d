"""When two customers may be the same: what they have in common, how much that says, and what follows from it."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from contracts.customer.customers import Kind
from contracts.customer.duplicates import EntryPoint, Verdict
from contracts.customer.matches import Reason
from contracts.values import Role
from services.customer.rules.name_words import SHARED_HOSTS
from services.customer.rules.names import Name, read_name

EXACT = frozenset({Reason.PHONE, Reason.EMAIL, Reason.REGISTRATION_NUMBER})
"""What hardly two customers share by chance."""
COMPARED = frozenset({"name", "registration_number", "website", "employer", "birthday", "phones", "emails"})
"""The fields that duplicates are found by."""
CERTAIN = 100
PROBABLE = 80
MOST_MATCHES = 20

_NAMESAKES = 4
"""As many others of a name say that it is a common one."""
_SAME_NAME_OF_PEOPLE = 86
_MORE_EVIDENCE = 12
_MOST_SLIPS = 2
_FEWER_WORDS = 94
_LETTERS_A_SLIP = 5
_NO_LETTER = re.compile(r"[\W_]+")

Key = tuple[str, str]
"""What a customer can be found by exactly: the reason, and the normalised value."""


@dataclass(frozen=True, slots=True)
class Described:
    """A customer as it is compared."""

    kind: Kind
    name: Name
    keys: frozenset[Key]
    employer: str = ""
    birthday: date | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Another customer that may be the same."""

    customer_id: UUID
    score: int
    reasons: tuple[Reason, ...]


def compared_as(kind: Kind, fields: Mapping[str, Any]) -> Described:
    """A customer of these fields (as rules.fields reads them), ready to be compared."""
    return Described(
        kind,
        read_name(kind, fields["name"]),
        frozenset(keys_of(fields)),
        employer=read_name("company", fields["employer"]).core if fields.get("employer") else "",
        birthday=fields.get("birthday"),
    )


def keys_of(fields: Mapping[str, Any]) -> Iterable[Key]:
    """What a customer of these fields can be found by exactly."""
    for phone in fields.get("phones") or ():
        if phone.e164:
            yield Reason.PHONE, phone.e164
    for email in fields.get("emails") or ():
        yield Reason.EMAIL, email.address.casefold()
    number = _NO_LETTER.sub("", fields.get("registration_number") or "").upper()
    if number:
        yield Reason.REGISTRATION_NUMBER, number
    host = _host(fields.get("website") or "")
    if host:
        yield Reason.WEBSITE, host


def compare(new: Described, others: Mapping[UUID, Described]) -> list[Match]:
    """Those of the others that may be the same, the most alike first."""
    namesakes = sum(other.name.core == new.name.core for other in others.values())
    matches = [_match(new, other_id, other, namesakes=namesakes) for other_id, other in others.items()]
    found = [match for match in matches if match.score >= PROBABLE]
    return sorted(found, key=lambda match: (-match.score, match.customer_id))[:MOST_MATCHES]


def stronger(matches: Sequence[Match], before: Sequence[Match]) -> list[Match]:
    """Those matches that a change has brought, or made stronger."""
    known = {match.customer_id: match.score for match in before}
    return [match for match in matches if match.score > known.get(match.customer_id, 0)]


def verdict(matches: Sequence[Match]) -> Verdict:
    """What the matches come to."""
    if any(match.score == CERTAIN for match in matches):
        return Verdict.EXACT
    return Verdict.PROBABLE if matches else Verdict.NONE


def refused(found: Verdict, *, exact: str, probable: str) -> bool:
    """Whether a policy keeps such a customer out."""
    return {Verdict.EXACT: exact, Verdict.PROBABLE: probable}.get(found) == "block"


def entry_point(role: str) -> EntryPoint:
    """How a customer comes in that somebody of this role adds."""
    return EntryPoint.API if role == Role.INTEGRATION else EntryPoint.MANUAL


def likeness(new: Described, other: Described, *, namesakes: int = 0) -> int:
    """How much alike two customers of one kind are by their names and what goes with them, from 0 to 100."""
    score = _people(new, other) if new.kind == "person" else _companies(new.name, other.name)
    if _differ(new, other, Reason.REGISTRATION_NUMBER):
        score *= 0.75
    if namesakes > _NAMESAKES and not _shared(new, other):
        score *= 0.9 if new.birthday is None or new.birthday != other.birthday else 1
    return min(round(score), CERTAIN - 1)


def _match(new: Described, other_id: UUID, other: Described, *, namesakes: int) -> Match:
    reasons = _shared(new, other)
    score = likeness(new, other, namesakes=namesakes) if new.kind == other.kind else 0
    if score >= PROBABLE:
        reasons = [*reasons, Reason.NAME]
    if not EXACT.isdisjoint(reasons):
        score = CERTAIN
    elif Reason.WEBSITE in reasons:
        score = max(score, PROBABLE)
    return Match(other_id, score, tuple(reasons))


def _shared(new: Described, other: Described) -> list[Reason]:
    kinds = {kind for kind, _ in new.keys & other.keys}
    return [reason for reason in Reason if reason in kinds]


def _differ(new: Described, other: Described, kind: Reason) -> bool:
    """Whether both have one of this kind, and none is the other's."""
    here, there = _of_kind(new.keys, kind), _of_kind(other.keys, kind)
    return bool(here) and bool(there) and here.isdisjoint(there)


def _of_kind(keys: Collection[Key], kind: Reason) -> set[str]:
    return {value for found, value in keys if found == kind}


def _companies(new: Name, other: Name) -> float:
    score = _same_words(new, other)
    if new.places and other.places and new.places.isdisjoint(other.places):
        score *= 0.75
    if new.trades != other.trades:
        score *= 0.95 if new.trades <= other.trades or other.trades <= new.trades else 0.75
    return score


def _same_words(new: Name, other: Name) -> float:
    if new.core == other.core or new.whole == other.whole:
        return CERTAIN
    # One Chinese character more or less is a slip in a long name, and another company in a short one.
    if new.is_chinese or other.is_chinese:
        return ratio(new.core, other.core)
    return _but_for_words(new, other) or _but_for_slips(_sorted(new.core), _sorted(other.core))


def _but_for_words(new: Name, other: Name) -> float:
    """Two words or more that one name has and the other has as well, beside words of its own."""
    here, there = set(new.core.split()), set(other.core.split())
    return _FEWER_WORDS if min(len(here), len(there)) > 1 and (here <= there or there <= here) else 0


def _but_for_slips(new: str, other: str) -> float:
    """One wrong, lacking, doubled or swapped letter in five is a slip, two in ten; more make another name."""
    slips = OSA.distance(new, other, score_cutoff=_MOST_SLIPS)
    length = min(len(new), len(other))
    return CERTAIN - 6 * slips if slips <= min(_MOST_SLIPS, length // _LETTERS_A_SLIP) else 0


def _sorted(words: str) -> str:
    return " ".join(sorted(words.split()))


def _people(new: Described, other: Described) -> float:
    alike = _same_person_name(new.name, other.name)
    score = alike * _SAME_NAME_OF_PEOPLE / 100
    if new.birthday and other.birthday:
        return score + _MORE_EVIDENCE if new.birthday == other.birthday else score / 2
    return score + _MORE_EVIDENCE if new.employer and new.employer == other.employer else score


def _same_person_name(new: Name, other: Name) -> float:
    if new.core == other.core:
        return 100
    if new.is_chinese or other.is_chinese:
        return 0
    return _but_for_words(new, other) or _but_for_slips(new.core, other.core)


def _host(website: str) -> str:
    parts = urlsplit(website if "://" in website else f"https://{website}")
    host = (parts.hostname or "").casefold().removeprefix("www.")
    return "" if host in SHARED_HOSTS else host
