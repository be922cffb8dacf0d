"""Classification: who sets rules, and what customers get by them and when, against a real database."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Update, update

from contracts.activity import ActivityKind, ActivityLogged
from contracts.customer.classification import (
    ClassificationRule,
    ClassificationRuleChanges,
    CreateClassificationRule,
    GetClassificationRule,
    ListClassificationRules,
    OrderClassificationRules,
    PreviewClassification,
    RemoveClassificationRule,
    UpdateClassificationRule,
)
from contracts.customer.custom_fields import CreateCustomField, GetCustomField, UpdateCustomField
from contracts.customer.customers import Customer
from contracts.customer.imports import CustomerRow, ImportCustomers
from contracts.customer.scores import GetScoring, UpdateScoring
from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.pool.claims import HoldingClaimed
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import new_id
from servicekit.testing import calling, refused
from services.customer import models
from services.customer.operations import classification, figures, others
from services.customer.queries.classification import round_to_go_on
from tests.integration.customer.office import Office

LARGE = {"field": "size", "op": "gte", "value": 1000}


@pytest.fixture(autouse=True)
def no_rules(office: Office) -> Iterator[None]:
    """Each test has its own rules, and the round has nothing to do."""
    walk(office)
    yield
    for each in listed(office):
        remove(office, each)


def make(office: Office, name: str, condition: dict[str, Any], **more: Any) -> ClassificationRule:
    """One more rule, below the others."""
    asked = CreateClassificationRule.model_validate({"name": name, "condition": condition, **more})
    return office.ask(office.admin, asked)


def change(office: Office, rule: ClassificationRule, **changes: Any) -> ClassificationRule:
    """The rule, changed from the version at hand."""
    patch = ClassificationRuleChanges.model_validate(changes)
    return office.ask(office.admin, UpdateClassificationRule(rule_id=rule.id, version=rule.version, changes=patch))


def remove(office: Office, rule: ClassificationRule) -> None:
    """There is no such rule any more."""
    office.ask(office.admin, RemoveClassificationRule(rule_id=rule.id, version=rule.version))


def listed(office: Office, by: Caller | None = None) -> list[ClassificationRule]:
    """The rules that somebody sees."""
    return office.ask(by or office.admin, ListClassificationRules()).items


def walk(office: Office) -> int:
    """Rounds of the timer until it has no more to do; how many."""
    for nth in range(100):
        with calling(office.service), office.database.transaction() as db:
            if not classification.go_on(db):
                return nth
    raise AssertionError("the round has no end")


def write(office: Office, statement: Update) -> None:
    """Something becomes so by itself."""
    with office.database.transaction() as db:
        db.execute(statement, execution_options={"synchronize_session": False})


def classes(office: Office, customer: Customer) -> tuple[str | None, list[str]]:
    """Its level and tags now."""
    now = office.read(office.admin, customer)
    return now.level, now.tags


def levels(office: Office, customers: list[Customer]) -> list[str | None]:
    """The levels of these now."""
    return [office.read(office.admin, each).level for each in customers]


def announced(office: Office, customer: Customer) -> list[list[str]]:
    """Which fields each announcement of a change names."""
    return [data["changed"] for topic, data in office.told(customer.id) if topic == "customer.updated"]


def times_classified(office: Office, customer: Customer) -> int:
    """How often rules changed it."""
    return sum(each.kind == "classified" for each in office.history(customer))


class TestRights:
    def test_admins_set_the_rules_and_everybody_reads_them(self, office: Office) -> None:
        made = make(office, "Large", LARGE, level="A")
        assert (made.active, made.outdated, made.version) == (True, False, 1)
        for reader in (office.rep, office.manager, office.auditor, office.api_key):
            assert listed(office, reader) == [made]
            assert office.ask(reader, GetClassificationRule(rule_id=made.id)) == made
            attempts: list[Any] = [
                CreateClassificationRule.model_validate({"name": "X", "condition": LARGE, "level": "B"}),
                UpdateClassificationRule(rule_id=made.id, version=1, changes=ClassificationRuleChanges(name="X")),
                RemoveClassificationRule(rule_id=made.id, version=1),
                OrderClassificationRules(rule_ids=[made.id]),
                PreviewClassification.model_validate({"condition": LARGE, "level": "B"}),
            ]
            for attempt in attempts:
                with refused(NotPermitted, "classification.admins_only"):
                    office.ask(reader, attempt)
        with refused(NotPermitted, "auth.users_only"):
            listed(office, office.service)

    def test_who_may_not_see_a_field_sees_no_rule_that_asks_for_it(self, office: Office) -> None:
        asked = {"kind": "company", "key": "margin", "labels": {"en": "Margin"}, "type": "number"}
        hidden = {"visible_to": ["manager"], "editable_by": ["manager"]}
        office.ask(office.admin, CreateCustomField.model_validate({**asked, **hidden}))
        made = make(office, "Rich", {"field": "custom.margin", "op": "gte", "value": 5}, tags=["rich"])
        assert listed(office, office.manager) == [made]
        assert listed(office, office.rep) == []
        with refused(NotFound, "classification.not_found"):
            office.ask(office.rep, GetClassificationRule(rule_id=made.id))


class TestRules:
    @pytest.mark.parametrize(
        ("code", "asked"),
        [
            ("classification.own_field", {"condition": {"field": "level", "op": "eq", "value": "A"}}),
            ("classification.own_field", {"condition": {"not": {"field": "tags", "op": "contains", "value": "x"}}}),
            ("classification.own_field", {"condition": {"field": "updated_at", "op": "within_days", "value": 1}}),
            ("classification.gives_nothing", {"level": None}),
            ("condition.unknown_field", {"condition": {"field": "custom.none", "op": "empty"}}),
            ("condition.invalid_value", {"condition": {"field": "size", "op": "gte", "value": "many"}}),
        ],
    )
    def test_one_that_can_not_be_is_refused_when_made_changed_and_tried(
        self, office: Office, code: str, asked: dict[str, Any]
    ) -> None:
        made = make(office, "Good", LARGE, level="A")
        fields = {"condition": LARGE, "level": "A", **asked}
        with refused(InvalidInput, code):
            make(office, "Bad", **fields)
        with refused(InvalidInput, code):
            change(office, made, **fields)
        with refused(InvalidInput, code):
            office.ask(office.admin, PreviewClassification.model_validate(fields))
        assert listed(office) == [made]

    def test_they_keep_the_order_that_an_admin_gives_them(self, office: Office) -> None:
        ids = [make(office, f"Rule {nth}", LARGE, level="A").id for nth in range(3)]
        wanted = [ids[2], ids[0], ids[1]]
        put = office.ask(office.admin, OrderClassificationRules(rule_ids=wanted)).items
        assert [each.id for each in put] == [each.id for each in listed(office)] == wanted
        assert {each.version for each in put} == {1}
        with refused(InvalidInput, "classification.other_rules"):
            office.ask(office.admin, OrderClassificationRules(rule_ids=wanted[:2]))

    def test_a_stale_change_is_refused(self, office: Office) -> None:
        made = make(office, "Large", LARGE, level="A")
        change(office, made, name="Larger")
        with refused(Conflict, "version.stale"):
            change(office, made, name="Largest")
        with refused(Conflict, "version.stale"):
            remove(office, made)

    def test_there_are_fifty_at_most(self, office: Office) -> None:
        for nth in range(50):
            make(office, f"Rule {nth}", LARGE, level="A", active=False)
        with refused(Conflict, "classification.too_many"):
            make(office, "One more", LARGE, level="A")

    def test_a_preview_counts_whom_it_would_change_and_changes_nobody(self, office: Office) -> None:
        condition = {"all": [LARGE, {"field": "source", "op": "eq", "value": "preview"}]}
        given: list[dict[str, Any]] = [{"level": "A", "tags": ["vip"]}, {"level": "A"}, {"tags": ["vip"]}, {}]
        made = [office.create(office.rep, f"P {each}", source="preview", size=1000, **each) for each in given]
        office.create(office.rep, "Small", source="preview", size=10)
        for gift, changing in (({"level": "A"}, 2), ({"tags": ["vip"]}, 2), ({"level": "A", "tags": ["vip"]}, 3)):
            shown = office.ask(office.admin, PreviewClassification.model_validate({"condition": condition, **gift}))
            assert (shown.matching, shown.changing) == (4, changing)
        assert levels(office, made) == ["A", "A", None, None]


class TestClassify:
    def test_a_new_customer_gets_it_at_once_and_its_history_says_by_which_rule(self, office: Office) -> None:
        make(office, "Large ones", LARGE, level="A", tags=["key account"])
        make(office, "All", {"field": "kind", "op": "eq", "value": "company"}, level="C", tags=["company"])
        made = office.create(office.rep, "Large Ltd", size=5000, tags=["own"])
        assert (made.level, made.tags, made.version) == ("A", ["own", "key account", "company"], 1)
        latest, first = office.history(made)
        assert (latest.kind, latest.reason, latest.actor.name) == ("classified", "Large ones, All", "Rita")
        assert [(each.field, each.before, each.after) for each in latest.fields] == [
            ("level", None, "A"),
            ("tags", ["own"], ["own", "key account", "company"]),
        ]
        assert first.kind == "created"
        assert [topic for topic, _ in office.told(made.id)] == ["customer.created", "customer.updated"]
        assert announced(office, made) == [["level", "tags"]]
        assert office.told(made.id)[-1][1]["level"] == "A"

    def test_a_change_that_makes_a_rule_hold_is_one_edit(self, office: Office) -> None:
        made = office.create(office.rep, "Growing", size=10)
        make(office, "Large", LARGE, level="A")
        grown = office.change(office.rep, made, size=2000)
        assert (grown.level, grown.version) == ("A", made.version + 1)
        assert announced(office, made) == [["size"], ["level"]]
        shrunk = office.change(office.rep, grown, size=1)
        assert (shrunk.level, shrunk.version) == ("A", grown.version + 1)

    def test_rules_win_over_what_a_person_writes(self, office: Office) -> None:
        make(office, "Large", LARGE, level="A", tags=["vip"])
        made = office.create(office.rep, "Defiant", size=2000)
        changed = office.change(office.rep, made, level="C", tags=["mine"])
        assert (changed.level, changed.tags) == ("A", ["mine", "vip"])
        assert office.history(made)[0].kind == "classified"

    def test_what_no_rule_asks_about_asks_none(self, office: Office) -> None:
        made = office.create(office.rep, "Noted", size=2000)
        make(office, "Large", LARGE, level="A")
        assert office.change(office.rep, made, note="Hello").level is None

    def test_one_that_is_off_gives_nothing(self, office: Office) -> None:
        rule = make(office, "Large", LARGE, level="A", active=False)
        made = office.create(office.rep, "Off", size=2000)
        walk(office)
        assert classes(office, made) == (None, [])
        change(office, rule, active=True)
        walk(office)
        assert classes(office, made) == ("A", [])

    def test_rows_of_an_import_get_it_too(self, office: Office) -> None:
        make(office, "Large", LARGE, level="A")
        rows = [CustomerRow(name=f"Imported {new_id()}", size=size) for size in (10, 2000)]
        taken = office.ask(office.admin, ImportCustomers(rows=rows)).imported
        with office.database.transaction() as db:
            assert [db.get_one(models.Customer, row.id).level for row in taken] == [None, "A"]

    def test_an_activity_makes_a_rule_hold(self, office: Office) -> None:
        make(office, "Touched", {"field": "last_activity_at", "op": "within_days", "value": 30}, tags=["warm"])
        made = office.create(office.rep, "Called")
        assert made.tags == []
        told = {"activity_id": new_id(), "customer_id": made.id, "opportunity_id": None, "owner_id": new_id()}
        logged = {"kind": ActivityKind.CALL, "outcome": None, "occurred_at": clock.now(), "back_dated": False}
        office.hear(figures.keep_touch, ActivityLogged.model_validate({**told, **logged}))
        assert classes(office, made) == (None, ["warm"])
        assert office.read(office.admin, made).version == made.version
        assert office.history(made)[0].actor.kind == "system"

    def test_another_holder_makes_a_rule_hold(self, office: Office) -> None:
        carl = office.colleague.user_id
        make(office, "Carl's", {"field": "owner_id", "op": "eq", "value": str(carl)}, tags=["carl"])
        made = office.create(office.rep, "Moved", pool_id=office.pool_id)
        claimed = HoldingClaimed(customer_id=made.id, customer_name=made.name, owner_id=carl, pool_id=office.pool_id)
        assert made.tags == []
        office.hear(others.follow_move, claimed, sequence=2)
        assert classes(office, made) == (None, ["carl"])

    def test_fit_is_counted_by_the_level_that_was_given(self, office: Office) -> None:
        fit = {"fit": [{"field": "level", "any_of": ["A"], "points": 40}]}
        version = office.ask(office.admin, GetScoring()).version
        office.ask(office.admin, UpdateScoring.model_validate({"version": version, "changes": fit}))
        make(office, "Large", LARGE, level="A")
        made = office.create(office.rep, "Fitting", size=2000)
        assert made.score is not None
        assert made.score.fit == 40

    def test_a_merge_and_its_undoing_stand_beside_it(self, office: Office) -> None:
        make(office, "Large", LARGE, level="A", tags=["vip"])
        survivor, loser = office.create(office.rep, "Keep"), office.create(office.rep, "Go", size=2000, tags=["own"])
        merge = office.merge(office.rep, survivor, loser)
        assert classes(office, survivor) == ("A", ["own", "vip"])
        office.undo(office.rep, merge)
        assert classes(office, loser) == ("A", ["own", "vip"])


class TestRound:
    def test_it_reaches_all_that_are_there_and_each_once(self, office: Office) -> None:
        made = [office.create(office.rep, f"Many {nth}", size=3000) for nth in range(3)]
        office.merge(office.rep, made[0], office.create(office.rep, "Gone", size=3000))
        before = [office.read(office.admin, each) for each in made]
        make(office, "Large", LARGE, level="B")
        walk(office)
        after = [office.read(office.admin, each) for each in made]
        assert [each.level for each in after] == ["B"] * 3
        assert [(each.version, each.updated_at) for each in after] == [(one.version, one.updated_at) for one in before]
        walk(office)
        assert times_classified(office, made[0]) == 1

    def test_it_goes_in_steps(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(classification, "_AT_ONCE", 2)
        made = [office.create(office.rep, f"Step {nth}", size=3000) for nth in range(5)]
        make(office, "Large", LARGE, level="D")
        assert walk(office) >= 2
        assert levels(office, made) == ["D"] * 5

    def test_time_alone_makes_a_rule_hold_by_the_next_day(self, office: Office) -> None:
        made = office.create(office.rep, "Old")
        make(office, "Old ones", {"field": "created_at", "op": "older_than_days", "value": 30}, tags=["old"])
        walk(office)
        past = clock.now() - timedelta(days=40)
        write(office, update(models.Customer).where(models.Customer.id == made.id).values(created_at=past))
        walk(office)
        assert classes(office, made) == (None, [])
        write(office, update(models.Classification).values(round_day=(clock.now() - timedelta(days=1)).date()))
        walk(office)
        assert classes(office, made) == (None, ["old"])

    def test_it_waits_for_nobody_and_comes_back_for_whom_somebody_changed(self, office: Office) -> None:
        made = [office.create(office.rep, f"Held {nth}", size=4000) for nth in range(3)]
        make(office, "Large", LARGE, level="E")
        with office.database.transaction() as editor:
            editor.get_one(models.Customer, made[1].id, with_for_update={"key_share": True})
            walk(office)
            assert levels(office, made[:2]) == ["E", None]
        walk(office)
        assert levels(office, made) == ["E"] * 3
        assert times_classified(office, made[0]) == 1

    def test_one_replica_walks(self, office: Office) -> None:
        made = office.create(office.rep, "Alone", size=4000)
        make(office, "Large", LARGE, level="F")
        with office.database.transaction() as other:
            round_to_go_on(other)
            assert walk(office) == 0
            assert classes(office, made) == (None, [])

    def test_a_rule_that_is_outdated_is_left_out(self, office: Office) -> None:
        asked = {"kind": "company", "key": "plan", "labels": {"en": "Plan"}, "type": "text"}
        field = office.ask(office.admin, CreateCustomField.model_validate(asked))
        rule = make(office, "Plan", {"field": "custom.plan", "op": "eq", "value": "gold"}, level="G")
        make(office, "Large", LARGE, level="H")
        now = office.ask(office.admin, GetCustomField(custom_field_id=field.id))
        patch = {"custom_field_id": field.id, "version": now.version, "changes": {"key": "tariff"}}
        office.ask(office.admin, UpdateCustomField.model_validate(patch))
        assert office.ask(office.rep, GetClassificationRule(rule_id=rule.id)).outdated
        assert office.create(office.rep, "Golden", size=4000).level == "H"
        change(office, rule, condition={"field": "custom.tariff", "op": "eq", "value": "gold"})
        assert office.create(office.rep, "Gold", size=4000, custom={"tariff": "gold"}).level == "G"
