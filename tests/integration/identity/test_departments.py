"""The tree of departments, against a real database."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from contracts.errors import CallError, Conflict, InvalidInput, NotFound, NotPermitted
from contracts.identity.departments import (
    CreateDepartment,
    Department,
    DepartmentChanges,
    GetDepartment,
    UpdateDepartment,
)
from contracts.identity.users import CreateUser
from contracts.values import Role
from servicekit.context import Caller
from servicekit.database import Database, new_id
from servicekit.testing import calling, process_named, refused, user_of
from services.identity import queries
from services.identity.operations import departments, people


def create(database: Database, by: Caller, name: str, parent: Department | None = None, **fields: Any) -> Department:
    """A new department."""
    request = CreateDepartment(name=name, parent_id=parent.id if parent else None, **fields)
    with calling(by), database.transaction() as db:
        return departments.create_department(db, request)


def update(database: Database, by: Caller, department: Department, **changes: Any) -> Department:
    """The department, changed from the version at hand."""
    request = UpdateDepartment(
        department_id=department.id, version=department.version, changes=DepartmentChanges(**changes)
    )
    with calling(by), database.transaction() as db:
        return departments.update_department(db, request)


def tree(database: Database) -> list[Department]:
    """All departments, as a rep reads them."""
    with calling(user_of(Role.REP)), database.transaction() as db:
        return departments.list_departments(db).items


def read(database: Database, by: Caller, department_id: UUID) -> Department:
    """One department."""
    with calling(by), database.transaction() as db:
        return departments.get_department(db, GetDepartment(department_id=department_id))


def a_name() -> str:
    """A name that no other test uses."""
    return f"Department {new_id()}"


class TestGetDepartment:
    def test_everybody_who_is_signed_in_may(self, database: Database, admin: Caller) -> None:
        made = create(database, admin, a_name())
        assert read(database, user_of(Role.REP), made.id) == made

    def test_one_that_never_was_is_not_found(self, database: Database, admin: Caller) -> None:
        with refused(NotFound, "department.not_found"):
            read(database, admin, new_id())

    def test_it_is_not_for_services(self, database: Database) -> None:
        with refused(NotPermitted, "auth.users_only"):
            read(database, process_named("pool"), new_id())


class TestCreateDepartment:
    @pytest.mark.parametrize("caller", [user_of(Role.ADMIN), process_named("cli")])
    def test_an_admin_or_the_command_line_adds_one(self, database: Database, caller: Caller) -> None:
        root = create(database, caller, a_name())
        branch = create(database, caller, a_name(), root)
        assert (branch.parent_id, branch.manager_id, branch.version) == (root.id, None, 1)
        assert {root.id, branch.id} <= {department.id for department in tree(database)}

    @pytest.mark.parametrize("caller", [*(user_of(role) for role in Role if role != Role.ADMIN), process_named("pool")])
    def test_others_may_not(self, database: Database, caller: Caller) -> None:
        with refused(NotPermitted, "identity.admins_only"):
            create(database, caller, a_name())

    def test_a_name_stands_once_in_one_place(self, database: Database, admin: Caller) -> None:
        root = create(database, admin, a_name())
        branch = create(database, admin, "Sales", root)
        create(database, admin, "Sales", branch)
        with refused(Conflict, "identity.department_exists"):
            create(database, admin, "Sales", root)
        with refused(Conflict, "identity.department_exists"):
            create(database, admin, root.name)

    @pytest.mark.parametrize(
        ("reference", "code"), [("parent_id", "department.not_found"), ("manager_id", "user.not_found")]
    )
    def test_it_names_only_what_exists(self, database: Database, admin: Caller, reference: str, code: str) -> None:
        request = CreateDepartment.model_validate({"name": a_name(), reference: new_id()})
        with refused(NotFound, code), calling(admin), database.transaction() as db:
            departments.create_department(db, request)


class TestUpdateDepartment:
    def test_it_is_renamed_moved_and_given_a_manager(self, database: Database, admin: Caller) -> None:
        root, branch = create(database, admin, a_name()), create(database, admin, a_name())
        with calling(admin), database.transaction() as db:
            boss = people.create_user(db, CreateUser(name="boss", full_name="The Boss"))
        name = a_name()
        moved = update(database, admin, branch, name=name, parent_id=root.id, manager_id=boss.id)
        assert (moved.name, moved.parent_id, moved.manager_id, moved.version) == (name, root.id, boss.id, 2)
        assert moved in tree(database)

    def test_null_makes_it_a_root_without_a_manager(self, database: Database, admin: Caller) -> None:
        branch = create(database, admin, a_name(), create(database, admin, a_name()))
        assert update(database, admin, branch, parent_id=None, manager_id=None).parent_id is None

    def test_a_stale_version_is_refused(self, database: Database, admin: Caller) -> None:
        root = create(database, admin, a_name())
        update(database, admin, root, name=a_name())
        with refused(Conflict, "version.stale"):
            update(database, admin, root, name=a_name())

    def test_a_name_taken_in_the_new_place_is_refused(self, database: Database, admin: Caller) -> None:
        root = create(database, admin, a_name())
        twin = create(database, admin, a_name(), root)
        stray = create(database, admin, twin.name)
        with refused(Conflict, "identity.department_exists"):
            update(database, admin, stray, parent_id=root.id)

    @pytest.mark.parametrize("level", [0, 1, 2])
    def test_it_can_not_come_under_itself(self, database: Database, admin: Caller, level: int) -> None:
        line = [create(database, admin, a_name())]
        for _ in range(2):
            line.append(create(database, admin, a_name(), line[-1]))
        with refused(InvalidInput, "identity.department_cycle"):
            update(database, admin, line[0], parent_id=line[level].id)

    def test_two_moves_at_once_close_no_circle(self, database: Database, admin: Caller) -> None:
        for _ in range(5):
            pair = create(database, admin, a_name()), create(database, admin, a_name())
            together = Barrier(2, timeout=10)

            def move(under: Department, mover: Department, together: Barrier = together) -> CallError | None:
                together.wait()
                try:
                    update(database, admin, mover, parent_id=under.id)
                except CallError as error:
                    return error
                return None

            with ThreadPoolExecutor(2) as threads:
                ends = list(threads.map(move, pair, reversed(pair)))
            assert [end.code for end in ends if end] == ["identity.department_cycle"]

    @pytest.mark.parametrize("caller", [user_of(Role.MANAGER), process_named("pool")])
    def test_only_admins_and_the_command_line_may(
        self, database: Database, admin: Caller, cli: Caller, caller: Caller
    ) -> None:
        root = create(database, admin, a_name())
        with refused(NotPermitted, "identity.admins_only"):
            update(database, caller, root, name=a_name())
        update(database, cli, root, name=a_name())

    @pytest.mark.parametrize(
        ("changes", "code"),
        [({"parent_id": UUID(int=1)}, "department.not_found"), ({"manager_id": UUID(int=1)}, "user.not_found")],
    )
    def test_it_names_only_what_exists(
        self, database: Database, admin: Caller, changes: dict[str, Any], code: str
    ) -> None:
        root = create(database, admin, a_name())
        with refused(NotFound, code):
            update(database, admin, root, **changes)


class TestListDepartments:
    def test_they_come_by_name(self, database: Database, admin: Caller) -> None:
        create(database, admin, a_name())
        names = [department.name for department in tree(database)]
        assert names == sorted(names)

    def test_it_is_for_people(self, database: Database) -> None:
        with (
            refused(NotPermitted, "auth.users_only"),
            calling(process_named("pool")),
            database.transaction() as db,
        ):
            departments.list_departments(db)


class TestDepartmentsLedBy:
    def test_a_manager_answers_for_their_departments_and_all_below(self, database: Database, admin: Caller) -> None:
        with calling(admin), database.transaction() as db:
            lead = people.create_user(db, CreateUser(name="lead", full_name="Lead"))
        root = create(database, admin, a_name())
        east = create(database, admin, a_name(), root, manager_id=lead.id)
        city = create(database, admin, a_name(), east)
        street = create(database, admin, a_name(), city, manager_id=lead.id)
        create(database, admin, a_name(), root)
        with database.transaction() as db:
            assert sorted(queries.departments_led_by(db, lead.id)) == sorted([east.id, city.id, street.id])
            assert list(queries.departments_led_by(db, new_id())) == []
