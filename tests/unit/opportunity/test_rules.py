"""The decisions about rights, stages, changes and closing."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.opportunity.opportunities import OpportunityChanges
from contracts.opportunity.pipelines import State
from contracts.values import Money, Role
from servicekit.testing import refused
from services.opportunity.rules import opportunities as rules
from services.opportunity.rules import rights

ME, SOMEBODY, COLLEAGUE = UUID(int=1), UUID(int=2), UUID(int=3)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = NOON.date()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def usd(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="USD")


@dataclass(frozen=True)
class Step:
    id: UUID


class TestReadsAll:
    @pytest.mark.parametrize(
        ("role", "reads"),
        [(Role.ADMIN, True), (Role.AUDITOR, True), (Role.INTEGRATION, True), (Role.MANAGER, False), (Role.REP, False)],
    )
    def test_is_for_those_who_oversee(self, role: Role, reads: bool) -> None:
        assert rights.reads_all(role) is reads

    def test_is_not_for_services(self) -> None:
        assert not rights.reads_all("")


class TestRequirements:
    @pytest.mark.parametrize("role", [Role.MANAGER, Role.REP, Role.AUDITOR, Role.INTEGRATION, ""])
    def test_only_administrators_add_pipelines(self, role: str) -> None:
        rights.require_pipeline_builder(Role.ADMIN)
        with refused(NotPermitted, "pipeline.admins_only"):
            rights.require_pipeline_builder(role)

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.REP, Role.AUDITOR, ""])
    def test_only_administrators_and_programs_add_products(self, role: str) -> None:
        rights.require_catalogue_editor(Role.ADMIN)
        rights.require_catalogue_editor(Role.INTEGRATION)
        with refused(NotPermitted, "product.admins_only"):
            rights.require_catalogue_editor(role)

    @pytest.mark.parametrize("role", [Role.REP, Role.AUDITOR, ""])
    def test_only_managers_administrators_and_programs_import(self, role: str) -> None:
        for importer in (Role.ADMIN, Role.MANAGER, Role.INTEGRATION):
            rights.require_importer(importer)
        with refused(NotPermitted, "opportunity.importers_only"):
            rights.require_importer(role)


class TestOwnerOfNew:
    @pytest.mark.parametrize("named", [None, ME])
    def test_what_a_person_opens_is_theirs(self, named: UUID | None) -> None:
        assert rights.owner_of_new(Role.ADMIN, person_id=ME, named=named, customer_owner=SOMEBODY) == ME

    def test_a_person_names_nobody_else(self) -> None:
        with refused(InvalidInput, "owner.not_yours"):
            rights.owner_of_new(Role.ADMIN, person_id=ME, named=SOMEBODY, customer_owner=SOMEBODY)

    def test_a_programs_goes_to_whom_it_names_or_to_the_customers_owner(self) -> None:
        for named, whose in ((COLLEAGUE, COLLEAGUE), (None, SOMEBODY)):
            owner = rights.owner_of_new(Role.INTEGRATION, person_id=ME, named=named, customer_owner=SOMEBODY)
            assert owner == whose

    def test_a_program_must_name_somebody_where_nobody_holds_the_customer(self) -> None:
        with refused(InvalidInput, "owner.required"):
            rights.owner_of_new(Role.INTEGRATION, person_id=ME, named=None, customer_owner=None)


class TestCheckRoom:
    def test_a_list_of_pipelines_stays_one_page(self) -> None:
        rules.check_room(rules.MOST_PIPELINES - 1)
        with refused(Conflict, "pipeline.too_many"):
            rules.check_room(rules.MOST_PIPELINES)


class TestCheckStageNames:
    def test_takes_names_that_differ(self) -> None:
        rules.check_stage_names(["Contact", "Offer"])

    def test_refuses_two_of_the_same(self) -> None:
        with pytest.raises(InvalidInput) as error:
            rules.check_stage_names(["Contact", "Offer", "OFFER "])
        assert (error.value.fields[0].field, error.value.code) == ("stages.2.name", "stage.name_taken")

    @pytest.mark.parametrize("name", ["Won", "LOST", "w-o-n"])
    def test_refuses_what_means_closed(self, name: str) -> None:
        with refused(InvalidInput, "stage.name_reserved"):
            rules.check_stage_names([name])


class TestCheckAmount:
    @pytest.mark.parametrize("money", [None, usd("0"), usd("0.01")])
    def test_takes_none_and_nothing_and_more(self, money: Money | None) -> None:
        rules.check_amount(money, "amount")

    def test_refuses_less_than_nothing(self) -> None:
        with pytest.raises(InvalidInput) as error:
            rules.check_amount(usd("-0.01"), "changes.amount")
        assert (error.value.fields[0].field, error.value.code) == ("changes.amount.amount", "amount.negative")


class TestChooseStage:
    STAGES = (Step(UUID(int=7)), Step(UUID(int=8)))

    def test_takes_the_first_unless_told_otherwise(self) -> None:
        assert rules.choose_stage(self.STAGES, None) == self.STAGES[0]
        assert rules.choose_stage(self.STAGES, UUID(int=8)) == self.STAGES[1]

    def test_refuses_another_pipelines(self) -> None:
        with refused(NotFound, "stage.not_found"):
            rules.choose_stage(self.STAGES, UUID(int=9))


class TestRequireOpen:
    def test_lets_open_ones_pass(self) -> None:
        rules.require_open(State.OPEN)

    @pytest.mark.parametrize("state", [State.WON, State.LOST])
    def test_tells_the_state_of_a_closed_one(self, state: State) -> None:
        with pytest.raises(Conflict) as error:
            rules.require_open(state)
        assert (error.value.code, error.value.data) == ("opportunity.closed", {"state": state.value})


class TestRequireWinnable:
    def test_needs_customer_and_amount(self) -> None:
        rules.require_winnable(ME, usd("0"))
        with refused(Conflict, "opportunity.needs_customer"):
            rules.require_winnable(None, usd("1"))
        with refused(Conflict, "opportunity.needs_amount"):
            rules.require_winnable(ME, None)


class TestCheckPeriod:
    @pytest.mark.parametrize("days", [(None, None), (TODAY, None), (None, TODAY), (YESTERDAY, TODAY)])
    def test_takes_periods_with_a_day_in_them(self, days: tuple[date | None, date | None]) -> None:
        rules.check_period(*days)

    @pytest.mark.parametrize("days", [(TODAY, TODAY), (TODAY, YESTERDAY)])
    def test_refuses_periods_without(self, days: tuple[date, date]) -> None:
        with refused(InvalidInput, "period.empty"):
            rules.check_period(*days)


class TestCheckChanges:
    def test_a_customer_that_is_set_is_not_cleared(self) -> None:
        cleared = OpportunityChanges(customer_id=None)

        rules.check_changes(cleared, customer_id=None)
        rules.check_changes(OpportunityChanges(name="New"), customer_id=SOMEBODY)
        with refused(InvalidInput, "opportunity.customer_required"):
            rules.check_changes(cleared, customer_id=SOMEBODY)

    def test_an_amount_is_not_negative(self) -> None:
        with refused(InvalidInput, "amount.negative"):
            rules.check_changes(OpportunityChanges(amount=usd("-1")), customer_id=None)


class TestCheckChanged:
    @pytest.mark.parametrize("changed", [["amount"], ["product_id"], ["note", "amount"]])
    def test_amount_and_product_are_fixed_once_closed(self, changed: list[str]) -> None:
        rules.check_changed(changed, state=State.OPEN, customer_id=None)
        for state in (State.WON, State.LOST):
            with refused(Conflict, "opportunity.closed"):
                rules.check_changed(changed, state=state, customer_id=None)

    def test_a_lost_one_may_still_be_given_its_customer_but_no_other(self) -> None:
        rules.check_changed(["customer_id"], state=State.LOST, customer_id=None)
        with refused(Conflict, "opportunity.closed"):
            rules.check_changed(["customer_id"], state=State.LOST, customer_id=SOMEBODY)

    def test_the_rest_may_change(self) -> None:
        rules.check_changed(["name", "note", "source", "expected_close_on"], state=State.WON, customer_id=SOMEBODY)


class TestClosingDay:
    def day(self, closed_on: date | None, **facts: Any) -> date:
        return rules.closing_day(closed_on, **{"began_at": NOON - timedelta(days=3), "now": NOON, **facts})

    def test_is_today_unless_told_otherwise(self) -> None:
        assert self.day(None) == TODAY
        assert self.day(YESTERDAY) == YESTERDAY

    def test_is_not_to_come(self) -> None:
        assert self.day(TODAY) == TODAY
        with refused(InvalidInput, "opportunity.closed_in_future"):
            self.day(TOMORROW)

    def test_is_not_before_it_began(self) -> None:
        assert self.day(YESTERDAY, began_at=NOON - timedelta(days=1)) == YESTERDAY
        with refused(InvalidInput, "opportunity.closed_before_it_began"):
            self.day(YESTERDAY, began_at=NOON)


class TestLeftAt:
    def test_is_now_but_never_before_it_was_entered(self) -> None:
        assert rules.left_at(NOON - timedelta(hours=1), NOON) == NOON
        assert rules.left_at(NOON + timedelta(seconds=1), NOON) == NOON + timedelta(seconds=1)


class TestClosedAt:
    def test_is_now_when_closed_today(self) -> None:
        assert rules.closed_at(TODAY, entered_at=NOON - timedelta(days=1), now=NOON) == NOON

    def test_is_the_first_moment_of_an_earlier_day(self) -> None:
        closed_at = rules.closed_at(YESTERDAY, entered_at=NOON - timedelta(days=9), now=NOON)

        assert closed_at == datetime(2026, 11, 19, tzinfo=UTC)

    def test_is_never_before_the_stage_was_entered(self) -> None:
        entered_at = NOON - timedelta(hours=1)

        assert rules.closed_at(YESTERDAY, entered_at=entered_at, now=NOON) == entered_at
