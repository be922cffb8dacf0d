"""Scores of customers, against a real database: they follow activities, edits and new rules, and rank the list."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy

from contracts.activity import ActivityKind, ActivityLogged
from contracts.customer.customers import Customer, CustomerSort, ListCustomers
from contracts.customer.imports import CustomerRow, ImportCustomers
from contracts.customer.scores import GetScoring, Score, Scoring, ScoringChanges, UpdateScoring
from contracts.errors import Conflict, InvalidInput, NotPermitted
from servicekit import clock
from servicekit.cloudevents import Incoming
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.events.inbox import admit
from servicekit.testing import calling, received, refused
from services.customer import models
from services.customer.operations import scores
from tests.integration.customer.office import Office

BEHAVIOUR = [{"outcome": "not interested", "points": -20}, {"kind": "call", "points": 5}]


def set_rules(office: Office, by: Caller, **changes: Any) -> Scoring:
    """The rules after this change of those of now."""
    version = office.ask(office.admin, GetScoring()).version
    return office.ask(by, UpdateScoring(version=version, changes=ScoringChanges.model_validate(changes)))


@pytest.fixture(autouse=True)
def first_rules(office: Office) -> Iterator[None]:
    """Five points for a call, none for fields."""
    set_rules(office, office.admin, fit=[], behaviour=BEHAVIOUR, half_life_days=14, threshold=None)
    yield
    rescore(office)


def rescore(office: Office) -> None:
    """Rounds of the timer until all are scored by the rules of now."""
    more = True
    while more:
        with calling(office.service), office.database.transaction() as db:
            more = scores.rescore(db)


def call(customer: Customer, at: datetime | None = None, outcome: str | None = None) -> ActivityLogged:
    """A call is announced."""
    return ActivityLogged(
        activity_id=new_id(),
        customer_id=customer.id,
        opportunity_id=None,
        owner_id=new_id(),
        kind=ActivityKind.CALL,
        outcome=outcome,
        occurred_at=at or clock.now(),
        back_dated=False,
    )


def score_of(office: Office, customer: Customer) -> Score:
    """What the customer is worth now."""
    found = office.read(office.admin, customer).score
    assert found is not None
    return found


def announced(office: Office, customer: Customer) -> list[float]:
    """The totals that were announced."""
    return [data["total"] for topic, data in office.told(customer.id) if topic == "customer.scored"]


def plan_of(office: Office, request: ListCustomers) -> str:
    """How the database would read this page out of many customers: here, where they are few, it must be told to."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    engine = office.database.engine
    sqlalchemy.event.listen(engine, "before_cursor_execute", note)
    office.ask(office.rep, request)
    sqlalchemy.event.remove(engine, "before_cursor_execute", note)
    ((statement, parameters),) = [each for each in asked if "ORDER BY" in each[0]]
    with engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        return "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())


class TestFollowActivity:
    def test_a_call_earns_its_points_at_the_moment_it_happened(self, office: Office) -> None:
        fresh, stale = (office.create(office.rep, name) for name in ("Fresh", "Stale"))
        office.hear(scores.follow_activity, call(fresh))
        office.hear(scores.follow_activity, call(stale, clock.now() - timedelta(days=14)))
        assert (score_of(office, fresh).behaviour, score_of(office, stale).behaviour) == (5, 2.5)

    def test_it_makes_no_difference_which_is_told_first(self, office: Office) -> None:
        one, other = (office.create(office.rep, name) for name in ("One", "Other"))
        moments = [clock.now() - timedelta(days=days) for days in (30, 3, 9)]
        for customer, order in ((one, moments), (other, moments[::-1])):
            for at in order:
                office.hear(scores.follow_activity, call(customer, at))
        assert score_of(office, one) == score_of(office, other)

    def test_a_bad_outcome_takes_points_away(self, office: Office) -> None:
        customer = office.create(office.rep, "Annoyed")
        for outcome in (None, "Not interested"):
            office.hear(scores.follow_activity, call(customer, outcome=outcome))
        assert score_of(office, customer).total == -15

    def test_an_event_that_comes_twice_counts_once(self, office: Office) -> None:
        customer = office.create(office.rep, "Told twice")
        event = received(call(customer), actor=office.rep.actor)
        incoming = Incoming(event.id, event.source, event.type, event.subject, event.sequence, "", event)
        for _ in range(2):
            with calling(office.service), office.database.transaction() as db:
                fresh, _waiting = admit(db, "score_activity", [incoming])
                if fresh:
                    scores.follow_activity(db, event)
        assert score_of(office, customer).behaviour == 5

    def test_a_touch_of_no_customer_is_no_fault(self, office: Office) -> None:
        customer = office.create(office.rep, "Known")
        office.hear(scores.follow_activity, call(customer.model_copy(update={"id": new_id()})))
        assert score_of(office, customer).behaviour == 0


class TestFit:
    def test_a_new_customer_is_scored_at_once(self, office: Office) -> None:
        set_rules(office, office.admin, fit=[{"field": "industry", "any_of": ["retail"], "points": 30}])
        assert score_of(office, office.create(office.rep, "Shop", industry="Retail")).fit == 30
        assert score_of(office, office.create(office.rep, "Bank", industry="Finance")).total == 0

    def test_an_imported_one_too(self, office: Office) -> None:
        set_rules(office, office.admin, fit=[{"field": "website", "points": 10}])
        row = CustomerRow(name="Imported for its site", website="https://site.example")
        (made,) = office.ask(office.manager, ImportCustomers(rows=[row])).imported
        (found,) = office.ask(office.admin, ListCustomers(q="imported for its site")).items
        assert (found.id, found.score) == (made.id, Score(fit=10, behaviour=0, total=10))

    def test_it_follows_an_edit(self, office: Office) -> None:
        set_rules(office, office.admin, fit=[{"field": "size", "at_least": 100, "points": 20}])
        customer = office.create(office.rep, "Growing", size=99)
        changed = office.change(office.rep, customer, size=100)
        assert changed.score == Score(fit=20, behaviour=0, total=20)

    def test_it_follows_new_rules(self, office: Office) -> None:
        customer = office.create(office.rep, "Tagged", tags=["fair"])
        office.hear(scores.follow_activity, call(customer))
        set_rules(office, office.admin, fit=[{"field": "tags", "any_of": ["Fair"], "points": 40}], half_life_days=7)
        rescore(office)
        assert score_of(office, customer) == Score(fit=40, behaviour=5, total=45)

    def test_an_activity_in_between_does_not_keep_new_rules_away(self, office: Office) -> None:
        customer = office.create(office.rep, "Called in between", tags=["fair"])
        set_rules(office, office.admin, fit=[{"field": "tags", "any_of": ["fair"], "points": 40}])
        office.hear(scores.follow_activity, call(customer))
        rescore(office)
        assert score_of(office, customer) == Score(fit=40, behaviour=5, total=45)


class TestThreshold:
    def test_only_a_crossing_is_announced(self, office: Office) -> None:
        set_rules(office, office.admin, threshold=10)
        customer = office.create(office.rep, "Warming")
        for outcome in (None, None, None, "not interested"):
            office.hear(scores.follow_activity, call(customer, outcome=outcome))
        assert announced(office, customer) == [10, -5]  # not by the third call

    def test_who_fits_well_enough_is_announced_at_once(self, office: Office) -> None:
        set_rules(office, office.admin, threshold=10, fit=[{"field": "emails", "points": 10}])
        customer = office.create(office.rep, "Reachable", emails=[{"address": "info@reachable.example"}])
        assert announced(office, customer) == [10]


class TestListCustomers:
    @pytest.fixture
    def ranked(self, office: Office) -> list[str]:
        """Names from hot to cold; each is tagged so that no others come between."""
        days = {"Hot": [0, 1], "Warm": [1], "Cool": [40], "Cold": []}
        for name, touches in days.items():
            customer = office.create(office.rep, f"{name} {new_id()}", tags=["ranked"])
            for ago in touches:
                office.hear(scores.follow_activity, call(customer, clock.now() - timedelta(days=ago)))
        cross = office.create(office.rep, f"Cross {new_id()}", tags=["ranked"])
        office.hear(scores.follow_activity, call(cross, outcome="not interested"))
        return [*days, "Cross"]

    def test_the_highest_come_first_page_by_page(self, office: Office, ranked: list[str]) -> None:
        read: list[str] = []
        cursor = None
        for _ in range(3):
            request = ListCustomers(tag="ranked", sort=CustomerSort.HIGHEST_SCORE, limit=2, cursor=cursor, count=True)
            answer = office.ask(office.rep, request)
            read, cursor = read + [item.name.split()[0] for item in answer.items], answer.next_cursor
        assert (read, cursor, answer.total) == (ranked, None, 5)

    def test_each_page_is_read_from_an_index(self, office: Office, ranked: list[str]) -> None:
        first = ListCustomers(sort=CustomerSort.HIGHEST_SCORE, limit=2)
        cursor = office.ask(office.rep, first).next_cursor
        assert len(ranked) > first.limit
        for request in (first, first.model_copy(update={"cursor": cursor})):
            plan = plan_of(office, request)
            assert "Index Scan Backward using ix_customer_scores_rank_customer_id" in plan
            assert ("Index Cond: (ROW(rank, customer_id) < ROW(" in plan) is (request is not first)
            assert "Sort" not in plan


class TestRules:
    def test_everybody_reads_them_and_admins_change_them(self, office: Office) -> None:
        changed = set_rules(office, office.api_key, half_life_days=30)
        assert office.ask(office.rep, GetScoring()) == changed
        for other in (office.rep, office.manager, office.auditor):
            with refused(NotPermitted, "scoring.admins_only"):
                set_rules(office, other, half_life_days=1)

    def test_a_stale_version_is_refused(self, office: Office) -> None:
        version = office.ask(office.admin, GetScoring()).version
        set_rules(office, office.admin, half_life_days=30)
        with refused(Conflict, "version.stale"):
            office.ask(office.admin, UpdateScoring(version=version, changes=ScoringChanges(half_life_days=31)))

    def test_a_condition_that_can_not_be_met_is_refused(self, office: Office) -> None:
        with refused(InvalidInput, "scoring.no_number"):
            set_rules(office, office.admin, fit=[{"field": "tags", "at_least": 3, "points": 1}])


class TestBeginMissing:
    def test_one_that_an_older_release_added_is_scored_later(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        set_rules(office, office.admin, fit=[{"field": "kind", "points": 3}])
        customer = office.create(office.rep, "Added by an older release")
        with office.database.transaction() as db:
            db.execute(sqlalchemy.delete(models.Score).where(models.Score.customer_id == customer.id))
        assert office.read(office.rep, customer).score is None
        monkeypatch.setattr(scores, "_GRACE", timedelta())
        with calling(office.service), office.database.transaction() as db:
            assert scores.begin_missing(db) is False
        assert score_of(office, customer).fit == 3
