"""Sessions and their refresh tokens, against a real database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select, update

from contracts.errors import CallError, NotFound, NotPermitted
from contracts.identity.departments import CreateDepartment
from contracts.identity.sessions import AccessToken, EndSessions, RefreshTokens, Session, SignOut
from contracts.identity.users import User
from contracts.values import Role
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import Database, new_id
from servicekit.testing import calling, process_named, refused, user_of
from servicekit.tokens import Verifier
from services.identity import models, refresh_tokens, rules
from services.identity.issuer import Issuer
from services.identity.operations import departments, sessions
from tests.integration.identity.acting import HOME, OFFICE, at, audited, signed_in, somebody


@pytest.fixture
def ada(database: Database) -> User:
    """Somebody who can sign in."""
    return somebody(database)


def refresh(database: Database, issuer: Issuer, token: AccessToken, *, address: str = HOME) -> AccessToken:
    """The next pair of tokens."""
    assert token.refresh_token is not None
    with at(database, address) as db:
        return sessions.refresh(db, RefreshTokens(refresh_token=token.refresh_token), issuer)


def sign_out(database: Database, token: AccessToken) -> int:
    """How many sessions that ended."""
    assert token.refresh_token is not None
    with at(database, HOME) as db:
        return sessions.sign_out(db, SignOut(refresh_token=token.refresh_token)).ended


def listed(database: Database, issuer: Issuer, caller: Caller) -> list[Session]:
    """The caller's own sessions."""
    with calling(caller), database.transaction() as db:
        return sessions.list_mine(db, issuer).items


def time_passes(database: Database, user: User, time: timedelta) -> None:
    """As much as matters to this person's sessions."""
    with database.transaction() as db:
        moved = update(models.Session).values(refreshed_at=models.Session.refreshed_at - time)
        db.execute(moved.where(models.Session.user_id == user.id))


def kept(database: Database, user: User) -> list[models.Session]:
    """The rows of this person's sessions."""
    with database.transaction() as db:
        return list(db.scalars(select(models.Session).where(models.Session.user_id == user.id)).all())


class TestRefresh:
    def test_it_gives_another_pair_of_the_same_session(
        self, database: Database, issuer: Issuer, verifier: Verifier, ada: User
    ) -> None:
        first = signed_in(database, issuer, ada)
        second = refresh(database, issuer, first)
        third = refresh(database, issuer, second)
        assert len({each.refresh_token for each in (first, second, third)}) == 3
        callers = [verifier.verify(each.access_token) for each in (first, second, third)]
        assert {caller.session for caller in callers} == {kept(database, ada)[0].id}

    def test_the_new_token_says_what_is_true_of_the_person_now(
        self, database: Database, issuer: Issuer, verifier: Verifier, ada: User, admin: Caller
    ) -> None:
        token = signed_in(database, issuer, ada)
        with calling(admin), database.transaction() as db:
            db.get_one(models.User, ada.id).role = Role.MANAGER
            led = departments.create_department(db, CreateDepartment(name=f"Led {ada.id}", manager_id=ada.id))
        caller = verifier.verify(refresh(database, issuer, token).access_token)
        assert (caller.role, caller.departments) == (Role.MANAGER, (led.id,))

    def test_an_inactive_person_gets_none_and_is_signed_out(
        self, database: Database, issuer: Issuer, ada: User
    ) -> None:
        token = signed_in(database, issuer, ada)
        with database.transaction() as db:
            db.get_one(models.User, ada.id).active = False
        with refused(NotPermitted, "auth.session_ended"):
            refresh(database, issuer, token)
        assert kept(database, ada) == []

    @pytest.mark.parametrize("text", ["x", "A" * 64, "密码", "!" * 64])
    def test_what_is_no_refresh_token_is_refused(self, database: Database, issuer: Issuer, text: str) -> None:
        with refused(NotPermitted, "auth.session_ended"), at(database, HOME) as db:
            sessions.refresh(db, RefreshTokens(refresh_token=text), issuer)

    def test_it_keeps_the_session_alive(self, database: Database, issuer: Issuer, ada: User) -> None:
        token = signed_in(database, issuer, ada)
        for _ in range(3):
            time_passes(database, ada, timedelta(days=29))
            token = refresh(database, issuer, token)
        time_passes(database, ada, timedelta(days=30, seconds=1))
        with refused(NotPermitted, "auth.session_ended"):
            refresh(database, issuer, token)

    def test_no_token_is_kept_in_clear(self, database: Database, issuer: Issuer, ada: User) -> None:
        token = signed_in(database, issuer, ada)
        with database.transaction() as db:
            row = db.execute(select(models.Session.__table__).where(models.Session.user_id == ada.id)).one()
        assert token.refresh_token is not None
        assert token.refresh_token not in str(row)
        assert all(len(row._mapping[name]) == 32 for name in ("family_hash", "token_hash"))


class TestASpentToken:
    def test_later_it_ends_the_session_for_the_thief_and_for_its_owner(
        self, database: Database, issuer: Issuer, ada: User
    ) -> None:
        stolen = signed_in(database, issuer, ada)
        owners = refresh(database, issuer, stolen)
        time_passes(database, ada, rules.LOST_ANSWER + timedelta(seconds=1))
        for token in (stolen, owners):
            with refused(NotPermitted, "auth.session_ended"):
                refresh(database, issuer, token)
        assert audited(database, ada)[-1].action == "session.token_reused"

    def test_it_ends_no_other_session_of_the_person(self, database: Database, issuer: Issuer, ada: User) -> None:
        other, stolen = signed_in(database, issuer, ada), signed_in(database, issuer, ada)
        refresh(database, issuer, refresh(database, issuer, stolen))
        with refused(NotPermitted, "auth.session_ended"):
            refresh(database, issuer, stolen)
        assert refresh(database, issuer, other).refresh_token

    def test_for_a_moment_it_gives_another_successor_and_voids_the_one_that_was_lost(
        self, database: Database, issuer: Issuer, ada: User
    ) -> None:
        token = signed_in(database, issuer, ada)
        lost = refresh(database, issuer, token)
        got = refresh(database, issuer, token)
        assert got.refresh_token != lost.refresh_token
        assert refresh(database, issuer, got).refresh_token
        with refused(NotPermitted, "auth.session_ended"):
            refresh(database, issuer, lost)
        assert kept(database, ada) == []

    def test_repeating_does_not_prolong_the_moment(self, database: Database, issuer: Issuer, ada: User) -> None:
        token = signed_in(database, issuer, ada)
        refresh(database, issuer, token)
        time_passes(database, ada, timedelta(seconds=6))
        refresh(database, issuer, token)
        time_passes(database, ada, timedelta(seconds=6))
        with refused(NotPermitted, "auth.session_ended"):
            refresh(database, issuer, token)

    def test_of_many_at_once_only_the_last_answer_is_good(self, database: Database, issuer: Issuer, ada: User) -> None:
        token, together = signed_in(database, issuer, ada), Barrier(4, timeout=10)

        def attempt(_: int) -> AccessToken:
            together.wait()
            return refresh(database, issuer, token)

        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(attempt, range(4)))
        good = [answer for answer in answers if _hash_of(answer) == kept(database, ada)[0].token_hash]
        assert len(good) == 1


def _hash_of(token: AccessToken) -> bytes:
    secret = refresh_tokens.read(token.refresh_token or "")
    assert secret is not None
    return secret.own_hash


class TestSignOut:
    def test_it_ends_this_session_and_no_other(self, database: Database, issuer: Issuer, ada: User) -> None:
        here, there = signed_in(database, issuer, ada), signed_in(database, issuer, ada)
        assert sign_out(database, here) == 1
        with refused(NotPermitted, "auth.session_ended"):
            refresh(database, issuer, here)
        assert refresh(database, issuer, there).refresh_token

    def test_a_token_that_was_spent_meanwhile_signs_out_too(
        self, database: Database, issuer: Issuer, ada: User
    ) -> None:
        token = signed_in(database, issuer, ada)
        refresh(database, issuer, token)
        assert sign_out(database, token) == 1
        assert kept(database, ada) == []

    def test_once_more_or_with_any_text_it_ends_nothing(self, database: Database, issuer: Issuer, ada: User) -> None:
        token = signed_in(database, issuer, ada)
        sign_out(database, token)
        assert sign_out(database, token) == 0
        assert sign_out(database, token.model_copy(update={"refresh_token": "made up"})) == 0


class TestListMine:
    def test_it_tells_when_and_where_each_was_used_and_which_one_asks(
        self, database: Database, issuer: Issuer, verifier: Verifier, ada: User
    ) -> None:
        old = signed_in(database, issuer, ada, address=OFFICE)
        time_passes(database, ada, timedelta(hours=1))
        new = signed_in(database, issuer, ada, address=HOME)
        found = listed(database, issuer, verifier.verify(old.access_token))
        assert [(each.address, each.current) for each in found] == [(HOME, False), (OFFICE, True)]
        refresh(database, issuer, old, address="192.0.2.4")
        found = listed(database, issuer, verifier.verify(new.access_token))
        assert [(each.address, each.current) for each in found] == [("192.0.2.4", False), (HOME, True)]
        assert found[0].last_used_at == pytest.approx(clock.now(), abs=timedelta(seconds=20))
        assert found[0].expires_at - found[0].last_used_at == timedelta(days=30)

    def test_it_shows_only_ones_own_and_none_that_has_expired(
        self, database: Database, issuer: Issuer, ada: User
    ) -> None:
        signed_in(database, issuer, somebody(database))
        signed_in(database, issuer, ada)
        time_passes(database, ada, timedelta(days=31))
        assert listed(database, issuer, user_of(Role.REP, user_id=ada.id)) == []

    def test_it_is_for_people(self, database: Database, issuer: Issuer) -> None:
        with refused(NotPermitted, "auth.users_only"):
            listed(database, issuer, process_named("pool"))

    def test_beyond_fifty_the_one_used_longest_ago_ends(self, database: Database, issuer: Issuer, ada: User) -> None:
        oldest = signed_in(database, issuer, ada)
        time_passes(database, ada, timedelta(days=1))
        with at(database, HOME) as db:
            user = db.get_one(models.User, ada.id)
            for _ in range(rules.MOST_SESSIONS):
                sessions.begin(db, user, issuer)
        assert len(kept(database, ada)) == rules.MOST_SESSIONS
        with refused(NotPermitted, "auth.session_ended"):
            refresh(database, issuer, oldest)


class TestEndingThemAll:
    def test_a_person_signs_out_everywhere(
        self, database: Database, issuer: Issuer, verifier: Verifier, ada: User
    ) -> None:
        tokens = [signed_in(database, issuer, ada) for _ in range(2)]
        bystander = signed_in(database, issuer, somebody(database))
        with at(database, HOME, verifier.verify(tokens[0].access_token)) as db:
            assert sessions.end_mine(db).ended == 2
        for token in tokens:
            with refused(NotPermitted, "auth.session_ended"):
                refresh(database, issuer, token)
        assert refresh(database, issuer, bystander).refresh_token

    @pytest.mark.parametrize("caller", [user_of(Role.ADMIN), process_named("cli")])
    def test_an_admin_or_the_command_line_signs_somebody_out(
        self, database: Database, issuer: Issuer, ada: User, caller: Caller
    ) -> None:
        signed_in(database, issuer, ada)
        with calling(caller), database.transaction() as db:
            assert sessions.end(db, EndSessions(user_id=ada.id)).ended == 1
        assert kept(database, ada) == []

    @pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
    def test_others_may_not(self, database: Database, issuer: Issuer, ada: User, role: Role) -> None:
        signed_in(database, issuer, ada)
        with (
            refused(NotPermitted, "identity.admins_only"),
            calling(user_of(role, user_id=ada.id)),
            database.transaction() as db,
        ):
            sessions.end(db, EndSessions(user_id=ada.id))
        assert len(kept(database, ada)) == 1

    def test_an_unknown_user_is_not_found(self, database: Database, admin: Caller) -> None:
        with refused(NotFound, "user.not_found"), calling(admin), database.transaction() as db:
            sessions.end(db, EndSessions(user_id=new_id()))

    def test_a_refresh_at_the_same_moment_does_not_outlive_it(
        self, database: Database, issuer: Issuer, ada: User
    ) -> None:
        for _ in range(5):
            token, together = signed_in(database, issuer, ada), Barrier(2, timeout=10)

            def go_on(token: AccessToken = token, together: Barrier = together) -> AccessToken | None:
                together.wait()
                try:
                    return refresh(database, issuer, token)
                except CallError:
                    return None

            def end(together: Barrier = together) -> None:
                together.wait()
                with database.transaction() as db:
                    sessions.end_all(db, ada.id)

            with ThreadPoolExecutor(2) as threads:
                threads.submit(go_on)
                threads.submit(end).result()
            assert kept(database, ada) == []


class TestForgetExpired:
    def test_it_deletes_those_that_nobody_refreshed_and_keeps_the_rest(
        self, database: Database, issuer: Issuer, ada: User
    ) -> None:
        signed_in(database, issuer, ada)
        time_passes(database, ada, timedelta(days=31))
        signed_in(database, issuer, ada)
        with database.transaction() as db:
            assert sessions.forget_expired(db, issuer) is False
        assert len(kept(database, ada)) == 1
