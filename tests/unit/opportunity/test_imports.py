"""What becomes of one row of an import."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from contracts.opportunity.imports import OpportunityRow
from contracts.opportunity.pipelines import State
from contracts.values import Money, Role
from services.opportunity.rules import imports as rules
from services.opportunity.rules.imports import Choice, Colleague, Importer, Known, Planned, Reading
from services.opportunity.rules.names import Directory

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SALES, SUPPORT, PIPELINE = UUID(int=1), UUID(int=2), UUID(int=3)
PROSPECTING, ENGAGING = Choice(UUID(int=11), "Prospecting"), Choice(UUID(int=12), "Engaging")
RITA = Colleague(UUID(int=21), "Rita Reed", "rreed", SALES, active=True)
LEO = Colleague(UUID(int=22), "Leo Left", "leo", SALES, active=False)
SAM = Colleague(UUID(int=23), "Sam Stone", "sam.stone", SUPPORT, active=True)
TWINS = [Colleague(UUID(int=nth), "Tim Twin", f"tim{nth}", SALES, active=True) for nth in (24, 25)]
PRO, BASIC = Choice(UUID(int=31), "GTX Pro"), Choice(UUID(int=32), "GTX Basic")
ACME, GLOBEX = Choice(UUID(int=41), "Acme Corporation"), Choice(UUID(int=42), "Globex")
NAMESAKES = [Choice(UUID(int=nth), "Initech") for nth in (43, 44)]
ADMIN = Importer(UUID(int=51), Role.ADMIN, ())
MANAGER = Importer(UUID(int=52), Role.MANAGER, {SALES})
KNOWN = Known(
    pipeline_id=PIPELINE,
    stages=(PROSPECTING, ENGAGING),
    people=Directory([RITA, LEO, SAM, *TWINS]),
    products=Directory([PRO, BASIC]),
    customers=Directory([ACME, GLOBEX, *NAMESAKES]),
)


def reading(importer: Importer = ADMIN, **fields: Any) -> Reading:
    """What a row comes to; one that Rita engages Acme about a GTX Pro with, unless said otherwise."""
    given = {
        "external_id": "A1",
        "owner": "Rita Reed",
        "customer": "Acme Corporation",
        "product": "GTX Pro",
        "stage": "Engaging",
        "engaged_on": "2026-01-02",
    }
    row = OpportunityRow.model_validate({**given, **fields})
    return rules.read(7, row, KNOWN, importer=importer, now=NOW)


def plan(**fields: Any) -> Planned:
    """The plan of a row that is taken without reservations."""
    found = reading(**fields)
    assert (found.refused, found.warnings) == ([], [])
    assert found.plan is not None
    return found.plan


def refusals(importer: Importer = ADMIN, **fields: Any) -> list[tuple[str, str]]:
    """The fields and codes of a row that is refused."""
    found = reading(importer, **fields)
    assert (found.plan, found.warnings) == (None, [])
    assert {fault.row for fault in found.refused} == {7}
    return [(fault.field, fault.code) for fault in found.refused]


class TestStages:
    @pytest.mark.parametrize("written", ["Engaging", "engaging ", "ENGA-GING"])
    def test_are_matched_however_they_are_written(self, written: str) -> None:
        assert (plan(stage=written).stage, plan(stage=written).state) == (ENGAGING, State.OPEN)

    @pytest.mark.parametrize(("written", "state"), [("Won", State.WON), ("LOST", State.LOST)])
    def test_what_is_closed_stood_in_the_last_one(self, written: str, state: State) -> None:
        found = plan(stage=written, closed_on="2026-02-03", amount="5")

        assert (found.stage, found.state) == (ENGAGING, state)

    def test_an_unknown_one_is_refused(self) -> None:
        found = reading(stage="Dreaming")

        assert [fault.code for fault in found.refused] == ["stage.unknown"]
        assert "Prospecting, Engaging, won or lost" in found.refused[0].message


class TestOwners:
    @pytest.mark.parametrize("written", ["Rita Reed", "RITA  REED", "rreed", "r.reed"])
    def test_are_matched_by_full_or_login_name(self, written: str) -> None:
        assert plan(owner=written).owner_id == RITA.id

    def test_an_unknown_one_is_refused(self) -> None:
        assert refusals(owner="Nobody") == [("owner", "owner.unknown")]

    def test_a_name_of_several_is_refused_but_not_a_login_name(self) -> None:
        assert refusals(owner="Tim Twin") == [("owner", "owner.ambiguous")]
        assert plan(owner="tim25").owner_id == TWINS[1].id

    def test_who_has_left_may_only_have_had_what_is_closed(self) -> None:
        assert refusals(owner="Leo Left") == [("owner", "owner.inactive")]
        assert plan(owner="Leo Left", stage="lost", closed_on="2026-02-03").owner_id == LEO.id

    def test_a_manager_gives_only_to_their_own_people_and_themselves(self) -> None:
        themselves = Importer(SAM.id, Role.MANAGER, {SALES})

        assert reading(MANAGER).plan is not None
        assert refusals(MANAGER, owner="Sam Stone") == [("owner", "owner.foreign")]
        assert reading(themselves, owner="Sam Stone").plan is not None


class TestProducts:
    def test_are_matched_however_they_are_written(self) -> None:
        assert plan(product="GTXPro").product_id == PRO.id

    def test_none_need_be_named(self) -> None:
        assert plan(product="").product_id is None

    def test_an_unknown_one_is_refused(self) -> None:
        assert refusals(product="GTX Plus") == [("product", "product.unknown")]


class TestCustomers:
    def test_are_matched_however_they_are_written(self) -> None:
        assert plan(customer="ACME corporation").customer_id == ACME.id

    @pytest.mark.parametrize(
        ("written", "code"),
        [("", "customer_missing"), ("Teste", "customer_unknown"), ("initech", "customer_ambiguous")],
    )
    def test_without_a_certain_one_the_row_is_taken_and_warned_of(self, written: str, code: str) -> None:
        found = reading(customer=written)

        assert found.plan is not None
        assert found.plan.customer_id is None
        assert [(fault.row, fault.field, fault.code) for fault in found.warnings] == [(7, "customer", code)]

    @pytest.mark.parametrize("written", ["", "Teste"])
    def test_nothing_is_won_without_one(self, written: str) -> None:
        won: dict[str, Any] = {"stage": "won", "closed_on": "2026-02-03", "amount": "5"}

        assert refusals(customer=written, **won) == [("customer", "opportunity.needs_customer")]


class TestAmounts:
    @pytest.mark.parametrize(("written", "amount"), [("1054", "1054.00"), ("0", "0.00"), ("99999999999999.99", None)])
    def test_are_taken_to_the_cent(self, written: str, amount: str | None) -> None:
        assert plan(amount=written).amount == Money(amount=Decimal(amount or written), currency="USD")

    def test_keep_their_currency(self) -> None:
        found = plan(amount="7", currency="PLN").amount

        assert found is not None
        assert found.currency == "PLN"

    def test_none_is_needed_until_it_is_won(self) -> None:
        assert plan().amount is None
        assert plan(stage="lost", closed_on="2026-02-03").amount is None
        assert refusals(stage="won", closed_on="2026-02-03") == [("amount", "opportunity.needs_amount")]

    @pytest.mark.parametrize(
        ("written", "code"),
        [
            ("-1", "amount.negative"),
            ("0.001", "amount.out_of_range"),
            ("100000000000000", "amount.out_of_range"),
        ],
    )
    def test_what_is_no_amount_is_refused(self, written: str, code: str) -> None:
        assert refusals(amount=written) == [("amount", code)]


class TestDays:
    def test_it_enters_its_stage_with_the_day_it_was_engaged_on(self) -> None:
        found = plan(engaged_on="2026-01-02")

        assert (found.began_at, found.closed_at) == (datetime(2026, 1, 2, tzinfo=UTC), None)

    def test_without_a_day_it_enters_at_the_time_of_the_import(self) -> None:
        assert plan(stage="Prospecting", engaged_on=None).began_at == NOW

    def test_the_closing_day_closes_it(self) -> None:
        found = plan(stage="lost", closed_on="2026-02-03")

        assert (found.closed_on, found.closed_at) == (date(2026, 2, 3), datetime(2026, 2, 3, tzinfo=UTC))

    @pytest.mark.parametrize("engaged_on", ["2026-02-03", None])
    def test_it_may_close_on_the_day_it_began(self, engaged_on: str | None) -> None:
        found = plan(stage="lost", engaged_on=engaged_on, closed_on="2026-02-03")

        assert found.began_at == found.closed_at

    @pytest.mark.parametrize(
        ("fields", "fault"),
        [
            ({"engaged_on": "2026-11-21"}, ("engaged_on", "opportunity.begins_in_future")),
            ({"engaged_on": "1899-12-31"}, ("engaged_on", "day.out_of_range")),
            ({"closed_on": "2026-02-03"}, ("closed_on", "closed_on.still_open")),
            ({"stage": "lost"}, ("closed_on", "closed_on.missing")),
            ({"stage": "lost", "closed_on": "2026-11-21"}, ("closed_on", "opportunity.closed_in_future")),
            ({"stage": "lost", "closed_on": "2026-01-01"}, ("closed_on", "opportunity.closed_before_it_began")),
            (
                {"stage": "lost", "engaged_on": None, "closed_on": "0001-01-01"},
                ("closed_on", "day.out_of_range"),
            ),
        ],
    )
    def test_days_that_can_not_be_are_refused(self, fields: dict[str, Any], fault: tuple[str, str]) -> None:
        assert refusals(**fields) == [fault]

    def test_today_is_a_day_on_which_it_may_begin_and_end(self) -> None:
        assert plan(engaged_on="2026-11-20").began_at == datetime(2026, 11, 20, tzinfo=UTC)
        assert plan(stage="lost", closed_on="2026-11-20").closed_on == date(2026, 11, 20)


class TestNames:
    @pytest.mark.parametrize(
        ("fields", "name"),
        [
            ({"name": "Forty seats"}, "Forty seats"),
            ({}, "Acme Corporation · GTX Pro"),
            ({"customer": "acme corporation", "product": "gtxpro"}, "Acme Corporation · GTX Pro"),
            ({"customer": "Teste"}, "Teste · GTX Pro"),
            ({"customer": ""}, "GTX Pro"),
            ({"customer": "", "product": ""}, "A1"),
            ({"customer": "x" * 200}, "x" * 200),
        ],
    )
    def test_are_made_of_what_the_row_is_about(self, fields: dict[str, Any], name: str) -> None:
        found = reading(**fields).plan

        assert found is not None
        assert found.name == name


class TestRead:
    def test_tells_all_faults_of_a_row_at_once(self) -> None:
        fields: dict[str, Any] = {"owner": "Nobody", "product": "GTX Plus", "customer": "", "stage": "won"}
        fields["engaged_on"] = "2030-01-01"

        assert [field for field, _ in refusals(**fields)] == [
            "owner",
            "product",
            "amount",
            "engaged_on",
            "closed_on",
            "customer",
        ]


class TestAlreadyImported:
    def test_names_the_row_and_the_key(self) -> None:
        warning = rules.already_imported(3)

        assert (warning.row, warning.field, warning.code) == (3, "external_id", "already_imported")
