"""People who leave and come back, and that there is always somebody who can administer the suite."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.identity.sessions import IssueToken
from contracts.identity.users import CreateUser, DeactivateUser, ReactivateUser, UpdateUser, User, UserChanges
from contracts.values import Role
from servicekit.context import Caller
from servicekit.database import Database, new_id
from servicekit.messaging_tables import outbox
from servicekit.testing import calling, process_named, refused, user_of
from services.identity import models
from services.identity.issuer import Issuer
from services.identity.operations import deactivation, people, tokens
from tests.integration.identity.acting import audited, signed_in, somebody


def deactivate(database: Database, by: Caller, user: User) -> User:
    with calling(by), database.transaction() as db:
        return deactivation.deactivate(db, DeactivateUser(user_id=user.id))


def reactivate(database: Database, by: Caller, user: User) -> User:
    with calling(by), database.transaction() as db:
        return deactivation.reactivate(db, ReactivateUser(user_id=user.id))


def demote(database: Database, by: Caller, user: User) -> User:
    changes = UserChanges(role=Role.REP)
    with calling(by), database.transaction() as db:
        return people.update_user(db, UpdateUser(user_id=user.id, version=user.version, changes=changes))


def get_token(database: Database, issuer: Issuer, user: User) -> str:
    """As `crm token` asks for it, which refuses whom signing in refuses."""
    with calling(process_named("cli")), database.transaction() as db:
        return tokens.issue_token(db, IssueToken(name=user.name), issuer).access_token


def told(database: Database, user: User) -> list[str]:
    """The events about a person, in order."""
    statement = select(outbox.c.body).where(outbox.c.subject == user.id).order_by(outbox.c.sequence)
    with database.transaction() as db:
        return list(db.scalars(statement))


@pytest.fixture
def admins(database: Database) -> list[User]:
    """All the active admins there are: two."""
    with database.transaction() as db:
        db.execute(update(models.User).values(role=Role.REP))
    return [somebody(database, role=Role.ADMIN) for _ in range(2)]


class TestDeactivate:
    def test_who_left_signs_in_no_more_and_others_hear_of_it(
        self, database: Database, admin: Caller, issuer: Issuer
    ) -> None:
        user = somebody(database)
        assert get_token(database, issuer, user)
        assert not deactivate(database, admin, user).active
        with refused(NotFound, "user.not_found"):
            get_token(database, issuer, user)
        assert '"changed":["active"]' in told(database, user)[-1]

    def test_their_sessions_end(self, database: Database, admin: Caller, issuer: Issuer) -> None:
        user = somebody(database)
        signed_in(database, issuer, user)
        deactivate(database, admin, user)
        with database.transaction() as db:
            assert db.scalars(select(models.Session).where(models.Session.user_id == user.id)).all() == []
        assert audited(database, user)[-1].details == {"sessions_ended": 1}

    def test_twice_is_once(self, database: Database, admin: Caller) -> None:
        user = somebody(database)
        first = deactivate(database, admin, user)
        assert deactivate(database, admin, user) == first
        assert len(told(database, user)) == 2

    @pytest.mark.parametrize("caller", [user_of(Role.MANAGER), user_of(Role.INTEGRATION), process_named("pool")])
    def test_is_for_admins_and_the_command_line(self, database: Database, cli: Caller, caller: Caller) -> None:
        user = somebody(database)
        with refused(NotPermitted, "identity.admins_only"):
            deactivate(database, caller, user)
        deactivate(database, cli, user)


class TestReactivate:
    def test_who_came_back_signs_in_again(self, database: Database, admin: Caller, issuer: Issuer) -> None:
        user = somebody(database)
        deactivate(database, admin, user)
        assert reactivate(database, admin, user).active
        assert get_token(database, issuer, user)
        assert [entry.action for entry in audited(database, user)][-2:] == ["user.reactivated", "token.issued"]


class TestTheLastAdmin:
    @pytest.mark.parametrize("end", [deactivate, demote])
    def test_stays_one(
        self, database: Database, admin: Caller, admins: list[User], end: Callable[[Database, Caller, User], User]
    ) -> None:
        end(database, admin, admins[0])
        with refused(Conflict, "identity.last_admin"):
            end(database, admin, admins[1])

    def test_who_left_does_not_count(self, database: Database, admin: Caller, admins: list[User]) -> None:
        deactivate(database, admin, admins[0])
        with refused(Conflict, "identity.last_admin"):
            demote(database, admin, admins[1])
        demote(database, admin, admins[0].model_copy(update={"version": 2}))

    def test_of_two_who_end_each_other_at_once_one_stays(self, database: Database, admins: list[User]) -> None:
        def end(each: User) -> str:
            try:
                deactivate(database, user_of(Role.ADMIN), each)
            except Conflict as error:
                return error.code
            return "done"

        with ThreadPoolExecutor(2) as threads:
            assert sorted(threads.map(end, admins)) == ["done", "identity.last_admin"]


class TestTheRoleOfKeys:
    def test_no_person_has_it(self, database: Database, admin: Caller) -> None:
        with calling(admin), database.transaction() as db:
            request = CreateUser(name=f"robot-{new_id().hex}", full_name="Robot", role=Role.INTEGRATION)
            with refused(InvalidInput, "identity.role_of_keys"):
                people.create_user(db, request)
