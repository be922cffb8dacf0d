"""Figures: the funnel, and the opportunities' part of the 360 view."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from contracts.errors import InvalidInput, NotFound, NotPermitted
from contracts.opportunity.opportunities import CustomerOpportunities, GetCustomerOpportunities
from contracts.opportunity.pipelines import CreatePipeline, State
from contracts.opportunity.reports import Funnel, FunnelStage, FunnelSum, GetFunnel
from contracts.values import Role
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import refused
from services.opportunity.operations import catalogue, opportunities
from tests.integration.opportunity.desk import ADMIN, AUDITOR, OURSELVES, Desk, usd


def funnel(desk: Desk, caller: Caller = ADMIN, **asked: Any) -> Funnel:
    return desk.ask(caller, opportunities.get_funnel, GetFunnel(**asked))


def stage(desk: Desk, name: str, **asked: Any) -> FunnelStage:
    return next(stage for stage in funnel(desk, **asked).stages if stage.name == name)


def take_in(desk: Desk, *rows: dict[str, Any]) -> list[UUID]:
    """Rita's opportunities with Acme."""
    if not desk.first_page(ADMIN):
        desk.customer(owner=desk.someone(Role.REP, name="Rita"), name="Acme")
    result = desk.take_in(ADMIN, *({"external_id": str(new_id()), "customer": "Acme", **row} for row in rows))
    assert result.refused == []
    return [each.id for each in result.imported]


def won(amount: str, *, closed_on: str = "2017-03-01", **fields: Any) -> dict[str, Any]:
    return {"stage": "won", "closed_on": closed_on, "amount": amount, **fields}


class TestStages:
    def test_count_and_sum_what_is_open(self, desk: Desk) -> None:
        take_in(desk, {"amount": "100.10"}, {"amount": "200.25"}, {"amount": None}, won("5"))

        found = stage(desk, "Engaging")

        assert (found.state, found.count, found.amount) == (State.OPEN, 3, Decimal("300.35"))
        assert found.weighted_amount == Decimal("120.14")

    def test_come_in_their_order_even_when_empty(self, desk: Desk) -> None:
        stages = funnel(desk).stages

        empty = {"state": State.OPEN, "count": 0, "amount": 0, "weighted_amount": 0}
        unknown = {"conversion": None, "median_days": None}
        assert stages == [FunnelStage(name=name, **empty, **unknown) for name in ("Prospecting", "Engaging")]

    def test_convert_those_that_went_further_or_won(self, desk: Desk) -> None:
        prospects = take_in(desk, *[{"stage": "Prospecting"}] * 4)
        prospecting, engaging = desk.stages()
        desk.move(ADMIN, prospects[0], engaging.id)
        desk.move(ADMIN, prospects[1], engaging.id)
        desk.win(ADMIN, prospects[1], amount=usd("5"))
        desk.move(ADMIN, prospects[2], engaging.id)
        desk.move(ADMIN, prospects[2], prospecting.id)

        assert stage(desk, "Prospecting").conversion == pytest.approx(3 / 4)
        assert stage(desk, "Engaging").conversion == pytest.approx(1 / 3)

    def test_do_not_convert_what_was_lost_there(self, desk: Desk) -> None:
        take_in(desk, {"stage": "lost", "closed_on": "2017-03-01"}, won("5"))

        assert stage(desk, "Engaging").conversion == pytest.approx(1 / 2)

    def test_take_the_median_days_of_those_that_left(self, desk: Desk) -> None:
        take_in(
            desk,
            won("5", engaged_on="2017-01-01", closed_on="2017-01-11"),
            won("5", engaged_on="2017-01-01", closed_on="2017-01-21"),
            {"stage": "lost", "engaged_on": "2017-01-01", "closed_on": "2017-03-02"},
            {"stage": "Engaging", "engaged_on": "2010-01-01"},
        )

        assert stage(desk, "Engaging").median_days == pytest.approx(20)

    def test_count_several_stays_as_one(self, desk: Desk) -> None:
        ten_days_ago = str((clock.now() - timedelta(days=10)).date())
        (prospect,) = take_in(desk, {"stage": "Prospecting", "engaged_on": ten_days_ago})
        prospecting, engaging = desk.stages()
        for stage_id in (engaging.id, prospecting.id, engaging.id):
            desk.move(ADMIN, prospect, stage_id)

        assert stage(desk, "Prospecting").median_days == pytest.approx(10, abs=1)
        assert stage(desk, "Engaging").median_days is None


class TestClosed:
    def test_sums_what_was_won_and_lost(self, desk: Desk) -> None:
        take_in(desk, won("1054"), won("0.01"), {"stage": "lost", "closed_on": "2017-03-01", "amount": "7"}, {})

        found = funnel(desk)

        assert found.won == FunnelSum(count=2, amount=Decimal("1054.01"))
        assert found.lost == FunnelSum(count=1, amount=Decimal(7))

    def test_is_bounded_by_its_days(self, desk: Desk) -> None:
        take_in(desk, *(won("1", closed_on=f"2017-03-0{day}") for day in range(1, 6)), {"amount": "9"})

        found = funnel(desk, from_day="2017-03-02", to_day="2017-03-04")

        assert found.won.count == 2
        assert funnel(desk, from_day="2017-03-02").won.count == 4
        assert funnel(desk, to_day="2017-03-02").won.count == 1
        assert found.stages[1].count == 1

    def test_refuses_a_period_without_a_day(self, desk: Desk) -> None:
        with refused(InvalidInput, "period.empty"):
            funnel(desk, from_day="2017-03-02", to_day="2017-03-02")

    def test_sums_more_than_one_amount_could_be(self, desk: Desk) -> None:
        take_in(desk, *[won("99999999999999.99")] * 3)

        assert funnel(desk).won.amount == Decimal("299999999999999.97")


class TestWhatIsCounted:
    def test_one_currency(self, desk: Desk) -> None:
        take_in(desk, won("5"), won("7", currency="PLN"), {"amount": "9", "currency": "PLN"}, {"amount": None})

        zloty = funnel(desk, currency="PLN")

        assert (zloty.currency, zloty.won) == ("PLN", FunnelSum(count=1, amount=Decimal(7)))
        assert (zloty.stages[1].count, zloty.stages[1].amount) == (2, Decimal(9))
        assert funnel(desk).stages[1].count == 1

    def test_one_owner(self, desk: Desk) -> None:
        desk.someone(Role.REP, name="Otto")
        take_in(desk, {}, {}, {"owner": "Otto"})
        otto = next(item.owner.id for item in desk.first_page(ADMIN) if item.owner.name == "Otto")

        assert stage(desk, "Engaging", owner_id=otto).count == 1

    def test_one_pipeline(self, desk: Desk) -> None:
        take_in(desk, {})
        contact = {"name": "Renewals", "stages": [{"name": "Contact", "probability": 5}]}
        pipeline = desk.ask(ADMIN, catalogue.create_pipeline, CreatePipeline.model_validate(contact))

        assert [each.count for each in funnel(desk, pipeline_id=pipeline.id).stages] == [0]
        with refused(NotFound, "pipeline.not_found"):
            funnel(desk, pipeline_id=new_id())

    def test_what_the_caller_may_see(self, desk: Desk) -> None:
        department = new_id()
        rep, _ = desk.opened(amount=usd("5"))
        other = desk.someone(Role.REP, department=department)
        desk.open(other, desk.customer(owner=other), amount=usd("7"))
        manager = desk.someone(Role.MANAGER, departments=(department,))

        amounts = [funnel(desk, caller).stages[0].amount for caller in (rep, other, manager, AUDITOR)]

        assert amounts == [5, 7, 7, 12]
        with refused(NotPermitted, "auth.users_only"):
            funnel(desk, OURSELVES)


def of_customer(desk: Desk, caller: Caller, customer_id: UUID) -> CustomerOpportunities:
    return desk.ask(caller, opportunities.customer_opportunities, GetCustomerOpportunities(customer_id=customer_id))


class TestGetCustomerOpportunities:
    def test_shows_the_latest_and_sums_over_all(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        acme = desk.customer(owner=rep)
        opened = [desk.open(rep, acme, amount=usd("1.50")).id for _ in range(25)]
        for each in opened[:6]:
            desk.win(rep, each)
        for each in opened[6:12]:
            desk.lose(rep, each)

        found = of_customer(desk, rep, acme)

        assert [item.id for item in found.open] == opened[:14:-1]
        assert [item.id for item in found.closed] == opened[11:1:-1]
        assert (found.open_count, found.won_count, found.lost_count) == (13, 6, 6)
        assert [(each.amount, each.currency) for each in found.open_amounts] == [(Decimal("19.50"), "USD")]
        assert [(each.amount, each.currency) for each in found.won_amounts] == [(Decimal("9.00"), "USD")]

    def test_shows_what_was_closed_last_first(self, desk: Desk) -> None:
        ids = take_in(desk, won("1", closed_on="2017-03-05"), won("1", closed_on="2017-03-09"), won("1"))
        (customer,) = {item.customer.id for item in desk.first_page(ADMIN) if item.customer}

        assert [item.id for item in of_customer(desk, ADMIN, customer).closed] == [ids[1], ids[0], ids[2]]

    def test_sums_each_currency_by_itself(self, desk: Desk) -> None:
        take_in(desk, {"amount": "1"}, {"amount": "2", "currency": "PLN"}, {"amount": "4"}, {"amount": None})
        (customer,) = {item.customer.id for item in desk.first_page(ADMIN) if item.customer}

        found = of_customer(desk, ADMIN, customer)

        assert found.open_count == 4
        assert {each.currency: each.amount for each in found.open_amounts} == {"PLN": 2, "USD": 5}

    def test_is_empty_for_a_customer_without_any(self, desk: Desk) -> None:
        found = of_customer(desk, ADMIN, new_id())

        assert (found.open, found.closed, found.open_count, found.open_amounts) == ([], [], 0, [])

    def test_shows_only_what_the_caller_may_see(self, desk: Desk) -> None:
        owner, heir, other = (desk.someone(Role.REP) for _ in range(3))
        acme = desk.customer(owner=owner)
        desk.open(owner, acme)
        desk.hand_over(acme, to=heir)
        desk.open(heir, acme)

        counts = [of_customer(desk, caller, acme).open_count for caller in (owner, heir, other)]

        assert counts == [1, 2, 0]

    def test_takes_two_statements(self, desk: Desk) -> None:
        rep = desk.someone(Role.REP)
        acme = desk.customer(owner=rep)
        for _ in range(3):
            desk.open(rep, acme, amount=usd("1"))

        with desk.counting_statements() as sent:
            of_customer(desk, rep, acme)

        assert len(sent) == 2
