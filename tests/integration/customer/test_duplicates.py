"""Duplicates as those who add customers meet them: found, refused, overridden, suspected, scanned."""

import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from contracts.customer.contacts import GetCustomerProfile
from contracts.customer.customers import Customer
from contracts.customer.duplicates import (
    CheckDuplicates,
    DecideSuspicion,
    DuplicateCheck,
    DuplicatePolicyChanges,
    GetDuplicateScan,
    GetSuspicion,
    ListDuplicatePolicies,
    ListSuspicions,
    StartDuplicateScan,
    Suspicion,
    UpdateDuplicatePolicy,
)
from contracts.customer.imports import CustomerRow, ImportCustomers
from contracts.customer.matches import Reason
from contracts.errors import Conflict, NotFound, NotPermitted
from deploy.local.servers import Server
from servicekit import clock
from servicekit.context import Caller
from servicekit.testing import calling, migrated_database, refused
from services.customer import models
from services.customer.operations import duplicates, figures, suspicions
from tests.integration.customer.office import Office, at_once, open_office

PHONES = (f"+1 202 555 {number:04}" for number in range(1000, 9999))


@pytest.fixture
def phone() -> list[dict[str, str]]:
    """A phone that nobody else in these tests has."""
    return [{"number": next(PHONES)}]


@pytest.fixture
def name() -> str:
    """A name like no other."""
    return f"{uuid4().hex[:14]} Trading Ltd"


@pytest.fixture
def policy(office: Office) -> Iterator[Any]:
    """Changes the policy of what people add, until the test is over."""
    manual = office.ask(office.admin, ListDuplicatePolicies()).items[0]

    def change(**changes: Any) -> None:
        now = office.ask(office.admin, ListDuplicatePolicies()).items[0]
        patch = DuplicatePolicyChanges(**changes)
        office.ask(office.admin, UpdateDuplicatePolicy(policy_id=now.id, version=now.version, changes=patch))

    yield change
    change(exact=manual.exact, probable=manual.probable, overriders=manual.overriders)


@pytest.fixture(scope="module")
def crowded(database_server: Server) -> Iterator[Office]:
    """The same company with a connection for each of fifty callers at once, who wait for each other."""
    patient = {"database_connections": 50, "lock_timeout_seconds": 60, "statement_timeout_seconds": 60}
    with migrated_database("customer", database_server.url, **patient) as database:
        yield open_office(database)


def check(office: Office, by: Caller, name: str, **fields: Any) -> DuplicateCheck:
    """What a check finds."""
    return office.ask(by, CheckDuplicates(kind="company", name=name, **fields))


def suspected(office: Office, by: Caller, customer: Customer, **wanted: Any) -> list[Suspicion]:
    """The pairs that this customer is one of."""
    return office.ask(by, ListSuspicions(customer_id=customer.id, **wanted)).items


class TestCheck:
    def test_a_phone_in_another_writing_is_exact(self, office: Office, name: str) -> None:
        made = office.create(office.rep, name, phones=[{"number": "+86 21 6123 4567"}])
        found = check(office, office.rep, "Quite Another", phones=[{"number": "+8621-61234567"}])
        assert found.verdict == "exact"
        assert [(one.customer_id, one.matched_on) for one in found.matches] == [(made.id, [Reason.PHONE])]

    def test_a_phone_without_its_country_is_exact(self, office: Office, name: str) -> None:
        made = office.create(office.rep, name, phones=[{"number": "+86 21 6987 6543"}])
        found = check(office, office.rep, "Quite Another", phones=[{"number": "021-69876543"}])
        assert (found.verdict, [one.customer_id for one in found.matches]) == ("exact", [made.id])

    def test_a_name_in_another_writing_is_probable(self, office: Office, name: str) -> None:
        made = office.create(office.rep, name)
        found = check(office, office.rep, name.upper().replace("TRADING LTD", "Limited"))
        assert found.verdict == "probable"
        assert [one.customer_id for one in found.matches] == [made.id]

    def test_who_may_not_see_it_is_told_who_holds_it_and_no_more(self, office: Office, name: str) -> None:
        made = office.create(office.rep, name)
        with calling(office.service), office.database.transaction() as db:
            figures._touch(db, made.id, clock.now())
        found = check(office, office.stranger, name).matches[0]
        assert found.name is None
        assert found.held_by is not None
        assert (found.held_by.id, found.pool) == (office.rep.user_id, None)
        assert found.last_follow_up_at is not None

    def test_the_pool_that_holds_it_is_named(self, office: Office, name: str) -> None:
        office.create(office.rep, name, pool_id=office.pool_id)
        found = check(office, office.stranger, name).matches[0]
        assert found.pool is not None
        assert (found.name, found.pool.id, found.held_by) == (name, office.pool_id, None)

    def test_the_customer_itself_is_left_out(self, office: Office, name: str) -> None:
        made = office.create(office.rep, name)
        assert check(office, office.rep, name, customer_id=made.id).verdict == "none"

    def test_who_adds_no_customers_may_not_ask(self, office: Office, name: str) -> None:
        with refused(NotPermitted, "customer.writers_only"):
            check(office, office.auditor, name)

    @pytest.mark.parametrize(
        ("one", "other"), [("北京鼎盛科技有限公司", "鼎盛（北京）科技"), ("Żółtex Sp. z o.o.", "ZOLTEX SP. K.")]
    )
    def test_chinese_and_polish_names_are_found(self, office: Office, one: str, other: str) -> None:
        made = office.create(office.rep, one)
        assert [found.customer_id for found in check(office, office.rep, other).matches] == [made.id]


class TestCreate:
    def test_an_exact_match_is_refused_with_the_evidence(self, office: Office, phone: Any) -> None:
        made = office.create(office.rep, "First Of Two", phones=phone)
        with pytest.raises(Conflict) as refusal:
            office.create(office.stranger, "Second Of Two", phones=phone)
        assert refusal.value.code == "customer.duplicate"
        match = refusal.value.data["matches"][0]
        assert (match["customer_id"], match["name"]) == (str(made.id), None)
        assert match["held_by"] == {"id": str(office.rep.user_id), "name": "Rita"}

    def test_a_rep_s_reason_does_not_count(self, office: Office, phone: Any) -> None:
        office.create(office.rep, "Theirs", phones=phone)
        with refused(NotPermitted, "customer.no_override"):
            office.create(office.rep, "Mine", phones=phone, despite_duplicates="I want it")

    def test_a_manager_s_reason_counts_and_is_kept(self, office: Office, phone: Any) -> None:
        first = office.create(office.rep, "Head Office", phones=phone)
        second = office.create(office.manager, "Branch Office", phones=phone, despite_duplicates="One switchboard")
        assert [match.customer_id for match in second.duplicates or []] == [first.id]
        assert [(one.reason, one.score) for one in suspected(office, office.manager, second)] == [
            ("One switchboard", 100)
        ]

    def test_a_probable_match_is_added_told_and_suspected(self, office: Office, name: str) -> None:
        first = office.create(office.rep, name)
        second = office.create(office.rep, name.lower())
        assert [match.customer_id for match in second.duplicates or []] == [first.id]
        pairs = suspected(office, office.rep, second)
        assert [[side.customer_id for side in pair.customers] for pair in pairs] == [[first.id, second.id]]

    def test_one_that_is_like_none_is_told_nothing(self, office: Office, name: str) -> None:
        assert office.create(office.rep, name).duplicates is None

    def test_an_api_key_has_a_policy_of_its_own(self, office: Office, phone: Any) -> None:
        office.create(office.rep, "By Hand", phones=phone)
        with refused(NotPermitted, "customer.no_override"):
            office.create(office.api_key, "By Key", phones=phone, pool_id=office.pool_id, despite_duplicates="Sync")

    def test_a_refused_one_leaves_nothing(self, office: Office, phone: Any, name: str) -> None:
        office.create(office.rep, "Before", phones=phone)
        with refused(Conflict, "customer.duplicate"):
            office.create(office.rep, name, phones=phone)
        assert check(office, office.rep, name).verdict == "none"

    def test_of_fifty_at_once_one_is_added(self, crowded: Office, phone: Any) -> None:
        tries = [
            lambda number=number: crowded.create(crowded.rep, f"Rush {number}", phones=phone) for number in range(50)
        ]
        outcomes = at_once(*tries)
        assert sorted(set(outcomes)) == ["customer.duplicate", "done"]
        assert outcomes.count("done") == 1

    def test_of_fifty_of_one_name_at_once_none_is_unflagged_but_the_first(self, crowded: Office, name: str) -> None:
        made: list[Customer] = []
        added = threading.Lock()

        def add() -> None:
            customer = crowded.create(crowded.rep, name)
            with added:
                made.append(customer)

        assert at_once(*[add] * 50) == ["done"] * 50
        assert sum(customer.duplicates is None for customer in made) == 1


class TestUpdate:
    def test_a_phone_of_another_is_refused(self, office: Office, phone: Any) -> None:
        office.create(office.rep, "Has It", phones=phone)
        made = office.create(office.rep, "Wants It")
        with refused(Conflict, "customer.duplicate"):
            office.change(office.rep, made, phones=phone)
        assert office.read(office.rep, made) == made

    def test_what_was_let_through_before_stands_in_no_change_s_way(self, office: Office, phone: Any) -> None:
        office.create(office.rep, "Old One", phones=phone)
        made = office.create(office.manager, "New One", phones=phone, despite_duplicates="A branch")
        assert office.change(office.manager, made, website="https://branch.example").website is not None

    def test_a_phone_given_up_is_free_again(self, office: Office, phone: Any) -> None:
        made = office.create(office.rep, "Gives It Up", phones=phone)
        office.change(office.rep, made, phones=[])
        assert office.create(office.rep, "Takes It", phones=phone).duplicates is None

    def test_a_new_name_is_compared(self, office: Office, name: str) -> None:
        first, second = office.create(office.rep, name), office.create(office.rep, f"Other {name}")
        changed = office.change(office.rep, second, name=name)
        assert [match.customer_id for match in changed.duplicates or []] == [first.id]


class TestPolicies:
    def test_exact_matches_may_be_let_through(self, office: Office, policy: Any, phone: Any) -> None:
        policy(exact="warn")
        first = office.create(office.rep, "Lenient One", phones=phone)
        second = office.create(office.rep, "Lenient Two", phones=phone)
        assert [match.customer_id for match in second.duplicates or []] == [first.id]

    def test_probable_matches_may_be_refused(self, office: Office, policy: Any, name: str) -> None:
        policy(probable="block")
        office.create(office.rep, name)
        with refused(Conflict, "customer.duplicate"):
            office.create(office.rep, name)

    def test_probable_matches_may_be_ignored(self, office: Office, policy: Any, name: str) -> None:
        policy(probable="ignore")
        office.create(office.rep, name)
        second = office.create(office.rep, name)
        assert second.duplicates is None
        assert suspected(office, office.rep, second) == []

    def test_whose_reasons_count_is_said_there(self, office: Office, policy: Any, phone: Any) -> None:
        policy(overriders=["rep"])
        office.create(office.rep, "Reason One", phones=phone)
        assert office.create(office.rep, "Reason Two", phones=phone, despite_duplicates="Two shops").duplicates

    @pytest.mark.parametrize("who", ["rep", "manager", "auditor", "api_key"])
    def test_only_admins_change_them(self, office: Office, who: str) -> None:
        manual = office.ask(office.admin, ListDuplicatePolicies()).items[0]
        patch = DuplicatePolicyChanges(exact="warn")
        request = UpdateDuplicatePolicy(policy_id=manual.id, version=manual.version, changes=patch)
        with refused(NotPermitted, "duplicate_policy.admins_only"):
            office.ask(getattr(office, who), request)


class TestSuspicions:
    def test_they_stand_in_the_customer_s_profile(self, office: Office, name: str) -> None:
        first, second = office.create(office.rep, name), office.create(office.rep, name)
        profile = office.ask(office.rep, GetCustomerProfile(customer_id=first.id))
        assert [side.customer_id for side in profile.suspicions[0].customers] == [first.id, second.id]

    def test_who_does_not_see_both_sees_no_pair(self, office: Office, name: str) -> None:
        first = office.create(office.rep, name)
        office.create(office.stranger, name)
        pair = suspected(office, office.admin, first)[0]
        assert suspected(office, office.rep, first) == []
        with refused(NotFound, "suspicion.not_found"):
            office.ask(office.stranger, GetSuspicion(suspicion_id=pair.id))

    def test_who_edits_both_says_that_they_are_distinct(self, office: Office, name: str) -> None:
        first, _ = office.create(office.rep, name), office.create(office.rep, name)
        pair = suspected(office, office.rep, first)[0]
        said = {"suspicion_id": pair.id, "version": pair.version, "state": "distinct", "reason": "Two shops"}
        decided = office.ask(office.rep, DecideSuspicion.model_validate(said))
        assert (decided.state, decided.reason, decided.decided_by) == ("distinct", "Two shops", office.rep.actor)
        assert suspected(office, office.rep, first) == []
        assert suspected(office, office.rep, first, state="distinct") == [decided]

    def test_who_only_sees_one_decides_nothing(self, office: Office, name: str) -> None:
        first = office.create(office.rep, name)
        office.create(office.rep, name, pool_id=office.pool_id)
        pair = suspected(office, office.rep, first)[0]
        said = {"suspicion_id": pair.id, "version": pair.version, "state": "distinct", "reason": "Mine"}
        with refused(NotPermitted, "customer.read_only"):
            office.ask(office.rep, DecideSuspicion.model_validate(said))

    def test_a_page_begins_where_the_last_one_ended(self, office: Office, name: str) -> None:
        first = office.create(office.rep, name)
        for _ in range(3):
            office.create(office.rep, name)
        wanted = {"customer_id": first.id, "limit": 2}
        page = office.ask(office.rep, ListSuspicions.model_validate(wanted))
        rest = office.ask(office.rep, ListSuspicions.model_validate({**wanted, "cursor": page.next_cursor}))
        assert len({pair.id for pair in (*page.items, *rest.items)}) == 3


class TestImport:
    def test_a_row_with_the_phone_of_another_is_refused(self, office: Office, phone: Any, name: str) -> None:
        office.create(office.rep, "There Already", phones=phone)
        result = office.ask(office.admin, ImportCustomers(rows=[CustomerRow(name=name, phones=phone)]))
        assert [(one.row, one.field, one.code) for one in result.refused] == [(1, "phones", "customer.duplicate")]

    def test_rows_are_compared_with_those_before_them(self, office: Office, phone: Any, name: str) -> None:
        rows = [CustomerRow(name=name, phones=phone), CustomerRow(name=f"Other {name}", phones=phone)]
        result = office.ask(office.admin, ImportCustomers(rows=rows))
        assert [one.row for one in result.imported] == [1]
        assert [(one.row, one.code) for one in result.refused] == [(2, "customer.duplicate")]

    def test_one_that_is_probably_there_is_taken_with_a_warning(self, office: Office, name: str) -> None:
        first = office.create(office.rep, name)
        result = office.ask(office.admin, ImportCustomers(rows=[CustomerRow(name=name.replace("Ltd", "Limited"))]))
        assert [(one.row, one.code) for one in result.warnings] == [(1, "customer.suspected_duplicate")]
        pairs = suspected(office, office.admin, first)
        assert [pair.customers[1].customer_id for pair in pairs] == [result.imported[0].id]


def scan(office: Office) -> int:
    """Scan everything; how many new pairs there are."""
    begun = office.ask(office.admin, StartDuplicateScan())
    again = True
    while again:
        with calling(office.service), office.database.transaction() as db:
            again = suspicions.scan_on(db)
    done = office.ask(office.admin, GetDuplicateScan(scan_id=begun.id))
    assert (done.state, done.checked) == ("done", done.total)
    return done.found


class TestScan:
    def test_it_finds_what_nobody_was_warned_of(self, office: Office, policy: Any, name: str) -> None:
        scan(office)
        policy(probable="ignore")
        first, second = office.create(office.rep, name), office.create(office.rep, name)
        assert scan(office) == 1
        pair = suspected(office, office.rep, second)[0]
        assert [side.customer_id for side in pair.customers] == [first.id, second.id]

    def test_what_was_said_to_be_distinct_stays_so(self, office: Office, name: str) -> None:
        first, _ = office.create(office.rep, name), office.create(office.rep, name)
        pair = suspected(office, office.rep, first)[0]
        said = {"suspicion_id": pair.id, "version": pair.version, "state": "distinct", "reason": "Two shops"}
        office.ask(office.rep, DecideSuspicion.model_validate(said))
        scan(office)
        assert suspected(office, office.rep, first) == []

    def test_one_runs_at_a_time(self, office: Office) -> None:
        first = office.ask(office.admin, StartDuplicateScan())
        assert office.ask(office.admin, StartDuplicateScan()).id == first.id
        scan(office)

    def test_only_admins_start_one(self, office: Office) -> None:
        with refused(NotPermitted, "duplicate_scan.admins_only"):
            office.ask(office.manager, StartDuplicateScan())


class TestCustomersOfAnOlderRelease:
    def test_they_are_made_ready_to_be_compared(self, office: Office, name: str, phone: Any) -> None:
        made = office.create(office.rep, name, phones=phone)
        with office.database.transaction() as db:
            record = db.get_one(models.Customer, made.id)
            record.match_name = None
            db.query(models.CustomerKey).filter_by(customer_id=made.id).delete()
        assert check(office, office.rep, name, phones=phone).verdict == "none"
        with calling(office.service), office.database.transaction() as db:
            duplicates.read_unread(db)
        assert check(office, office.rep, name, phones=phone).verdict == "exact"
