"""Cursors as strangers may write them; pages themselves are shown by every list of the services."""

import base64
import json
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from contracts.errors import InvalidInput
from servicekit.database import COLUMN_TYPES
from servicekit.paging import page

AN_ID = "019a0000-0000-7000-8000-000000000001"


class Base(DeclarativeBase):
    """The tables of this test."""

    type_annotation_map = COLUMN_TYPES


class Thing(Base):
    """Something that is listed."""

    __tablename__ = "things"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    made_at: Mapped[datetime]
    price: Mapped[Decimal]


def cursor_of(given: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(given).encode()).decode().rstrip("=")


def ask_for_page(cursor: str, *, by: str) -> None:
    page(Session(), select(Thing), getattr(Thing, by), Thing.id, limit=1, cursor=cursor)


class TestCursor:
    @pytest.mark.parametrize(
        "cursor",
        [
            "",
            "x",
            "é",
            "\x00",
            base64.urlsafe_b64encode(b"[" * 3000).decode(),
            cursor_of(1),
            cursor_of(None),
            cursor_of([]),
            cursor_of(["a"]),
            cursor_of([1, 2]),
            cursor_of(["a", 2]),
            cursor_of(["a", [AN_ID]]),
            cursor_of({"a": 1, "b": 2}),
            cursor_of(["a", "b", AN_ID]),
            cursor_of(["a", AN_ID]),
            cursor_of(["made_at,id", "a", AN_ID]),
            cursor_of(["-name,id", "a", AN_ID]),
            cursor_of(["name,id", "a"]),
            cursor_of(["name,id", "a\x00", AN_ID]),
            cursor_of(["name,id", "\ud800", AN_ID]),
        ],
    )
    def test_one_that_the_list_never_gave_is_refused_before_the_database_is_asked(self, cursor: str) -> None:
        with pytest.raises(InvalidInput, match=r"cursor\.invalid"):
            ask_for_page(cursor, by="name")

    @pytest.mark.parametrize("moment", ["soon", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
    def test_a_moment_outside_the_calendar_is_refused(self, moment: str) -> None:
        with pytest.raises(InvalidInput, match=r"cursor\.invalid"):
            ask_for_page(cursor_of(["made_at,id", moment, AN_ID]), by="made_at")

    @pytest.mark.parametrize("number", ["much", "NaN", "Infinity", "1e999999", "", "9" * 21])
    def test_a_number_that_no_column_holds_is_refused(self, number: str) -> None:
        with pytest.raises(InvalidInput, match=r"cursor\.invalid"):
            ask_for_page(cursor_of(["price,id", number, AN_ID]), by="price")
