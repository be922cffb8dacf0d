"""The audit log, against a real database."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import InternalError

from contracts.errors import InvalidInput, NotPermitted
from contracts.identity.sessions import AuditEntry, IssueToken, ListAuditEntries, SignIn, SignOut
from contracts.identity.users import CreateUser, UpdateUser, User, UserChanges
from contracts.values import Role
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import Database, new_id
from servicekit.testing import calling, process_named, refused, user_of
from services.identity import models, rules
from services.identity.issuer import Issuer
from services.identity.operations import auditing, people, sessions, sign_in, tokens
from tests.integration.identity.acting import HOME, at, audited, signed_in, somebody

RIGHT, WRONG = "correct horse", "battery staple"


@pytest.fixture
def ada(database: Database) -> User:
    """Somebody with a password."""
    return somebody(database, password=RIGHT)


def attempt(database: Database, issuer: Issuer, name: str, password: str) -> None:
    """A sign-in from home, whatever comes of it."""
    try:
        with at(database, HOME) as db:
            sign_in.sign_in(db, SignIn(name=name, password=password), issuer)
    except NotPermitted:
        pass


def read(database: Database, caller: Caller, **asked: Any) -> list[AuditEntry]:
    """All pages, in order."""
    entries: list[AuditEntry] = []
    cursor = None
    while True:
        with calling(caller), database.transaction() as db:
            page = auditing.list_entries(db, ListAuditEntries(**asked, cursor=cursor))
        entries += page.items
        cursor = page.next_cursor
        if cursor is None:
            return entries


def told(entry: models.AuditEntry) -> tuple[str, str | None, str | None]:
    return entry.action, entry.actor_id, entry.address


class TestWhatIsRecorded:
    def test_a_sign_in_its_failure_and_its_sign_out_with_who_and_from_where(
        self, database: Database, issuer: Issuer, ada: User
    ) -> None:
        attempt(database, issuer, ada.name, WRONG)
        attempt(database, issuer, ada.name, RIGHT)
        with at(database, HOME) as db:
            token = sessions.begin(db, db.get_one(models.User, ada.id), issuer)
        with at(database, HOME) as db:
            sessions.sign_out(db, SignOut(refresh_token=token.refresh_token or ""))
        assert [told(entry) for entry in audited(database, ada)[1:]] == [
            ("sign_in.failed", None, HOME),
            ("sign_in.succeeded", str(ada.id), HOME),
            ("sign_out", str(ada.id), HOME),
        ]

    def test_the_lock_is_told_once_however_often_it_is_run_against(
        self, database: Database, issuer: Issuer, ada: User
    ) -> None:
        for _ in range(8):
            attempt(database, issuer, ada.name, WRONG)
        actions = [entry.action for entry in audited(database, ada)[1:]]
        assert actions == [*["sign_in.failed"] * 5, "sign_in.locked"]

    def test_a_token_that_the_command_line_made(self, database: Database, issuer: Issuer, ada: User) -> None:
        with calling(process_named("cli")), database.transaction() as db:
            tokens.issue_token(db, IssueToken(name=ada.name), issuer)
        assert told(audited(database, ada)[-1]) == ("token.issued", "cli", None)

    def test_what_an_admin_did_to_somebody_and_nothing_when_it_was_refused(
        self, database: Database, ada: User, admin: Caller
    ) -> None:
        change = UpdateUser(user_id=ada.id, version=1, changes=UserChanges(role=Role.MANAGER))
        with at(database, HOME, admin) as db:
            people.update_user(db, change)
        with pytest.raises(NotPermitted), at(database, HOME, user_of(Role.REP)) as db:
            people.update_user(db, change)
        entry = audited(database, ada)[-1]
        assert told(entry) == ("user.updated", admin.id, HOME)
        assert (entry.details, entry.request_id) == ({"changed": ["role"], "role": "manager"}, "request-1")

    def test_neither_passwords_nor_tokens_nor_what_was_typed_as_a_name(
        self, database: Database, issuer: Issuer, ada: User
    ) -> None:
        typed = f"my-secret-{new_id().hex}"
        attempt(database, issuer, typed, WRONG)
        attempt(database, issuer, ada.name, RIGHT)
        token = signed_in(database, issuer, ada)
        with database.transaction() as db:
            rows = json.dumps([str(tuple(row)) for row in db.execute(select(models.AuditEntry.__table__))])
        for secret in (typed, RIGHT, WRONG, token.access_token, token.refresh_token or ""):
            assert secret not in rows


class TestItStaysAsWritten:
    @pytest.mark.parametrize("change", ["UPDATE audit_entries SET action = 'x'", "TRUNCATE audit_entries"])
    def test_the_database_refuses_changes(self, database: Database, ada: User, change: str) -> None:
        assert audited(database, ada)
        with pytest.raises(InternalError, match="never changed"), database.transaction() as db:
            db.execute(text(change))


class TestListAuditEntries:
    @pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
    def test_it_is_read_by_filters_the_newest_on_top_page_by_page(
        self, database: Database, admin: Caller, role: Role
    ) -> None:
        began = clock.now()
        with calling(admin), database.transaction() as db:
            made = [people.create_user(db, CreateUser(name=f"new-{new_id().hex}", full_name="New")) for _ in range(5)]
        reader = user_of(role)
        found = read(database, reader, actor=admin.id, action="user.created", since=began, limit=2)
        assert [entry.target for entry in found] == [user.id for user in reversed(made)]
        assert found[0].actor is not None
        assert (found[0].actor.kind, found[0].actor.name) == ("user", admin.name)
        assert read(database, reader, actor=admin.id, since=clock.now()) == []
        assert read(database, reader, actor=admin.id, action="user.updated") == []

    @pytest.mark.parametrize(
        "caller", [user_of(Role.REP), user_of(Role.MANAGER), user_of(Role.INTEGRATION), process_named("pool")]
    )
    def test_others_may_not(self, database: Database, caller: Caller) -> None:
        with refused(NotPermitted, "identity.auditors_only"):
            read(database, caller)

    def test_a_made_up_cursor_is_refused(self, database: Database, admin: Caller) -> None:
        with refused(InvalidInput, "cursor.invalid"), calling(admin), database.transaction() as db:
            auditing.list_entries(db, ListAuditEntries(cursor="x"))


class TestForgetOld:
    def test_it_deletes_what_is_older_than_400_days_and_keeps_the_rest(self, database: Database, ada: User) -> None:
        with database.transaction() as db:
            for days in (401, 399):
                moment = clock.now() - timedelta(days=days)
                db.add(
                    models.AuditEntry(
                        id=new_id(), at=moment, action=f"{days}", target=ada.id, details={}, request_id=""
                    )
                )
        with database.transaction() as db:
            assert auditing.forget_old(db) is False
        assert [entry.action for entry in audited(database, ada)] == ["user.created", "399"]


class TestThrottlingByAddress:
    def test_fifty_failures_from_one_address_lock_it_for_every_name_but_no_other_address(
        self, database: Database, issuer: Issuer, ada: User
    ) -> None:
        address = "192.0.2.200"
        with database.transaction() as db:
            for _ in range(rules.FAILURES_OF_ADDRESS):
                name = f"nobody-{new_id().hex}"
                db.add(models.SignInFailure(id=new_id(), name=name, address=address, failed_at=clock.now()))
        with refused(NotPermitted, "auth.locked"), at(database, address) as db:
            sign_in.sign_in(db, SignIn(name=ada.name, password=RIGHT), issuer)
        with at(database, HOME) as db:
            assert sign_in.sign_in(db, SignIn(name=ada.name, password=RIGHT), issuer).access_token
        with database.transaction() as db:
            db.execute(update(models.SignInFailure).values(failed_at=clock.now() - rules.WINDOW))
        with at(database, address) as db:
            assert sign_in.sign_in(db, SignIn(name=ada.name, password=RIGHT), issuer).access_token
