"""The company's own days: where they begin and end, by the time zone that it lives in."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator
from pydantic_settings import BaseSettings, SettingsConfigDict

from servicekit import clock
from servicekit.settings import load


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("must be a time zone of the IANA list such as Europe/Warsaw or Asia/Shanghai")
    return name


class CompanySettings(BaseSettings):
    """Each variable is named `CRM_` and the field's name."""

    model_config = SettingsConfigDict(env_prefix="CRM_", frozen=True, extra="ignore")

    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """Whose midnight ends the company's day: deadlines, and what may be done so many times a day."""


ZONE = ZoneInfo(load(CompanySettings).time_zone)


def today() -> date:
    """The company's present day."""
    return day_of(clock.now())


def day_of(moment: datetime, zone: ZoneInfo = ZONE) -> date:
    """The company's day that a moment lies in."""
    return moment.astimezone(zone).date()


def at(day: date, hour: time = time.min, zone: ZoneInfo = ZONE) -> datetime:
    """The moment at which a day's hour begins; one that a change of clocks leaves out begins an hour later."""
    return datetime.combine(day, hour, tzinfo=zone).astimezone(UTC)


def end_of(day: date, zone: ZoneInfo = ZONE) -> datetime:
    """The first moment after a day."""
    return at(day + timedelta(days=1), zone=zone)
