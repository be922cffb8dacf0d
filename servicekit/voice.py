"""How a service speaks to people: texts of its catalogues, with days, times and amounts as a language writes them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency

from contracts.identity.users import Language
from contracts.values import Money
from servicekit.logging import get_logger

log = get_logger(__name__)

LANGUAGES: tuple[str, ...] = get_args(Language)
Texts = Mapping[str, GNUTranslations]
"""A service's texts, by language."""


class Voice:
    """Says a service's texts in one language and writes the values that stand in them."""

    def __init__(self, texts: Texts, language: str, time_zone: str = "UTC") -> None:
        self._language = language
        self._zone = _zone_named(time_zone)
        self._texts = texts[language]

    def say(self, text: str, **facts: str) -> str:
        """A text of the catalogue with its `%(name)s` filled in; write it as a literal, that is how it is collected."""
        return self._texts.gettext(text) % facts

    def chosen(self, texts: Mapping[str, str]) -> str:
        """The one of these texts, by language, that is in this language; English where there is none."""
        return texts.get(self._language) or texts.get("en", "")

    def day(self, moment: date | datetime) -> str:
        """A day, e.g. `22 listopada 2026`; a moment's day depends on the time zone."""
        local = moment.astimezone(self._zone) if isinstance(moment, datetime) else moment
        return format_date(local, "long", locale=self._language)

    def time(self, moment: datetime) -> str:
        """A time of day, e.g. `10:00`."""
        return format_time(moment, "short", tzinfo=self._zone, locale=self._language)

    def amount(self, money: Money) -> str:
        """An amount of money, e.g. `1054,00 USD`."""
        return format_currency(money.amount, money.currency, locale=self._language)


def texts_of(service: str) -> Texts:
    """A service's catalogues: `services/<service>/locale/<language>/LC_MESSAGES/<service>.po`.

    Ask at import, so that a catalogue which is missing or broken is known at start. They are few and small.
    """
    return {language: _texts_in(catalogue_path(service, language)) for language in LANGUAGES}


def catalogue_path(service: str, language: str) -> Path:
    """Where a service's texts in a language lie."""
    services = Path(__file__).parents[1] / "services"
    return services / service / "locale" / language / "LC_MESSAGES" / f"{service}.po"


def _texts_in(path: Path) -> GNUTranslations:
    with path.open("rb") as file:
        catalogue = read_po(file)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _zone_named(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # The identity service knows the name, this machine's list is older: a time in UTC is better than no notice.
        log.warning("time zone unknown on this machine", time_zone=name)
        return UTC
