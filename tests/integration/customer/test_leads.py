"""Leads: qualified, converted, or put aside as junk, against a real database."""

from typing import Any

import pytest

from contracts.customer.customers import CreateCustomer, Customer
from contracts.customer.imports import CustomerRow, ImportCustomers
from contracts.customer.leads import (
    ConvertLead,
    GetQualification,
    Qualification,
    QualificationChanges,
    QualifyCustomer,
)
from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.values import Lifecycle
from servicekit.context import Caller
from servicekit.testing import refused
from services.customer.operations import lifecycle
from services.customer.settings import CustomerSettings
from tests.integration.customer.office import Office, at_once

BANT = ("budget", "authority", "need", "timeline")


@pytest.fixture
def lead(office: Office) -> Customer:
    """A lead of the rep's."""
    return office.create(office.rep, "Lead")


def qualify(office: Office, by: Caller, customer: Customer | Qualification, **changes: Any) -> Qualification:
    """The checklist after this merge patch, made from the version at hand."""
    customer_id = customer.id if isinstance(customer, Customer) else customer.customer_id
    patch = QualificationChanges.model_validate(changes)
    return office.ask(by, QualifyCustomer(customer_id=customer_id, version=customer.version, changes=patch))


def met(*items: str) -> dict[str, Any]:
    """A merge patch that says these are met."""
    return {"answers": {item: {"met": True} for item in items}}


def convert(office: Office, by: Caller, customer: Customer) -> Customer:
    """The customer after its conversion."""
    return office.ask(by, ConvertLead(customer_id=customer.id))


class TestQualify:
    def test_answers_are_kept_with_who_gave_them(self, office: Office, lead: Customer) -> None:
        answers = {"budget": {"met": True, "note": "20,000 USD"}, "need": {"met": False}}
        kept = qualify(office, office.rep, lead, answers=answers)
        assert [(one.item, one.met, one.note) for one in kept.answers] == [
            ("budget", True, "20,000 USD"),
            ("authority", None, ""),
            ("need", False, ""),
            ("timeline", None, ""),
        ]
        assert (kept.open, kept.updated_by) == (["authority", "need", "timeline"], office.rep.actor)
        assert office.ask(office.auditor, GetQualification(customer_id=lead.id)) == kept

    def test_it_is_a_change_of_the_customer(self, office: Office, lead: Customer) -> None:
        kept = qualify(office, office.rep, lead, **met("budget"))
        assert kept.version == office.read(office.rep, lead).version == lead.version + 1
        topic, data = office.told(lead.id)[-1]
        assert (topic, data["changed"]) == ("customer.updated", ["qualification.budget"])
        (field,) = office.history(lead)[0].fields
        assert (field.field, field.before, field.after) == ("qualification.budget", None, {"met": True, "note": ""})
        with refused(Conflict, "version.stale"):
            qualify(office, office.rep, lead, **met("need"))

    def test_said_again_it_changes_nothing(self, office: Office, lead: Customer) -> None:
        kept = qualify(office, office.rep, lead, **met("budget"))
        assert qualify(office, office.rep, kept, **met("budget")) == kept

    def test_another_method_asks_other_things_and_forgets_nothing(self, office: Office, lead: Customer) -> None:
        kept = qualify(office, office.rep, lead, **met("authority", "budget"))
        champ = qualify(office, office.rep, kept, method="champ")
        assert champ.open == ["challenges", "money", "prioritization"]
        with refused(InvalidInput, "lead.foreign_item"):
            qualify(office, office.rep, champ, **met("need"))
        assert qualify(office, office.rep, champ, method="bant").open == ["need", "timeline"]

    def test_the_last_item_met_is_announced_once(self, office: Office, lead: Customer) -> None:
        kept = qualify(office, office.rep, lead, **met("budget", "authority", "need"))
        kept = qualify(office, office.rep, kept, **met("timeline"))
        kept = qualify(office, office.rep, kept, answers={"need": {"note": "Confirmed"}})
        told = [data for topic, data in office.told(lead.id) if topic == "customer.qualified"]
        assert (kept.open, told) == ([], [{"customer_id": str(lead.id), "method": "bant"}])

    def test_who_may_not_edit_the_customer_answers_nothing(self, office: Office, lead: Customer) -> None:
        with refused(NotPermitted, "customer.read_only"):
            qualify(office, office.auditor, lead, **met("need"))
        with refused(NotFound, "customer.not_found"):
            office.ask(office.stranger, GetQualification(customer_id=lead.id))
        with refused(NotFound, "customer.not_found"):
            convert(office, office.stranger, lead)


class TestConvert:
    def test_a_reps_lead_goes_on_when_all_items_are_met(self, office: Office, lead: Customer) -> None:
        qualify(office, office.rep, lead, **met(*BANT))
        assert convert(office, office.rep, lead).lifecycle is Lifecycle.PROSPECT
        assert [topic for topic, _ in office.told(lead.id)][-2:] == ["customer.updated", "customer.lifecycle_changed"]

    def test_a_repeat_answers_the_same_and_changes_nothing(self, office: Office, lead: Customer) -> None:
        qualify(office, office.rep, lead, **met(*BANT))
        first = convert(office, office.rep, lead)
        told = len(office.told(lead.id))
        assert (convert(office, office.rep, lead), len(office.told(lead.id))) == (first, told)

    def test_two_at_once_convert_it_once(self, office: Office, lead: Customer) -> None:
        twice = [lambda: convert(office, office.manager, lead)] * 2
        assert at_once(*twice) == ["done", "done"]
        assert [topic for topic, _ in office.told(lead.id)].count("customer.lifecycle_changed") == 1

    def test_one_that_bought_already_stays_a_customer(self, office: Office) -> None:
        bought = office.create(office.rep, "Bought", lifecycle="customer")
        assert convert(office, office.rep, bought) == bought

    def test_open_items_are_named(self, office: Office, lead: Customer) -> None:
        qualify(office, office.rep, lead, **met("budget", "need"))
        with pytest.raises(Conflict) as raised:
            convert(office, office.rep, lead)
        assert (raised.value.code, raised.value.data) == ("lead.not_qualified", {"open": ["authority", "timeline"]})
        assert raised.value.detail.endswith("authority, timeline.")

    def test_junk_is_not_converted(self, office: Office) -> None:
        junk = office.create(office.rep, "Junk", lifecycle="junk", junk_reason="Wrong number")
        with refused(Conflict, "lifecycle.not_allowed"):
            convert(office, office.manager, junk)

    def test_the_history_stays(self, office: Office, lead: Customer) -> None:
        qualify(office, office.rep, lead, **met(*BANT))
        convert(office, office.rep, lead)
        fields = [[field.field for field in change.fields] for change in office.history(lead)]
        assert fields == [["lifecycle"], [f"qualification.{item}" for item in BANT], ["name", "lifecycle"]]


class TestTheGate:
    @pytest.mark.parametrize("stage", ["prospect", "customer"])
    def test_an_edit_does_not_lead_past_it(self, office: Office, lead: Customer, stage: str) -> None:
        with refused(Conflict, "lead.not_qualified"):
            office.change(office.rep, lead, lifecycle=stage)
        marked = office.change(office.rep, lead, lifecycle="marketing_qualified")
        with refused(Conflict, "lead.not_qualified"):
            office.change(office.rep, marked, lifecycle=stage)

    def test_a_qualified_lead_passes_by_an_edit(self, office: Office, lead: Customer) -> None:
        qualify(office, office.rep, lead, **met(*BANT))
        assert office.change(office.rep, office.read(office.rep, lead), lifecycle="prospect").lifecycle == "prospect"

    @pytest.mark.parametrize("who", ["manager", "admin", "api_key"])
    def test_it_is_for_reps(self, office: Office, lead: Customer, who: str) -> None:
        assert convert(office, getattr(office, who), lead).lifecycle is Lifecycle.PROSPECT

    def test_a_company_may_do_without_it(self, office: Office, lead: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lifecycle, "SETTINGS", CustomerSettings(qualification="optional"))
        assert convert(office, office.rep, lead).lifecycle is Lifecycle.PROSPECT

    def test_who_is_no_lead_at_first_meets_no_gate(self, office: Office) -> None:
        met_at_a_fair = office.create(office.rep, "Met at a fair", lifecycle="prospect")
        assert office.change(office.rep, met_at_a_fair, lifecycle="customer").lifecycle is Lifecycle.CUSTOMER


class TestJunk:
    def test_it_needs_a_reason_which_goes_when_it_is_taken_up_again(self, office: Office, lead: Customer) -> None:
        with refused(InvalidInput, "customer.junk_reason_required"):
            office.change(office.rep, lead, lifecycle="junk")
        junk = office.change(office.rep, lead, lifecycle="junk", junk_reason="Wrong number")
        assert junk.junk_reason == "Wrong number"
        again = office.change(office.rep, junk, lifecycle="lead")
        assert (again.lifecycle, again.junk_reason) == (Lifecycle.LEAD, None)
        fields = {field.field: (field.before, field.after) for field in office.history(lead)[0].fields}
        assert fields == {"lifecycle": ("junk", "lead"), "junk_reason": ("Wrong number", None)}

    def test_the_reason_is_changed_but_not_taken_away(self, office: Office) -> None:
        junk = office.create(office.rep, "Junk", lifecycle="junk", junk_reason="Wrong number")
        junk = office.change(office.rep, junk, junk_reason="Competitor")
        assert office.change(office.rep, junk, note="Noted").junk_reason == "Competitor"
        with refused(InvalidInput, "customer.junk_reason_required"):
            office.change(office.rep, office.read(office.rep, junk), junk_reason=None)

    def test_nothing_else_has_a_reason(self, office: Office, lead: Customer) -> None:
        with refused(InvalidInput, "customer.not_junk"):
            office.change(office.rep, lead, junk_reason="Wrong number")
        with refused(InvalidInput, "customer.not_junk"):
            office.ask(office.rep, CreateCustomer(kind="company", name="Odd", junk_reason="Wrong number"))

    def test_an_imported_one_needs_it_too(self, office: Office) -> None:
        rows = [
            CustomerRow(name="Junk without", lifecycle=Lifecycle.JUNK),
            CustomerRow(name="Junk with", lifecycle=Lifecycle.JUNK, junk_reason="Bought list"),
        ]
        result = office.ask(office.manager, ImportCustomers(rows=rows))
        assert [(one.row, one.code) for one in result.refused] == [(1, "customer.junk_reason_required")]
        assert [one.row for one in result.imported] == [2]
