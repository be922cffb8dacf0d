"""How the opportunities with a customer stand, as the pool service asks before it takes one back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.errors import NotPermitted
from contracts.opportunity.sales import CustomerSales, CustomerSince, DescribeSales
from contracts.values import Role
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import refused
from services.opportunity.operations import sales
from tests.integration.opportunity.desk import OURSELVES, Desk, usd

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def sales_of(desk: Desk, customer_id: UUID, *, since: datetime = LONG_AGO, by: Caller = OURSELVES) -> CustomerSales:
    """What is told of a customer that has opportunities."""
    asked = DescribeSales(customers=[CustomerSince(customer_id=customer_id, since=since)])
    (found,) = desk.ask(by, sales.describe_sales, asked).items
    return found


def opened(desk: Desk, **fields: Any) -> tuple[Caller, UUID, UUID, datetime]:
    """An opportunity on a rep's own customer: the rep, the customer, its id and when it began."""
    rep, made = desk.opened(**fields)
    assert made.customer is not None
    return rep, made.customer.id, made.id, made.created_at


class TestDescribeSales:
    def test_an_open_one_is_told_with_the_moment_it_was_opened(self, desk: Desk) -> None:
        _, customer_id, _, began = opened(desk)
        found = sales_of(desk, customer_id)
        assert (found.open, found.opened_at, found.won, found.won_on) == (True, began, False, None)

    def test_one_that_was_open_already_counts_from_the_asked_moment(self, desk: Desk) -> None:
        _, customer_id, _, began = opened(desk)
        later = began + timedelta(days=3)
        assert sales_of(desk, customer_id, since=later).opened_at == later

    def test_one_that_was_lost_in_time_was_open_once_but_is_not_now(self, desk: Desk) -> None:
        rep, customer_id, opportunity_id, began = opened(desk)
        desk.lose(rep, opportunity_id)
        found = sales_of(desk, customer_id)
        assert (found.open, found.opened_at) == (False, began)

    def test_one_that_was_closed_before_the_asked_moments_day_is_no_chance_any_more(self, desk: Desk) -> None:
        rep, customer_id, opportunity_id, _ = opened(desk)
        desk.lose(rep, opportunity_id)
        found = sales_of(desk, customer_id, since=clock.now() + timedelta(days=2))
        assert (found.open, found.opened_at) == (False, None)

    def test_a_deal_is_told_for_ever_and_its_day_only_from_the_asked_moments_day_on(self, desk: Desk) -> None:
        rep, customer_id, opportunity_id, _ = opened(desk, amount=usd("100"))
        won = desk.win(rep, opportunity_id)
        before, after = sales_of(desk, customer_id), sales_of(desk, customer_id, since=clock.now() + timedelta(days=2))
        assert (before.won, before.won_on) == (True, won.closed_on)
        assert (after.won, after.won_on) == (True, None)

    def test_each_customer_is_asked_from_its_own_moment_and_one_without_opportunities_is_left_out(
        self, desk: Desk
    ) -> None:
        _, first, _, began = opened(desk)
        _, second, _, _ = opened(desk)
        later = began + timedelta(days=1)
        asked = [
            CustomerSince(customer_id=first, since=LONG_AGO),
            CustomerSince(customer_id=second, since=later),
            CustomerSince(customer_id=new_id(), since=LONG_AGO),
        ]
        found = desk.ask(OURSELVES, sales.describe_sales, DescribeSales(customers=asked)).items
        assert {each.customer_id: each.opened_at for each in found} == {first: began, second: later}

    @pytest.mark.parametrize("role", [Role.REP, Role.ADMIN])
    def test_people_may_not_ask(self, desk: Desk, role: Role) -> None:
        with refused(NotPermitted, "auth.services_only"):
            sales_of(desk, new_id(), by=desk.someone(role))
