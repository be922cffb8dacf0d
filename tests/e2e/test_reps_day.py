"""A rep's day: signing in, a new customer and its people, a call, and being reminded of the next one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from contracts.activity import ActivityKind, CompleteFollowUp, LogActivity, PlannedFollowUp
from contracts.customer.contacts import AddContact, Contact, ContactChanges, ListContacts, RemoveContact, UpdateContact
from contracts.customer.customers import CreateCustomer, Customer
from contracts.errors import InvalidInput
from contracts.notify import ListNotices, MarkNoticesRead, Notice
from servicekit.clock import Clock
from servicekit.testing import refused
from tests.e2e.client import Person, eventually
from tests.e2e.company import Company, new_customer
from tests.e2e.crm import Crm

_MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def rep(company: Company) -> Iterator[Person]:
    with company.hire("Renata Rep") as rep:
        yield rep


@pytest.fixture
def customer(rep: Person) -> Customer:
    """A new customer of the rep's own."""
    return rep.call(CreateCustomer(**new_customer("Acme Trading")))


class TestSignIn:
    def test_a_name_in_any_case_and_the_password_give_a_token_that_works(self, company: Company, rep: Person) -> None:
        with company.sign_in(rep.name.upper()) as again:
            assert again.get("/v1/me")["full_name"] == "Renata Rep"

    def test_a_wrong_password_and_an_unknown_name_are_refused_in_the_same_words(
        self, company: Company, rep: Person
    ) -> None:
        refusals = [
            company.stranger.refusal("POST", "/v1/auth/token", json={"name": name, "password": "guessed it"})
            for name in (rep.name, "nobody.at.all")
        ]
        assert {problem["status"] for problem in refusals} == {401}
        assert {problem["code"] for problem in refusals} == {"auth.bad_credentials"}
        assert len({problem["detail"] for problem in refusals}) == 1

    def test_a_rep_can_hire_nobody(self, rep: Person) -> None:
        newcomer = {"name": "friend", "full_name": "A Friend", "role": "admin"}
        assert rep.refusal("POST", "/v1/users", json=newcomer)["status"] == 403


class TestNewCustomer:
    def test_it_is_the_reps_own_and_stands_where_the_answer_says(self, rep: Person) -> None:
        body = new_customer(
            "Acme Shanghai",
            phones=[{"number": "+86 21 6123 8190", "label": "office"}],
            emails=[{"address": "Info@Acme-Shanghai.example"}],
            website="https://acme-shanghai.example",
        )
        answer = rep.ask("POST", "/v1/customers", json=body)
        made = answer.json()
        assert answer.status_code == 201
        assert answer.headers["ETag"] == '"1"'
        assert made["owner"]["id"] == rep.id
        assert made["phones"][0]["e164"] == "+862161238190"
        assert rep.get(answer.headers["Location"]) == made

    def test_it_is_found_by_a_fragment_of_its_name_and_by_its_phone(self, rep: Person) -> None:
        body = new_customer("Findable Żółć", phones=[{"number": "+48 22 555 71 93"}])
        made = rep.post("/v1/customers", body)
        for sought in ("dable żół", "0048 22 555 71 93"):
            assert made["id"] in [each["id"] for each in rep.get("/v1/customers", q=sought)["items"]]


class TestChange:
    def test_a_merge_patch_changes_what_it_names_and_clears_what_is_null(self, rep: Person, customer: Customer) -> None:
        path = f"/v1/customers/{customer.id}"
        named = rep.patch(path, {"industry": "trade", "level": "A"}, version=1)
        assert (named["industry"], named["level"], named["version"]) == ("trade", "A", 2)
        cleared = rep.patch(path, {"industry": None}, version=2)
        assert (cleared["industry"], cleared["level"], cleared["version"]) == (None, "A", 3)

    def test_a_change_of_a_stale_version_is_412_and_the_earlier_one_stays(
        self, rep: Person, customer: Customer
    ) -> None:
        path = f"/v1/customers/{customer.id}"
        rep.patch(path, {"note": "the first"}, version=1)
        late = rep.refusal("PATCH", path, json={"note": "the second"}, headers={"If-Match": '"1"'})
        assert (late["status"], late["code"]) == (412, "version.stale")
        assert rep.get(path)["note"] == "the first"

    def test_a_change_without_a_version_is_428(self, rep: Person, customer: Customer) -> None:
        path = f"/v1/customers/{customer.id}"
        problem = rep.refusal("PATCH", path, json={"note": "blind"})
        assert problem["status"] == 428
        assert "If-Match" in problem["detail"]
        assert rep.get(path)["note"] == ""

    def test_with_the_wrong_version_in_the_body_the_field_is_named(self, rep: Person, customer: Customer) -> None:
        path = f"/v1/customers/{customer.id}"
        problem = rep.refusal("PATCH", path, json={"version": 1}, headers={"If-Match": '"1"'})
        assert (problem["status"], problem["errors"][0]["field"]) == (422, "version")


class TestContacts:
    def test_they_are_added_changed_and_removed_and_the_chart_holds_together(
        self, rep: Person, customer: Customer
    ) -> None:
        chief = rep.call(AddContact(customer_id=customer.id, name="Chief"))
        deputy = rep.call(AddContact(customer_id=customer.id, name="Deputy", reports_to=chief.id))
        clerk = rep.call(AddContact(customer_id=customer.id, name="Clerk", reports_to=deputy.id))
        assert rep.call(changed(clerk, title="Buyer")).title == "Buyer"

        rep.call(RemoveContact(customer_id=customer.id, contact_id=deputy.id, version=deputy.version))

        contacts = rep.call(ListContacts(customer_id=customer.id)).items
        assert {each.name: each.reports_to for each in contacts} == {"Chief": None, "Clerk": chief.id}

    def test_a_circle_of_superiors_is_refused(self, rep: Person, customer: Customer) -> None:
        chief = rep.call(AddContact(customer_id=customer.id, name="Chief"))
        deputy = rep.call(AddContact(customer_id=customer.id, name="Deputy", reports_to=chief.id))
        with refused(InvalidInput, "contact.reporting_cycle"):
            rep.call(changed(chief, reports_to=deputy.id))


class TestReminder:
    def test_a_call_with_a_follow_up_in_five_seconds_becomes_a_notice_by_itself(
        self, rep: Person, customer: Customer, clock: Clock
    ) -> None:
        due_at = clock.now() + timedelta(seconds=5)
        logged = rep.call(call_to(customer, due_at=due_at, note="Send the offer"))
        assert logged.next_follow_up is not None
        assert logged.next_follow_up.state == "planned"

        eventually(lambda: notices_about(rep, customer))

        (notice,) = notices_about(rep, customer)
        assert notice.kind == "reminder.due"
        assert customer.name in notice.title + notice.text
        assert "Send the offer" in notice.title + notice.text
        assert due_at <= notice.created_at < due_at + _MINUTE

    def test_a_follow_up_in_three_days_is_reminded_of_when_the_suites_clock_gets_there(
        self, rep: Person, customer: Customer, clock: Clock, crm: Crm
    ) -> None:
        rep.call(call_to(customer, due_at=clock.now() + timedelta(days=3)))

        crm("clock", "advance", "3d")

        eventually(lambda: notices_about(rep, customer))

    def test_a_follow_up_that_was_done_is_not_reminded_of(
        self, rep: Person, customer: Customer, clock: Clock, crm: Crm
    ) -> None:
        due_at = clock.now() + timedelta(days=1)
        done = rep.call(call_to(customer, due_at=due_at, note="done already")).next_follow_up
        rep.call(call_to(customer, due_at=due_at, note="to be done"))
        assert done is not None
        rep.call(CompleteFollowUp(follow_up_id=done.id))
        crm("clock", "advance", "1d")
        eventually(lambda: notices_about(rep, customer))
        (notice,) = notices_about(rep, customer)
        assert "to be done" in notice.title + notice.text

    def test_a_notice_that_was_read_is_no_longer_among_the_unread(
        self, rep: Person, customer: Customer, clock: Clock
    ) -> None:
        rep.call(call_to(customer, due_at=clock.now()))
        eventually(lambda: notices_about(rep, customer))
        (notice,) = notices_about(rep, customer)
        unread = rep.call(ListNotices(unread=True)).unread

        assert rep.call(MarkNoticesRead(notice_ids=[notice.id])).read == 1

        assert rep.call(ListNotices(unread=True)).unread == unread - 1
        assert notice.id not in [each.id for each in rep.client.pages(ListNotices(unread=True))]


def changed(contact: Contact, **changes: Any) -> UpdateContact:
    """What changes the contact as it was read."""
    return UpdateContact(
        customer_id=contact.customer_id,
        contact_id=contact.id,
        version=contact.version,
        changes=ContactChanges(**changes),
    )


def call_to(customer: Customer, **follow_up: Any) -> LogActivity:
    """A call whose follow-up is reminded of once, when it is due."""
    planned = PlannedFollowUp(**follow_up, remind_before_minutes=[0])
    return LogActivity(customer_id=customer.id, kind=ActivityKind.CALL, content="Talked.", next_follow_up=planned)


def notices_about(person: Person, customer: Customer) -> list[Notice]:
    return [notice for notice in person.client.pages(ListNotices()) if notice.customer_id == customer.id]
