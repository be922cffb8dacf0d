"""Adding, changing, reading and finding people, against a real database."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy

from contracts.errors import CallError, Conflict, InvalidInput, NotFound, NotPermitted
from contracts.identity.departments import CreateDepartment
from contracts.identity.users import (
    CreateUser,
    DeactivateUser,
    DescribeUsers,
    GetUser,
    ListUsers,
    UpdateUser,
    User,
    UserChanges,
)
from contracts.values import Role
from servicekit.context import Caller
from servicekit.database import Database, new_id
from servicekit.messaging_tables import outbox
from servicekit.testing import calling, process_named, refused, user_of
from services.identity import models
from services.identity.operations import deactivation, departments, people


def create(database: Database, by: Caller, name: str, **fields: Any) -> User:
    """A new user, with a full name made from the login name."""
    request = CreateUser(**{"name": name, "full_name": name.title(), **fields})
    with calling(by), database.transaction() as db:
        return people.create_user(db, request)


def update(database: Database, by: Caller, user: User, **changes: Any) -> User:
    """The user, changed from the version at hand."""
    request = UpdateUser(user_id=user.id, version=user.version, changes=UserChanges(**changes))
    with calling(by), database.transaction() as db:
        return people.update_user(db, request)


def read(database: Database, by: Caller, user_id: UUID) -> User:
    """The user as they are now."""
    with calling(by), database.transaction() as db:
        return people.get_user(db, GetUser(user_id=user_id))


def announced(database: Database, user_id: UUID) -> list[str]:
    """The types of what was told about a user, in order."""
    query = sqlalchemy.select(outbox.c.topic).where(outbox.c.subject == user_id).order_by(outbox.c.sequence)
    with database.transaction() as db:
        return list(db.scalars(query))


class TestCreateUser:
    def test_the_command_line_makes_the_first_admin(self, database: Database, cli: Caller) -> None:
        made = create(database, cli, "root", role=Role.ADMIN, password="correct horse")
        assert (made.name, made.role, made.active, made.version) == ("root", Role.ADMIN, True, 1)
        assert read(database, user_of(Role.REP), made.id) == made

    def test_an_admin_adds_a_person_and_it_is_announced(self, database: Database, admin: Caller) -> None:
        made = create(
            database,
            admin,
            "li.na",
            full_name="李娜",
            email="na@acme.example",
            language="zh",
            time_zone="Asia/Shanghai",
        )
        assert read(database, admin, made.id) == made
        assert announced(database, made.id) == ["user.created"]

    @pytest.mark.parametrize("caller", [*(user_of(role) for role in Role if role != Role.ADMIN), process_named("pool")])
    def test_others_may_not(self, database: Database, caller: Caller) -> None:
        with refused(NotPermitted, "identity.admins_only"):
            create(database, caller, "mallory")

    def test_a_login_name_is_taken_once(self, database: Database, admin: Caller) -> None:
        create(database, admin, "taken")
        with refused(Conflict, "identity.name_taken"):
            create(database, admin, "taken", full_name="Another Person")

    def test_nobody_joins_a_department_that_does_not_exist(self, database: Database, admin: Caller) -> None:
        with refused(NotFound, "department.not_found"):
            create(database, admin, "homeless", department_id=new_id())

    def test_an_unknown_time_zone_is_a_fault_of_its_field(self, database: Database, admin: Caller) -> None:
        with pytest.raises(InvalidInput) as refused:
            create(database, admin, "martian", time_zone="Mars/Olympus")
        assert [fault.field for fault in refused.value.fields] == ["time_zone"]

    def test_the_password_is_kept_as_an_argon2id_hash_alone(self, database: Database, admin: Caller) -> None:
        made = create(database, admin, "secretive", password="correct horse")
        with database.transaction() as db:
            row = db.get_one(models.User, made.id)
            bodies = db.scalars(sqlalchemy.select(outbox.c.body).where(outbox.c.subject == made.id)).all()
        assert row.password_hash is not None
        assert row.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
        assert "argon2" not in "".join(bodies)


class TestUpdateUser:
    def test_named_fields_change_and_it_is_announced_once(self, database: Database, admin: Caller) -> None:
        made = create(database, admin, "grace", email="grace@acme.example")
        changed = update(database, admin, made, full_name="Grace Hopper", role=Role.MANAGER, email=None)
        assert (changed.full_name, changed.role, changed.email) == ("Grace Hopper", Role.MANAGER, None)
        assert (changed.version, changed.time_zone) == (2, made.time_zone)
        assert changed.updated_at > made.updated_at
        assert read(database, admin, made.id) == changed
        assert announced(database, made.id) == ["user.created", "user.updated"]

    def test_a_change_to_what_already_is_changes_and_announces_nothing(self, database: Database, admin: Caller) -> None:
        made = create(database, admin, "same")
        assert update(database, admin, made, full_name=made.full_name, role=made.role) == made
        assert announced(database, made.id) == ["user.created"]

    def test_a_stale_version_is_refused(self, database: Database, admin: Caller) -> None:
        made = create(database, admin, "busy")
        update(database, admin, made, language="pl")
        with refused(Conflict, "version.stale"):
            update(database, admin, made, language="zh")

    def test_of_two_at_the_same_moment_one_is_stale(self, database: Database, admin: Caller) -> None:
        made = create(database, admin, "contested")
        request = UpdateUser(user_id=made.id, version=1, changes=UserChanges(language="pl"))
        with refused(Conflict, "version.stale"), calling(admin), database.transaction() as db:
            db.get_one(models.User, made.id)  # read before the other one changes it
            update(database, admin, made, language="zh")
            people.update_user(db, request)
        assert read(database, admin, made.id).language == "zh"

    @pytest.mark.parametrize("caller", [user_of(Role.MANAGER), user_of(Role.AUDITOR), process_named("pool")])
    def test_only_admins_and_the_command_line_may(
        self, database: Database, admin: Caller, cli: Caller, caller: Caller
    ) -> None:
        made = create(database, admin, f"victim-{new_id().hex[-12:]}")
        with refused(NotPermitted, "identity.admins_only"):
            update(database, caller, made, role=Role.ADMIN)
        assert update(database, cli, made, role=Role.ADMIN).role is Role.ADMIN

    def test_nobody_gives_themselves_a_role(self, database: Database, admin: Caller) -> None:
        made = create(database, admin, "ambitious")
        with pytest.raises(NotPermitted):
            update(database, user_of(Role.REP, user_id=made.id), made, role=Role.ADMIN)

    @pytest.mark.parametrize(
        ("changes", "error", "code"),
        [
            ({"time_zone": "Nowhere/Land"}, InvalidInput, "identity.unknown_time_zone"),
            ({"department_id": UUID(int=1)}, NotFound, "department.not_found"),
        ],
    )
    def test_a_bad_value_changes_nothing(
        self, database: Database, admin: Caller, changes: dict[str, Any], error: type[CallError], code: str
    ) -> None:
        made = create(database, admin, f"steady-{new_id().hex[-12:]}")
        with refused(error, code):
            update(database, admin, made, full_name="Changed", **changes)
        assert read(database, admin, made.id) == made

    def test_an_unknown_user_is_not_found(self, database: Database, admin: Caller) -> None:
        request = UpdateUser(user_id=new_id(), version=1, changes=UserChanges(language="pl"))
        with refused(NotFound, "user.not_found"), calling(admin), database.transaction() as db:
            people.update_user(db, request)


class TestGetMe:
    def test_it_is_the_callers_own_record(self, database: Database, admin: Caller) -> None:
        made = create(database, admin, "self")
        with calling(user_of(Role.REP, user_id=made.id)), database.transaction() as db:
            assert people.get_me(db) == made

    def test_a_process_is_nobody(self, database: Database) -> None:
        with (
            refused(NotPermitted, "auth.users_only"),
            calling(process_named("pool")),
            database.transaction() as db,
        ):
            people.get_me(db)


class TestGetUser:
    def test_an_unknown_user_is_not_found(self, database: Database, admin: Caller) -> None:
        with refused(NotFound, "user.not_found"):
            read(database, admin, new_id())

    def test_a_process_asks_by_describe_users_instead(self, database: Database) -> None:
        with refused(NotPermitted, "auth.users_only"):
            read(database, process_named("pool"), new_id())


@pytest.fixture(scope="module")
def staff(database: Database) -> list[User]:
    """Seven people, one of them a manager, three of them in a department."""
    admin = user_of(Role.ADMIN)
    with calling(admin), database.transaction() as db:
        tools = departments.create_department(db, CreateDepartment(name="Tools"))
    people = [
        create(
            database,
            admin,
            f"tool{number}",
            full_name=f"Tool Maker {number}",
            department_id=tools.id if number < 3 else None,
            role=Role.MANAGER if number == 5 else Role.REP,
        )
        for number in range(6)
    ]
    return [*people, create(database, admin, "hundred", full_name="100% Tool_Maker \\ Łódź 李")]


def found(database: Database, **asked: Any) -> list[str]:
    """The login names of all pages, in order."""
    names: list[str] = []
    cursor = None
    while True:
        with calling(user_of(Role.REP)), database.transaction() as db:
            page = people.list_users(db, ListUsers(**asked, cursor=cursor))
        names += [user.name for user in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return names


class TestListUsers:
    @pytest.mark.usefixtures("staff")
    @pytest.mark.parametrize(
        ("q", "names"),
        [
            ("maker 3", ["tool3"]),
            ("TOOL MAKER", ["tool0", "tool1", "tool2", "tool3", "tool4", "tool5"]),
            ("ool4", ["tool4"]),
            ("undred", ["hundred"]),
            ("100%", ["hundred"]),
            ("l_M", ["hundred"]),
            ("\\", ["hundred"]),
            ("łódź", ["hundred"]),
            ("ź 李", ["hundred"]),
            ("nobody at all", []),
        ],
    )
    def test_a_fragment_of_either_name_finds_them_literally(self, database: Database, q: str, names: list[str]) -> None:
        assert found(database, q=q) == names

    @pytest.mark.usefixtures("staff")
    def test_pages_follow_each_other_by_full_name_without_gap_or_overlap(self, database: Database) -> None:
        assert found(database, q="tool", limit=2) == ["hundred", *(f"tool{number}" for number in range(6))]

    def test_filters_narrow_it_down_together(self, database: Database, staff: list[User]) -> None:
        tools = staff[0].department_id
        assert found(database, department_id=tools) == ["tool0", "tool1", "tool2"]
        assert found(database, department_id=tools, q="maker 2") == ["tool2"]
        assert found(database, role=Role.MANAGER, q="tool") == ["tool5"]
        assert found(database, department_id=tools, role=Role.MANAGER) == []

    @pytest.mark.usefixtures("staff")
    def test_those_who_left_can_be_left_out_or_asked_for(self, database: Database, admin: Caller) -> None:
        leaver = create(database, admin, "leaver", full_name="Leaving Loriner")
        create(database, admin, "stayer", full_name="Staying Loriner")
        with calling(admin), database.transaction() as db:
            deactivation.deactivate(db, DeactivateUser(user_id=leaver.id))
        assert found(database, q="loriner") == ["leaver", "stayer"]
        assert found(database, q="loriner", active=True) == ["stayer"]
        assert found(database, q="loriner", active=False) == ["leaver"]

    @pytest.mark.usefixtures("staff")
    def test_they_are_counted_when_asked(self, database: Database) -> None:
        with calling(user_of(Role.REP)), database.transaction() as db:
            assert people.list_users(db, ListUsers(q="tool maker", limit=1)).total is None
            assert people.list_users(db, ListUsers(q="tool maker", limit=1, count=True)).total == 6

    def test_a_made_up_cursor_is_a_fault_of_its_field(self, database: Database) -> None:
        with (
            refused(InvalidInput, "cursor.invalid"),
            calling(user_of(Role.REP)),
            database.transaction() as db,
        ):
            people.list_users(db, ListUsers(cursor="bm90IG9uZQ"))

    def test_it_is_not_for_services(self, database: Database) -> None:
        with refused(NotPermitted, "auth.users_only"), calling(process_named("pool")), database.transaction() as db:
            people.list_users(db, ListUsers())


class TestDescribeUsers:
    def test_a_service_gets_those_that_exist(self, database: Database, admin: Caller) -> None:
        made = [create(database, admin, name) for name in ("first", "second", "third")]
        asked = DescribeUsers(user_ids=[made[1].id, new_id(), made[0].id], names=["Third", "first", "nobody"])
        with calling(process_named("pool")), database.transaction() as db:
            described = people.describe_users(db, asked).items
        assert sorted(described, key=lambda user: user.name) == made

    def test_it_is_not_for_people(self, database: Database, admin: Caller) -> None:
        with refused(NotPermitted, "auth.services_only"), calling(admin), database.transaction() as db:
            people.describe_users(db, DescribeUsers(user_ids=[new_id()]))
