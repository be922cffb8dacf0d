"""Moments as callers write them."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import TypeAdapter, ValidationError

from contracts.values import Moment

MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


class TestMoment:
    @pytest.mark.parametrize(
        "written", ["2026-11-21T09:30:00Z", "2026-11-21T17:30:00+08:00", "2026-11-22T01:29:00+15:59"]
    )
    def test_one_is_the_same_in_any_offset(self, written: str) -> None:
        read = MOMENT.validate_json(f'"{written}"', strict=True)
        assert read == datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
        assert (read.utcoffset(), MOMENT.dump_json(read)) == (timedelta(), b'"2026-11-21T09:30:00Z"')

    @pytest.mark.parametrize("written", ["0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"])
    def test_one_that_has_no_year_in_utc_is_refused(self, written: str) -> None:
        with pytest.raises(ValidationError, match="years 1 to 9999"):
            MOMENT.validate_json(f'"{written}"', strict=True)

    @pytest.mark.parametrize("written", ["2026-11-21T09:30:00+16:00", "2026-11-21T09:30:00-23:59"])
    def test_one_that_is_most_of_a_day_off_is_refused(self, written: str) -> None:
        with pytest.raises(ValidationError, match="less than 16 hours"):
            MOMENT.validate_json(f'"{written}"', strict=True)
