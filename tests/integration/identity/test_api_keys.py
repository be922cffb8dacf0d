"""API keys: made once, kept as hashes, exchanged for tokens until they are revoked or past their day."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from contracts.errors import Conflict, InvalidInput, NotFound, NotPermitted
from contracts.identity.api_keys import (
    ApiKey,
    CreateApiKey,
    ExchangeApiKey,
    GetApiKey,
    ListApiKeys,
    NewApiKey,
    RevokeApiKey,
)
from contracts.identity.sessions import AccessToken
from contracts.identity.users import GetUser, ListUsers
from contracts.values import Role
from servicekit import clock
from servicekit.context import Caller, Work, working
from servicekit.database import Database, new_id
from servicekit.testing import calling, process_named, refused, user_of
from servicekit.tokens import Verifier
from services.identity import models, rules
from services.identity.issuer import Issuer
from services.identity.operations import api_keys, departments, people

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def no_keys(database: Database) -> Iterator[None]:
    """Each test counts its own."""
    yield
    with database.transaction() as db:
        db.execute(delete(models.ApiKey))


def make(database: Database, by: Caller, name: str = "Telephone system", **fields: Any) -> NewApiKey:
    """A key that may read customers, unless said otherwise."""
    with calling(by), database.transaction() as db:
        return api_keys.create(db, CreateApiKey(**{"name": name, "scopes": ["customer:read"], **fields}))


def listed(database: Database, by: Caller, **asked: Any) -> list[ApiKey]:
    with calling(by), database.transaction() as db:
        return api_keys.list_keys(db, ListApiKeys(**asked)).items


def revoke(database: Database, by: Caller, key: ApiKey) -> ApiKey:
    with calling(by), database.transaction() as db:
        return api_keys.revoke(db, RevokeApiKey(key_id=key.id))


def exchange(database: Database, issuer: Issuer, key: str) -> AccessToken:
    """As the gateway does it: for somebody who is not known yet."""
    with working(Work()), database.transaction() as db:
        return api_keys.exchange(db, ExchangeApiKey(key=key), issuer)


class TestCreate:
    def test_the_key_is_shown_and_nothing_of_its_secret_is_kept(self, database: Database, admin: Caller) -> None:
        made = make(database, admin)
        assert made.key.startswith(f"tl_{made.id.hex}_")
        with database.transaction() as db:
            row = db.execute(select(models.ApiKey.__table__).where(models.ApiKey.id == made.id)).one()
        assert made.key.rpartition(made.id.hex)[2].strip("_") not in repr(tuple(row))

    def test_no_two_keys_are_alike(self, database: Database, admin: Caller) -> None:
        assert make(database, admin, "One").key[-43:] != make(database, admin, "Two").key[-43:]

    def test_the_command_line_may_too(self, database: Database, cli: Caller) -> None:
        assert make(database, cli).created_by == "cli"

    @pytest.mark.parametrize(
        "caller", [*(user_of(role) for role in Role if role is not Role.ADMIN), process_named("pool")]
    )
    def test_nobody_else_may(self, database: Database, caller: Caller) -> None:
        with refused(NotPermitted, "identity.admins_only"):
            make(database, caller)

    def test_a_name_is_taken_until_its_key_is_revoked(self, database: Database, admin: Caller) -> None:
        first = make(database, admin)
        with refused(Conflict, "api_key.name_taken"):
            make(database, admin)
        revoke(database, admin, first)
        make(database, admin)

    def test_a_last_day_that_is_past_is_refused(self, database: Database, admin: Caller) -> None:
        with refused(InvalidInput, "api_key.expired"):
            make(database, admin, expires_on=clock.now().date() - DAY)

    def test_there_is_an_end_to_them(self, database: Database, admin: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rules, "MOST_KEYS", 1)
        make(database, admin, "One")
        with refused(Conflict, "api_key.too_many"):
            make(database, admin, "Two")

    def test_the_audit_log_tells_of_it_without_the_key(self, database: Database, admin: Caller) -> None:
        made = make(database, admin)
        revoke(database, admin, made)
        with database.transaction() as db:
            entries = db.scalars(
                select(models.AuditEntry).where(models.AuditEntry.target == made.id).order_by(models.AuditEntry.id)
            ).all()
        assert [entry.action for entry in entries] == ["api_key.created", "api_key.revoked"]
        assert entries[0].details == {"name": "Telephone system", "scopes": ["customer:read"]}


class TestList:
    def test_the_newest_comes_first_and_none_shows_its_key(self, database: Database, admin: Caller) -> None:
        made = [make(database, admin, name) for name in ("One", "Two")]
        found = listed(database, admin)
        assert [key.id for key in found] == [key.id for key in reversed(made)]
        assert not any(hasattr(key, "key") for key in found)

    def test_a_revoked_one_stays_with_its_moment(self, database: Database, admin: Caller) -> None:
        revoke(database, admin, make(database, admin))
        (found,) = listed(database, admin)
        assert found.revoked_at is not None

    @pytest.mark.parametrize("caller", [user_of(Role.AUDITOR), process_named("cli")])
    def test_auditors_and_the_command_line_may(self, database: Database, caller: Caller) -> None:
        assert listed(database, caller) == []

    @pytest.mark.parametrize("caller", [user_of(Role.MANAGER), user_of(Role.INTEGRATION)])
    def test_others_may_not(self, database: Database, caller: Caller) -> None:
        with refused(NotPermitted, "identity.auditors_only"):
            listed(database, caller)


class TestGet:
    def read(self, database: Database, by: Caller, key: ApiKey) -> ApiKey:
        with calling(by), database.transaction() as db:
            return api_keys.get(db, GetApiKey(key_id=key.id))

    @pytest.mark.parametrize("caller", [user_of(Role.AUDITOR), process_named("cli")])
    def test_it_is_shown_as_the_list_shows_it(self, database: Database, admin: Caller, caller: Caller) -> None:
        made = make(database, admin)
        assert [self.read(database, caller, made)] == listed(database, admin)

    @pytest.mark.parametrize("caller", [user_of(Role.MANAGER), user_of(Role.INTEGRATION)])
    def test_others_may_not(self, database: Database, admin: Caller, caller: Caller) -> None:
        made = make(database, admin)
        with refused(NotPermitted, "identity.auditors_only"):
            self.read(database, caller, made)

    def test_one_that_never_was_is_not_found(self, database: Database, admin: Caller) -> None:
        made = make(database, admin)
        with refused(NotFound, "api_key.not_found"):
            self.read(database, admin, made.model_copy(update={"id": new_id()}))


class TestRevoke:
    def test_twice_is_once(self, database: Database, admin: Caller) -> None:
        made = make(database, admin)
        first = revoke(database, admin, made)
        assert revoke(database, admin, made) == first

    def test_one_that_never_was_is_not_found(self, database: Database, admin: Caller) -> None:
        made = make(database, admin)
        with refused(NotFound, "api_key.not_found"):
            revoke(database, admin, made.model_copy(update={"id": new_id()}))


class TestExchange:
    def test_the_token_speaks_for_the_key_and_not_for_long(
        self, database: Database, admin: Caller, issuer: Issuer, verifier: Verifier
    ) -> None:
        made = make(database, admin, scopes=["pool:write", "customer:read", "pool:write"])
        token = exchange(database, issuer, made.key)
        assert token.expires_in == 300
        program = verifier.verify(token.access_token)
        assert (program.kind, program.role, program.signed_by, program.name) == (
            "integration",
            Role.INTEGRATION,
            made.id,
            "Telephone system",
        )
        assert program.scopes == {"customer:read", "pool:write"}

    def test_the_day_of_it_is_listed(self, database: Database, admin: Caller, issuer: Issuer) -> None:
        made = make(database, admin)
        assert made.last_used_on is None
        exchange(database, issuer, made.key)
        assert [key.last_used_on for key in listed(database, admin)] == [clock.now().date()]

    def test_a_revoked_key_gets_none(self, database: Database, admin: Caller, issuer: Issuer) -> None:
        made = make(database, admin)
        revoke(database, admin, made)
        with refused(NotPermitted, "auth.invalid_api_key"):
            exchange(database, issuer, made.key)

    @pytest.mark.parametrize(
        "wrong",
        [
            lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
            lambda key: key.replace(key[3:35], new_id().hex),
            lambda key: key[3:],
            lambda key: key + "A",
            lambda _key: "tl_",
            lambda _key: "tl_\x00",
        ],
        ids=["another secret", "another id", "no prefix", "too long", "nothing in it", "NUL"],
    )
    def test_what_is_no_key_gets_none(self, database: Database, admin: Caller, issuer: Issuer, wrong: Any) -> None:
        made = make(database, admin)
        with refused(NotPermitted, "auth.invalid_api_key"):
            exchange(database, issuer, wrong(made.key))


class TestWhatAKeyMayReadOfPeople:
    def test_people_and_departments(self, database: Database, admin: Caller) -> None:
        program = user_of(Role.INTEGRATION)
        with calling(program), database.transaction() as db:
            assert people.list_users(db, ListUsers()).items == []
            assert departments.list_departments(db).items == []
            with refused(NotFound, "user.not_found"):
                people.get_user(db, GetUser(user_id=admin.user_id))

    def test_it_has_no_record_of_its_own(self, database: Database) -> None:
        with (
            calling(user_of(Role.INTEGRATION)),
            database.transaction() as db,
            refused(NotPermitted, "auth.users_only"),
        ):
            people.get_me(db)
