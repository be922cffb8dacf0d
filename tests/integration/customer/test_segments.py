"""Segments: who sees and changes them, and which customers are in one, against a real database."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from contracts.customer.conditions import Rule
from contracts.customer.contacts import GetCustomerProfile
from contracts.customer.custom_fields import CreateCustomField, FieldType
from contracts.customer.customers import Customer
from contracts.customer.dictionaries import Labels, ListDictionaries
from contracts.customer.segments import (
    CreateSegment,
    GetSegment,
    ListSegmentMembers,
    ListSegments,
    RemoveSegment,
    Segment,
    SegmentChanges,
    SegmentRef,
    UpdateSegment,
)
from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.values import Role
from servicekit.context import Caller
from servicekit.testing import refused
from services.customer import models
from services.customer.queries.custom_fields import custom_fields
from services.customer.queries.segments import matches, with_figures
from services.customer.rules.conditions import attributes
from services.customer.rules.segments import read_rule
from tests.integration.customer.crowd import NOW, Row, add_crowd, holds, rules
from tests.integration.customer.office import Office

LEVEL_A = {"field": "level", "op": "eq", "value": "A"}


def make(office: Office, by: Caller, rule: dict[str, Any], **more: Any) -> Segment:
    """A segment of the caller's."""
    return office.ask(by, CreateSegment.model_validate({"name": "Segment", "rule": rule, **more}))


def add_field(office: Office, key: str, type_: str = "text", **more: Any) -> None:
    """A custom field of companies."""
    asked = {"kind": "company", "key": key, "labels": Labels(en=key), "type": FieldType(type_), **more}
    office.ask(office.admin, CreateCustomField.model_validate(asked))


def members(office: Office, by: Caller, segment: Segment) -> list[str]:
    """The names of the customers in it, as far as the caller sees them."""
    return [each.name for each in office.ask(by, ListSegmentMembers(segment_id=segment.id, limit=200)).items]


def named(office: Office, by: Caller, customer: Customer) -> list[SegmentRef]:
    """The segments that the customer's profile names."""
    return office.ask(by, GetCustomerProfile(customer_id=customer.id)).segments


class TestVisibility:
    def test_a_private_one_is_its_owners_and_read_by_admins_and_auditors(self, office: Office) -> None:
        made = make(office, office.rep, LEVEL_A)
        assert office.ask(office.rep, GetSegment(segment_id=made.id)) == made
        assert made.owner.name == "Rita"
        for reader in (office.admin, office.auditor):
            assert office.ask(reader, GetSegment(segment_id=made.id)) == made
        for stranger in (office.colleague, office.manager, office.api_key):
            with refused(NotFound, "segment.not_found"):
                office.ask(stranger, GetSegment(segment_id=made.id))

    def test_a_shared_one_is_seen_by_the_roles_it_is_shared_with(self, office: Office) -> None:
        made = make(office, office.manager, LEVEL_A, name="Ours", shared_with=["rep"])
        assert made in office.ask(office.colleague, ListSegments(limit=200)).items
        assert made not in office.ask(office.api_key, ListSegments(limit=200)).items

    def test_one_that_asks_for_a_hidden_field_is_hidden_with_it(self, office: Office) -> None:
        add_field(office, "margin", visible_to=["manager"], editable_by=["manager"])
        made = make(
            office, office.manager, {"field": "custom.margin", "op": "eq", "value": "x"}, shared_with=list(Role)
        )
        assert office.ask(office.admin, GetSegment(segment_id=made.id)) == made
        with refused(NotFound, "segment.not_found"):
            office.ask(office.rep, ListSegmentMembers(segment_id=made.id))
        with refused(InvalidInput, "condition.unknown_field"):
            make(office, office.rep, {"field": "custom.margin", "op": "eq", "value": "x"})


class TestChanges:
    def test_its_owner_and_admins_change_and_remove_it(self, office: Office) -> None:
        made = make(office, office.rep, LEVEL_A, shared_with=["manager"])
        patch = SegmentChanges.model_validate({"name": "Renamed", "rule": {"not": LEVEL_A}})
        changed = office.ask(office.rep, UpdateSegment(segment_id=made.id, version=made.version, changes=patch))
        assert (changed.name, changed.rule, changed.version) == ("Renamed", patch.rule, made.version + 1)
        with refused(Conflict, "version.stale"):
            office.ask(office.admin, RemoveSegment(segment_id=made.id, version=made.version))
        with refused(NotPermitted, "segment.owners_only"):
            office.ask(office.manager, RemoveSegment(segment_id=made.id, version=changed.version))
        office.ask(office.admin, RemoveSegment(segment_id=made.id, version=changed.version))
        with refused(NotFound, "segment.not_found"):
            office.ask(office.rep, GetSegment(segment_id=made.id))

    def test_an_auditor_makes_none(self, office: Office) -> None:
        with refused(NotPermitted, "segment.writers_only"):
            make(office, office.auditor, LEVEL_A)

    def test_nobody_has_more_than_a_hundred(self, office: Office) -> None:
        for _ in range(100):
            make(office, office.stranger, LEVEL_A)
        with refused(Conflict, "segment.too_many"):
            make(office, office.stranger, LEVEL_A)


class TestMembers:
    def test_each_sees_of_it_what_they_see_at_all(self, office: Office) -> None:
        segment = make(
            office, office.manager, {"field": "source", "op": "eq", "value": "fair"}, shared_with=["rep", "manager"]
        )
        office.create(office.rep, "Fair one", source="fair")
        office.create(office.stranger, "Fair two", source="fair")
        office.create(office.rep, "No fair")
        seen = {who.name: members(office, who, segment) for who in (office.rep, office.stranger, office.admin)}
        assert seen == {"Rita": ["Fair one"], "Stan": ["Fair two"], "Ada": ["Fair one", "Fair two"]}

    def test_it_is_evaluated_anew_each_time_and_paged_and_counted(self, office: Office) -> None:
        segment = make(office, office.rep, {"field": "tags", "op": "contains", "value": "vip"})
        for nth in range(3):
            office.create(office.rep, f"Vip {nth}", tags=["vip"])
        first = office.ask(office.rep, ListSegmentMembers(segment_id=segment.id, limit=2, count=True))
        rest = office.ask(office.rep, ListSegmentMembers(segment_id=segment.id, limit=2, cursor=first.next_cursor))
        assert [each.name for each in [*first.items, *rest.items]] == ["Vip 0", "Vip 1", "Vip 2"]
        assert (first.total, rest.next_cursor) == (3, None)
        office.change(office.rep, first.items[0], tags=[])
        assert members(office, office.rep, segment) == ["Vip 1", "Vip 2"]

    def test_the_department_is_that_of_the_owner(self, office: Office) -> None:
        rule = {
            "all": [
                {"field": "department_id", "op": "eq", "value": str(office.elsewhere)},
                {"field": "source", "op": "eq", "value": "by department"},
            ]
        }
        for by in (office.rep, office.stranger):
            office.create(by, f"Of {by.name}", source="by department")
        assert members(office, office.admin, make(office, office.admin, rule)) == ["Of Stan"]


class TestProfile:
    def test_it_names_the_segments_that_a_customer_is_in(self, office: Office) -> None:
        inside = make(office, office.rep, {"field": "name", "op": "contains", "value": "PROFIL"}, name="Inside")
        make(office, office.rep, {"field": "name", "op": "contains", "value": "elsewhere"}, name="Outside")
        made = office.create(office.rep, "Profiled")
        assert SegmentRef(id=inside.id, name="Inside") in named(office, office.rep, made)
        assert "Outside" not in {each.name for each in named(office, office.rep, made)}
        assert named(office, office.manager, made) == []


@pytest.fixture(scope="module")
def crowd(office: Office) -> dict[UUID, Row]:
    """Many customers of all sorts, by id."""
    colors = office.ask(office.admin, ListDictionaries()).items[0].id
    add_field(office, "motto")
    add_field(office, "seats", "number")
    add_field(office, "signed", "date")
    add_field(office, "shirt", "choice", dictionary_id=str(colors))
    add_field(office, "colors", "multi_choice", dictionary_id=str(colors))
    return add_crowd(office.database, 60)


class TestMatches:
    @given(rule=rules())
    @settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_the_database_finds_whom_plain_python_finds(
        self, office: Office, crowd: dict[UUID, Row], rule: dict[str, Any]
    ) -> None:
        record = models.Customer
        with office.database.transaction() as db:
            known = attributes(custom_fields(db, "company"), Role.ADMIN)
            node = read_rule(Rule.model_validate(rule), known)
            asked = select(record.id).outerjoin(models.User, models.User.id == record.owner_id)
            found = set(db.scalars(with_figures(asked).where(record.id.in_(crowd), matches(node, NOW))))
        assert found == {customer_id for customer_id, row in crowd.items() if holds(rule, row)}
