"""New passwords, against a real database."""

import pytest

from contracts.errors import InvalidInput, NotFound, NotPermitted
from contracts.identity.sessions import AccessToken, ChangePassword, SetPassword, SignIn
from contracts.identity.users import User
from contracts.values import Role
from servicekit.context import Caller
from servicekit.database import Database, new_id
from servicekit.testing import calling, process_named, refused, user_of
from servicekit.tokens import Verifier
from services.identity.issuer import Issuer
from services.identity.operations import sessions, sign_in
from tests.integration.identity.acting import HOME, at, audited, signed_in, somebody

OLD, NEW, WRONG = "correct horse", "another pony", "battery staple"


@pytest.fixture
def ada(database: Database) -> User:
    """Somebody with a password."""
    return somebody(database, password=OLD)


def signs_in(database: Database, issuer: Issuer, user: User, password: str) -> AccessToken:
    """By password, from home."""
    with at(database, HOME) as db:
        return sign_in.sign_in(db, SignIn(name=user.name, password=password), issuer)


def change(database: Database, caller: Caller, current: str, new: str = NEW) -> int:
    """How many sessions that ended."""
    with at(database, HOME, caller) as db:
        return sign_in.change_password(db, ChangePassword(current=current, new=new)).ended


class TestChangePassword:
    def test_the_new_one_is_good_from_then_on_and_other_sessions_end(
        self, database: Database, issuer: Issuer, verifier: Verifier, ada: User
    ) -> None:
        here, there = signed_in(database, issuer, ada), signed_in(database, issuer, ada)
        caller = verifier.verify(here.access_token)
        assert change(database, caller, OLD) == 1
        with calling(caller), database.transaction() as db:
            assert [each.current for each in sessions.list_mine(db, issuer).items] == [True]
        assert there != here
        assert signs_in(database, issuer, ada, NEW).refresh_token
        with refused(NotPermitted, "auth.bad_credentials"):
            signs_in(database, issuer, ada, OLD)
        assert "password.changed" in [entry.action for entry in audited(database, ada)]

    def test_guessing_the_current_one_locks_the_name_as_at_sign_in(
        self, database: Database, issuer: Issuer, ada: User
    ) -> None:
        caller = user_of(Role.REP, user_id=ada.id)
        for _ in range(5):
            with refused(InvalidInput, "identity.wrong_password"):
                change(database, caller, WRONG)
        with refused(NotPermitted, "auth.locked"):
            change(database, caller, OLD)
        with refused(NotPermitted, "auth.locked"):
            signs_in(database, issuer, ada, OLD)

    def test_it_is_for_people(self, database: Database) -> None:
        with refused(NotPermitted, "auth.users_only"):
            change(database, process_named("cli"), OLD)


class TestSetPassword:
    @pytest.mark.parametrize("caller", [user_of(Role.ADMIN), process_named("cli")])
    def test_an_admin_or_the_command_line_gives_one_and_the_person_is_signed_out(
        self, database: Database, issuer: Issuer, caller: Caller
    ) -> None:
        person = somebody(database)
        signed_in(database, issuer, person)
        with calling(caller), database.transaction() as db:
            assert sign_in.set_password(db, SetPassword(user_id=person.id, password=NEW)).ended == 1
        assert signs_in(database, issuer, person, NEW).refresh_token

    def test_nobody_else_may(self, database: Database, ada: User) -> None:
        with (
            refused(NotPermitted, "identity.admins_only"),
            calling(user_of(Role.MANAGER, user_id=ada.id)),
            database.transaction() as db,
        ):
            sign_in.set_password(db, SetPassword(user_id=ada.id, password=NEW))

    def test_an_unknown_user_is_not_found(self, database: Database, admin: Caller) -> None:
        with refused(NotFound, "user.not_found"), calling(admin), database.transaction() as db:
            sign_in.set_password(db, SetPassword(user_id=new_id(), password=NEW))
