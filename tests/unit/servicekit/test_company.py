"""The company's days begin and end by its own time zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit import company
from servicekit.company import CompanySettings
from servicekit.settings import load

WARSAW = ZoneInfo("Europe/Warsaw")
ZONES = st.sampled_from([ZoneInfo(name) for name in ("UTC", "Europe/Warsaw", "Asia/Shanghai", "America/Sao_Paulo")])
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


class TestSettings:
    def test_the_day_ends_in_utc_unless_told_otherwise(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CRM_TIME_ZONE", raising=False)
        assert load(CompanySettings).time_zone == "UTC"

    @pytest.mark.parametrize("name", ["Warsaw", "", "../etc/passwd", "UTC+2"])
    def test_a_zone_that_nobody_knows_ends_the_start_with_the_variables_name(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
    ) -> None:
        monkeypatch.setenv("CRM_TIME_ZONE", name)
        with pytest.raises(SystemExit):
            load(CompanySettings)
        assert "CRM_TIME_ZONE: " in capsys.readouterr().err


class TestDays:
    def test_the_day_changes_at_the_companys_midnight(self) -> None:
        assert company.day_of(datetime(2026, 7, 1, 21, 59, tzinfo=UTC), WARSAW) == date(2026, 7, 1)
        assert company.day_of(datetime(2026, 7, 1, 22, 0, tzinfo=UTC), WARSAW) == date(2026, 7, 2)

    def test_a_day_on_which_the_clocks_change_is_longer_or_shorter(self) -> None:
        days = (date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1))
        lengths = [company.end_of(day, WARSAW) - company.at(day, zone=WARSAW) for day in days]
        assert lengths == [timedelta(hours=hours) for hours in (23, 25, 24)]

    def test_an_hour_of_a_day(self) -> None:
        assert company.at(date(2026, 1, 5), time(8), WARSAW) == datetime(2026, 1, 5, 7, tzinfo=UTC)

    @given(day=DAYS, zone=ZONES)
    def test_a_day_begins_in_itself_and_ends_where_the_next_begins(self, day: date, zone: ZoneInfo) -> None:
        assert company.day_of(company.at(day, zone=zone), zone) == day
        assert company.end_of(day, zone) == company.at(day + timedelta(days=1), zone=zone)
        assert company.day_of(company.end_of(day, zone) - timedelta(microseconds=1), zone) == day
