"""Why a customer is taken back, in words. The English here is the key of the catalogues under locale/."""

from collections.abc import Callable

from contracts.pool.rules import ReclaimRule
from servicekit.voice import LANGUAGES, Voice, texts_of
from services.pool.rules.reclaim import Deadline

_TEXTS = texts_of("pool")


def why(deadline: Deadline) -> dict[str, str]:
    """What a deadline comes from, by language."""
    return _in_all(lambda voice: _why(voice, deadline))


def taken(deadline: Deadline, pool_name: str, *, by_department: bool) -> dict[str, str]:
    """Why a customer was taken and how its pool was chosen, by language."""
    return _in_all(lambda voice: f"{_why(voice, deadline)} {_whereto(voice, pool_name, by_department=by_department)}")


def _in_all(say: Callable[[Voice], str]) -> dict[str, str]:
    return {language: say(Voice(_TEXTS, language)) for language in LANGUAGES}


def _why(voice: Voice, deadline: Deadline) -> str:
    since, days, end = voice.day(deadline.counted_from), str(deadline.days), voice.day(deadline.day)
    match deadline.rule:
        case ReclaimRule.NO_FOLLOW_UP:
            said = voice.say("No follow-up since %(since)s.", since=since)
        case ReclaimRule.NO_OPPORTUNITY:
            said = voice.say("No open opportunity since %(since)s.", since=since)
        case ReclaimRule.NO_DEAL:
            said = voice.say("No deal won since %(since)s.", since=since)
        case ReclaimRule.HARD_MAXIMUM:
            said = voice.say("Held since %(since)s, and nobody holds it for longer than the limit.", since=since)
    if deadline.rules.business_days:
        limit = voice.say("Limit in business days: %(days)s, to the end of %(end)s.", days=days, end=end)
    else:
        limit = voice.say("Limit in days: %(days)s, to the end of %(end)s.", days=days, end=end)
    if not deadline.postponed:
        return f"{said} {limit}"
    later = voice.say("Protection, or a change of its terms, moved that day.")
    return f"{said} {limit} {later}"


def _whereto(voice: Voice, pool_name: str, *, by_department: bool) -> str:
    if by_department:
        return voice.say("It went to %(pool)s, the pool for its former owner's department.", pool=pool_name)
    return voice.say("It went back to %(pool)s, the pool that it came from.", pool=pool_name)
