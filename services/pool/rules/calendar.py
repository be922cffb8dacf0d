"""Counting days: all of them, or those that are worked on."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days count."""

    weekends: bool = True
    holidays: Container[date] = ()

    def counts(self, day: date) -> bool:
        """Whether this day is one of the count."""
        return (self.weekends or day.weekday() < _SATURDAY) and day not in self.holidays

    def after(self, day: date, days: int) -> date:
        """The day on which the count of days that begins after `day` is full."""
        if self.weekends and not self.holidays:
            return day + days * _DAY
        while days:
            day += _DAY
            days -= self.counts(day)
        return day


EVERY_DAY = Calendar()


def is_known(country: str) -> bool:
    """Whether the holidays of a country (ISO 3166, two letters) are known."""
    return country in holidays.list_supported_countries(include_aliases=False)


@lru_cache(maxsize=64)
def business_days(country: str | None) -> Calendar:
    """Days but weekends, and but a country's holidays where one is named."""
    return Calendar(weekends=False, holidays=() if country is None else holidays.country_holidays(country))
