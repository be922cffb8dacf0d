"""Why a customer is taken back, in words. The English here is the key of the catalogues under locale/."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from contracts.pool.rules import ReclaimRule
from servicekit.voice import LANGUAGES, Voice, texts_of
from services.pool.rules.reclaim import Deadline

_TEXTS = texts_of("pool")


def why(deadline: Deadline) -> dict[str, str]:
    """What a deadline comes from, by language."""
    return {language: _why(language, _terms(deadline)) for language in LANGUAGES}


def taken(deadline: Deadline, pool_name: str, *, by_department: bool) -> dict[str, str]:
    """Why a customer was taken and how its pool was chosen, by language."""
    return {
        language: f"{said} {_whereto(Voice(_TEXTS, language), pool_name, by_department=by_department)}"
        for language, said in why(deadline).items()
    }


class _Terms(NamedTuple):
    """What is said of a deadline."""

    rule: ReclaimRule
    since: date
    days: int
    end: date
    business_days: bool
    postponed: bool


def _terms(deadline: Deadline) -> _Terms:
    business_days = deadline.rules.business_days
    since, end = deadline.counted_from, deadline.day
    return _Terms(deadline.rule, since, deadline.days, end, business_days, deadline.postponed)


@lru_cache(maxsize=10_000)  # the customers of one day's sweep have few deadlines, and dates take long to write
def _why(language: str, terms: _Terms) -> str:
    voice = Voice(_TEXTS, language)
    since, days, end = voice.day(terms.since), str(terms.days), voice.day(terms.end)
    match terms.rule:
        case ReclaimRule.NO_FOLLOW_UP:
            said = voice.say("No follow-up since %(since)s.", since=since)
        case ReclaimRule.NO_OPPORTUNITY:
            said = voice.say("No open opportunity since %(since)s.", since=since)
        case ReclaimRule.NO_DEAL:
            said = voice.say("No deal won since %(since)s.", since=since)
        case ReclaimRule.HARD_MAXIMUM:
            said = voice.say("Held since %(since)s, and nobody holds it for longer than the limit.", since=since)
    if terms.business_days:
        limit = voice.say("Limit in business days: %(days)s, to the end of %(end)s.", days=days, end=end)
    else:
        limit = voice.say("Limit in days: %(days)s, to the end of %(end)s.", days=days, end=end)
    if not terms.postponed:
        return f"{said} {limit}"
    later = voice.say("Protection, or a change of its terms, moved that day.")
    return f"{said} {limit} {later}"


def _whereto(voice: Voice, pool_name: str, *, by_department: bool) -> str:
    if by_department:
        return voice.say("It went to %(pool)s, the pool for its former owner's department.", pool=pool_name)
    return voice.say("It went back to %(pool)s, the pool that it came from.", pool=pool_name)
