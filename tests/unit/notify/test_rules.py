"""The decisions about notices."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contracts.values import Actor
from services.notify import rules

ADA = UUID("01900000-0000-7000-8000-00000000000a")
EVE = UUID("01900000-0000-7000-8000-00000000000e")


class TestIsNewsTo:
    @pytest.mark.parametrize(
        ("actor", "news"),
        [
            (Actor(kind="user", id=str(ADA), name="Ada"), False),
            (Actor(kind="user", id=str(EVE), name="Eve"), True),
            (Actor(kind="system", id="pool", name="pool"), True),
        ],
    )
    def test_everything_but_ones_own_doings(self, actor: Actor, news: bool) -> None:
        assert rules.is_news_to(ADA, actor) == news


class TestIsRecent:
    @pytest.mark.parametrize(("days_ago", "recent"), [(0, True), (7, True), (8, False), (400, False)])
    def test_a_week_is(self, days_ago: int, recent: bool) -> None:
        told_at = datetime(2026, 3, 31, 23, 59, tzinfo=UTC)
        assert rules.is_recent(told_at.date() - timedelta(days=days_ago), told_at) == recent


class TestLinkTo:
    def test_it_leads_to_the_customer(self) -> None:
        assert rules.link_to(ADA) == f"/console/customers/{ADA}"

    def test_without_a_customer_it_leads_to_the_front_page(self) -> None:
        assert rules.link_to(None) == "/console"
