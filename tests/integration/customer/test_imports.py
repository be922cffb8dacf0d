"""Many customers at once, against a real database."""

import threading
from typing import Any

import pytest

from contracts.customer.customers import Customer, ListCustomers
from contracts.customer.imports import CustomerRow, ImportCustomers
from contracts.errors import NotPermitted
from contracts.values import ImportResult, PoolRef, Role, UserRef
from servicekit.context import Caller
from servicekit.testing import refused, user_of
from tests.integration.customer.office import Office


def bring(office: Office, by: Caller, *rows: dict[str, Any]) -> ImportResult:
    """What becomes of an import of these rows."""
    return office.ask(by, ImportCustomers(rows=[CustomerRow(**row) for row in rows]))


def refusals(result: ImportResult) -> list[tuple[int, str, str]]:
    """Rows, fields and codes of what was refused."""
    return [(one.row, one.field, one.code) for one in result.refused]


def named(office: Office, name: str) -> Customer:
    """The one customer of this name."""
    (found,) = [item for item in _all(office, name) if item.name == name]
    return found


def _all(office: Office, q: str) -> list[Customer]:
    return office.ask(office.admin, ListCustomers(q=q)).items


class TestHolders:
    def test_a_row_names_an_owner_or_a_pool_or_goes_to_the_default_pool(self, office: Office) -> None:
        result = bring(
            office,
            office.admin,
            {"name": "Import Owned", "owner": "Rita"},
            {"name": "Import Pooled", "pool_id": office.pool_id},
            {"name": "Import Free"},
        )
        assert [one.row for one in result.imported] == [1, 2, 3]
        assert (result.refused, result.warnings) == ([], [])
        assert named(office, "Import Owned").owner == UserRef(id=office.rep.user_id, name="Rita")
        pool = PoolRef(id=office.pool_id, name="Open customers")
        assert (named(office, "Import Pooled").pool, named(office, "Import Free").pool) == (pool, pool)

    def test_a_manager_gives_to_their_own_people_and_themselves(self, office: Office) -> None:
        result = bring(
            office,
            office.manager,
            {"name": "Given Near", "owner": "carl"},
            {"name": "Given Self", "owner": "mona"},
            {"name": "Given Far", "owner": "stan"},
        )
        assert [one.row for one in result.imported] == [1, 2]
        assert refusals(result) == [(3, "owner", "customer.foreign_owner")]

    def test_owner_and_pool_together_are_refused(self, office: Office) -> None:
        result = bring(office, office.admin, {"name": "Twice Held", "owner": "rita", "pool_id": office.pool_id})
        assert refusals(result) == [(1, "pool_id", "customer.owner_and_pool")]

    def test_one_who_has_left_gets_nothing(self, office: Office) -> None:
        office.introduce(user_of(Role.REP, name="Lena", department=office.department), active=False)
        result = bring(office, office.admin, {"name": "Left Behind", "owner": "lena"})
        assert refusals(result) == [(1, "owner", "customer.unknown_owner")]

    def test_an_api_key_imports_for_anybody(self, office: Office) -> None:
        result = bring(office, office.api_key, {"name": "Synced", "owner": "rita"}, {"name": "Synced too"})
        assert [row.row for row in result.imported] == [1, 2]

    @pytest.mark.parametrize("who", ["rep", "auditor", "service"])
    def test_only_managers_admins_and_api_keys_import(self, office: Office, who: str) -> None:
        with refused(NotPermitted, "customer.importers_only"):
            bring(office, getattr(office, who), {"name": "Nobody's"})


class TestRows:
    def test_a_row_is_announced_as_any_new_customer(self, office: Office) -> None:
        result = bring(office, office.admin, {"name": "Announced A"}, {"name": "Announced B", "owner": "rita"})
        for row, (owner, pool) in zip(
            result.imported, [(None, str(office.pool_id)), (str(office.rep.user_id), None)], strict=True
        ):
            ((topic, data),) = office.told(row.id)
            assert (topic, data["owner_id"], data["pool_id"]) == ("customer.created", owner, pool)

    def test_a_bad_row_names_its_faults_and_leaves_the_others(self, office: Office) -> None:
        result = bring(
            office,
            office.admin,
            {"name": "Good Row", "phones": [{"number": "+86 21 6123 4567"}]},
            {"name": "Bad Row", "phones": [{"number": "x"}], "emails": [{"address": "y"}]},
        )
        assert [one.row for one in result.imported] == [1]
        assert refusals(result) == [
            (2, "phones.0.number", "phone.invalid"),
            (2, "emails.0.address", "email.invalid"),
        ]
        assert named(office, "Good Row").phones[0].e164 == "+862161234567"
        assert _all(office, "Bad Row") == []

    def test_a_repeated_import_adds_nothing(self, office: Office) -> None:
        rows: list[dict[str, Any]] = [{"name": "Again One"}, {"name": "Again Two", "parent": "Again One"}]
        first, second = (bring(office, office.admin, *rows) for _ in range(2))
        assert len(first.imported) == 2
        assert second.imported == []
        assert refusals(second) == [(1, "name", "customer.exists"), (2, "name", "customer.exists")]

    def test_a_name_exists_in_any_case_and_with_any_blanks(self, office: Office) -> None:
        office.create(office.rep, "GTX Pro")
        result = bring(office, office.admin, {"name": "gtx  PRO"}, {"name": "GtxPro"}, {"name": "ＧＴＸ Pro"})
        assert {code for _, _, code in refusals(result)} == {"customer.exists"}
        assert len(result.refused) == 3

    def test_a_name_that_stands_twice_in_an_import_is_taken_once(self, office: Office) -> None:
        result = bring(office, office.admin, {"name": "Double"}, {"name": " DOUBLE "})
        assert [one.row for one in result.imported] == [1]
        assert refusals(result) == [(2, "name", "customer.exists")]

    def test_the_same_import_sent_twice_at_once_adds_everything_once(self, office: Office) -> None:
        rows: list[dict[str, Any]] = [{"name": f"Parallel {number}"} for number in range(50)]
        results: list[ImportResult] = []
        start = threading.Barrier(3)

        def send() -> None:
            start.wait()
            results.append(bring(office, office.admin, *rows))

        threads = [threading.Thread(target=send) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(len(result.imported) for result in results) == [0, 0, 50]
        assert len(_all(office, "parallel")) == 50

    def test_a_full_import_is_taken_whole(self, office: Office) -> None:
        rows: list[dict[str, Any]] = [{"name": f"Bulk {number}", "parent": "Bulk 499"} for number in range(499)]
        result = bring(office, office.admin, *rows, {"name": "Bulk 499"})
        assert len(result.imported) == 500
        assert named(office, "Bulk 0").parent_id == named(office, "Bulk 499").id


class TestParents:
    def test_a_parent_is_of_the_same_import_or_there_already(self, office: Office) -> None:
        group = office.create(office.admin, "Old Group")
        bring(
            office,
            office.admin,
            {"name": "New Leaf", "parent": "new  BRANCH"},
            {"name": "New Branch", "parent": "old group"},
            {"name": "New Twig", "parent_id": group.id},
        )
        assert named(office, "New Leaf").parent_id == named(office, "New Branch").id
        assert named(office, "New Branch").parent_id == named(office, "New Twig").parent_id == group.id

    def test_a_row_without_its_parent_is_refused_with_those_below_it(self, office: Office) -> None:
        result = bring(
            office,
            office.admin,
            {"name": "Lost", "parent": "Nowhere Group"},
            {"name": "Lost Too", "parent": "Lost"},
            {"name": "Found"},
        )
        assert [one.row for one in result.imported] == [3]
        assert refusals(result) == [
            (1, "parent", "customer.unknown_parent"),
            (2, "parent", "customer.unknown_parent"),
        ]

    def test_rows_in_a_circle_are_refused(self, office: Office) -> None:
        result = bring(office, office.admin, {"name": "Egg", "parent": "Hen"}, {"name": "Hen", "parent": "Egg"})
        assert result.imported == []
        assert [row for row, _, _ in refusals(result)] == [1, 2]

    def test_of_two_companies_of_one_name_none_is_guessed(self, office: Office) -> None:
        for _ in range(2):
            office.create(office.admin, "Twin Group")
        result = bring(office, office.admin, {"name": "Undecided", "parent": "Twin Group"})
        assert refusals(result) == [(1, "parent", "customer.unknown_parent")]

    def test_a_manager_links_only_to_what_they_may_edit(self, office: Office) -> None:
        foreign = office.create(office.stranger, "Foreign Group")
        result = bring(
            office,
            office.manager,
            {"name": "Link By Name", "parent": "Foreign Group"},
            {"name": "Link By Id", "parent_id": foreign.id},
        )
        assert refusals(result) == [
            (1, "parent", "customer.unknown_parent"),
            (2, "parent_id", "customer.unknown_parent"),
        ]

    def test_a_parent_is_named_one_way(self, office: Office) -> None:
        group = office.create(office.admin, "One Way")
        result = bring(office, office.admin, {"name": "Two Ways", "parent": "One Way", "parent_id": group.id})
        assert refusals(result) == [(1, "parent", "customer.two_parents")]
