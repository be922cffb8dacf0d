"""The 360 view: whole while all is well, and all but one part of it while one service is stopped or frozen."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from deploy.local.suite import Suite
from tests.e2e.client import Api, Body, eventually
from tests.e2e.company import Company, new_customer
from tests.e2e.test_sample import SALES, lost, won

ACCOUNT = "Cancity"
SECTION_OF = {"customer": "customer", "pool": "holding", "opportunity": "opportunities", "activity": "activities"}
DEADLINE_SECONDS = 3.0
ANSWER_SECONDS = DEADLINE_SECONDS + 2.5
"""The deadline of the sections and what a slow machine needs for the rest; a hanging request would take ten seconds."""


@contextmanager
def stopped(suite: Suite, service: str) -> Iterator[None]:
    suite[service].stop()
    exit_code = suite[service].exit_code
    try:
        yield
    finally:
        suite.start(service)
    assert exit_code == 0


@contextmanager
def frozen(suite: Suite, *services: str) -> Iterator[None]:
    for service in services:
        os.kill(suite[service].pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for service in services:
            os.kill(suite[service].pid, signal.SIGCONT)


@pytest.fixture(scope="module")
def customer(company: Company) -> Body:
    """A customer of the sample with something in every section."""
    customer = company.sample_customer(ACCOUNT)
    chief = company.admin.post(f"/v1/customers/{customer['id']}/contacts", {"name": "Ines Chief"})
    deputy = {"name": "Dora Deputy", "reports_to": chief["id"]}
    company.admin.post(f"/v1/customers/{customer['id']}/contacts", deputy)
    follow_up = {"due_at": "2199-01-01T09:00:00Z", "remind_before_minutes": [0]}
    call = {"customer_id": customer["id"], "kind": "call", "content": "Asked for a quote.", "next_follow_up": follow_up}
    company.admin.post("/v1/activities", call)
    return customer


@pytest.fixture
def path(customer: Body) -> str:
    return f"/v1/customers/{customer['id']}/360"


@pytest.fixture
def whole(company: Company, path: str) -> Body:
    """The view while nothing is missing; services that come back from a fault are waited for."""
    eventually(lambda: not company.admin.get(path)["partial"])
    return company.admin.get(path)


def timed_view(api: Api, path: str) -> tuple[Body, float]:
    began = time.monotonic()
    view = api.get(path)
    return view, time.monotonic() - began


def sections(view: Body) -> Body:
    return {name: section for name, section in view.items() if name != "partial"}


class TestWhole:
    def test_profile_and_chart_of_contacts_are_shown(self, whole: Body) -> None:
        data = whole["customer"]["data"]
        contacts = {contact["name"]: contact for contact in data["contacts"]}
        assert data["customer"]["name"] == ACCOUNT
        assert contacts["Dora Deputy"]["reports_to"] == contacts["Ines Chief"]["id"]
        below = [(contacts["Ines Chief"]["id"], 0), (contacts["Dora Deputy"]["id"], 1)]
        assert [(line["contact_id"], line["depth"]) for line in data["chart"]] == below

    def test_the_holder_is_the_one_that_the_profile_names(self, whole: Body) -> None:
        profile, holding = whole["customer"]["data"]["customer"], whole["holding"]["data"]
        assert (holding["owner"], holding["pool"]) == (profile["owner"], profile["pool"])
        assert (holding["owner"] is None) != (holding["pool"] is None)

    def test_sums_over_its_opportunities_are_those_of_the_file(self, whole: Body) -> None:
        data, theirs = whole["opportunities"]["data"], [row for row in SALES if row["account"] == ACCOUNT]
        assert data["won_count"] == won(theirs)["count"]
        assert data["won_amounts"] == [{"amount": won(theirs)["amount"], "currency": "USD"}]
        assert data["lost_count"] == lost(theirs)
        assert data["open_count"] == len(theirs) - data["won_count"] - data["lost_count"]

    def test_the_latest_touch_and_the_next_one_are_shown(self, whole: Body) -> None:
        data = whole["activities"]["data"]
        assert data["latest"][0]["content"] == "Asked for a quote."
        assert data["next_follow_ups"][0]["due_at"] == "2199-01-01T09:00:00Z"

    def test_nothing_is_marked_as_missing(self, whole: Body) -> None:
        assert whole["partial"] is False
        assert {section["status"] for section in sections(whole).values()} == {"ok"}


class TestServiceStopped:
    @pytest.mark.parametrize("service", SECTION_OF)
    def test_only_its_section_is_missing_and_it_is_back_when_the_service_is(
        self, suite: Suite, company: Company, path: str, whole: Body, service: str
    ) -> None:
        missing = SECTION_OF[service]
        others = {name: process.pid for name, process in suite.processes.items() if name != service}
        with stopped(suite, service):
            view, seconds = timed_view(company.admin, path)
            assert seconds < ANSWER_SECONDS
            assert view["partial"] is True
            assert view[missing] == {"status": "unavailable", "data": None, "reason": "service.unavailable"}
            assert sections(view) == {**sections(whole), missing: view[missing]}
        eventually(lambda: company.admin.get(path) == whole)
        assert {name: suite[name].pid for name in others} == others, "nothing else was started again"

    @pytest.mark.parametrize("service", ["identity", "notify"])
    def test_the_view_is_whole_without_a_service_that_has_no_part_in_it(
        self, suite: Suite, company: Company, path: str, whole: Body, service: str
    ) -> None:
        with stopped(suite, service):
            assert company.admin.get(path) == whole

    def test_routes_of_other_services_go_on_and_its_own_say_when_to_come_back(
        self, suite: Suite, company: Company, customer: Body
    ) -> None:
        with stopped(suite, "activity"):
            assert company.admin.get(f"/v1/customers/{customer['id']}")["name"] == ACCOUNT
            assert company.admin.get(f"/v1/holdings/{customer['id']}")["customer"]["name"] == ACCOUNT
            answer = company.admin.ask("GET", "/v1/activities")
            assert (answer.status_code, answer.json()["code"]) == (503, "service.unavailable")
            assert int(answer.headers["Retry-After"]) > 0
            ready = company.stranger.ask("GET", "/readyz")
            assert ready.status_code == 503
            assert {name for name, state in ready.json()["services"].items() if state != "ok"} == {"activity"}
        eventually(lambda: company.stranger.status("GET", "/readyz") == 200)


class TestServiceFrozen:
    @pytest.mark.parametrize("service", SECTION_OF)
    def test_the_view_comes_in_time_without_its_section_and_is_whole_when_it_thaws(
        self, suite: Suite, company: Company, path: str, whole: Body, service: str
    ) -> None:
        missing = SECTION_OF[service]
        with frozen(suite, service):
            view, seconds = timed_view(company.admin, path)
        assert seconds < ANSWER_SECONDS
        assert view["partial"] is True
        assert view[missing] == {"status": "unavailable", "data": None, "reason": "call.timed_out"}
        assert sections(view) == {**sections(whole), missing: view[missing]}
        eventually(lambda: company.admin.get(path) == whole)

    def test_with_nothing_left_to_show_the_caller_is_asked_to_come_back(
        self, suite: Suite, company: Company, path: str, whole: Body
    ) -> None:
        with frozen(suite, *SECTION_OF):
            began = time.monotonic()
            answer = company.admin.ask("GET", path)
            seconds = time.monotonic() - began
        assert seconds < ANSWER_SECONDS
        assert (answer.status_code, answer.json()["code"]) == (503, "view.unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        eventually(lambda: company.admin.get(path) == whole)


class TestWhoMaySee:
    def test_a_customer_that_is_not_there_is_404(self, company: Company) -> None:
        problem = company.admin.refusal("GET", "/v1/customers/01890000-0000-7000-8000-000000000000/360")
        assert (problem["status"], problem["code"]) == (404, "customer.not_found")

    def test_another_reps_customer_is_404_also_while_the_customer_service_is_away(
        self, suite: Suite, company: Company
    ) -> None:
        with ExitStack() as present:
            owner, other = (present.enter_context(company.hire(name)) for name in ("Olga Owner", "Otto Other"))
            path = f"/v1/customers/{owner.post('/v1/customers', new_customer('Hidden'))['id']}/360"
            eventually(lambda: not owner.get(path)["partial"])
            assert other.refusal("GET", path)["code"] == "customer.not_found"
            with stopped(suite, "customer"):
                assert other.refusal("GET", path)["code"] == "customer.not_found"
                assert owner.get(path)["holding"]["data"]["owner"]["name"] == "Olga Owner"
