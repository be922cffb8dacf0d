"""Sign-in, its throttling and the tokens it gives, against a real database."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from contracts.errors import NotFound, NotPermitted
from contracts.identity.departments import CreateDepartment
from contracts.identity.sessions import AccessToken, IssueToken, SignIn
from contracts.identity.users import CreateUser, User
from contracts.values import Role
from servicekit import clock
from servicekit.context import Caller
from servicekit.database import Database, new_id
from servicekit.testing import calling, process_named, refused, user_of
from servicekit.tokens import Verifier
from services.identity import models, rules
from services.identity.issuer import Issuer
from services.identity.operations import attempts, departments, people, tokens
from services.identity.operations import sign_in as signing_in

RIGHT, WRONG = "correct horse", "battery staple"


@pytest.fixture
def ada(database: Database, cli: Caller) -> User:
    """Somebody with a password and a name that no other test uses."""
    name = f"ada-{new_id().hex}"
    with calling(cli), database.transaction() as db:
        return people.create_user(db, CreateUser(name=name, full_name="Ada Lovelace", password=RIGHT))


def sign_in(database: Database, issuer: Issuer, name: str, password: str) -> AccessToken:
    """One attempt, as anybody may make it."""
    with database.transaction() as db:
        return signing_in.sign_in(db, SignIn(name=name, password=password), issuer)


def failed_before(database: Database, name: str, *minutes: float) -> None:
    """Failures that lie so many minutes back."""
    with database.transaction() as db:
        for each in minutes:
            moment = clock.now() - timedelta(minutes=each)
            db.add(models.SignInFailure(id=new_id(), name=name, failed_at=moment))


def failures_of(database: Database, name: str) -> int:
    """How many are kept."""
    with database.transaction() as db:
        kept = sqlalchemy.select(models.SignInFailure).where(models.SignInFailure.name == name)
        return len(db.scalars(kept).all())


class TestSignIn:
    def test_the_right_password_gives_a_token_that_speaks_for_the_person(
        self, database: Database, issuer: Issuer, verifier: Verifier, ada: User
    ) -> None:
        token = sign_in(database, issuer, ada.name, RIGHT)
        assert (token.token_type, token.expires_in) == ("Bearer", 900)
        caller = verifier.verify(token.access_token)
        assert caller == Caller(id=str(ada.id), name="Ada Lovelace", kind="user", role=Role.REP, session=caller.session)
        assert caller.session is not None

    def test_the_case_of_the_name_does_not_matter(self, database: Database, issuer: Issuer, ada: User) -> None:
        assert sign_in(database, issuer, ada.name.upper(), RIGHT).access_token

    @pytest.mark.parametrize("password", [WRONG, RIGHT.upper(), RIGHT + " ", "\x00", "密码"])
    def test_any_other_password_is_refused(self, database: Database, issuer: Issuer, ada: User, password: str) -> None:
        with refused(NotPermitted, "auth.bad_credentials"):
            sign_in(database, issuer, ada.name, password)

    def test_unknown_and_inactive_people_and_those_without_a_password_hear_the_same(
        self, database: Database, issuer: Issuer, cli: Caller, ada: User
    ) -> None:
        unknown, passwordless = f"nobody-{new_id().hex}", f"single-{new_id().hex}"
        with calling(cli), database.transaction() as db:
            people.create_user(db, CreateUser(name=passwordless, full_name="Single Sign-On"))
            db.get_one(models.User, ada.id).active = False
        refusals = []
        for name in (unknown, passwordless, ada.name):
            with pytest.raises(NotPermitted) as caught:
                sign_in(database, issuer, name, RIGHT)
            refusals.append(caught.value.body())
        assert refusals[0].code == "auth.bad_credentials"
        assert refusals[0] == refusals[1] == refusals[2]

    def test_an_unknown_name_takes_as_long_as_a_known_one(self, database: Database, issuer: Issuer, ada: User) -> None:
        def seconds(name: str) -> float:
            began = time.perf_counter()
            with refused(NotPermitted, "auth.bad_credentials"):
                sign_in(database, issuer, name, WRONG)
            return time.perf_counter() - began

        pairs = [(seconds(ada.name), seconds(f"nobody-{new_id().hex}")) for _ in range(3)]
        known, unknown = (min(each) for each in zip(*pairs, strict=True))
        assert known / 5 < unknown < known * 5  # without the hash it would be a fiftieth


class TestThrottling:
    def test_after_five_failures_even_the_right_password_is_locked_out(
        self, database: Database, issuer: Issuer, ada: User
    ) -> None:
        for _ in range(5):
            with refused(NotPermitted, "auth.bad_credentials"):
                sign_in(database, issuer, ada.name, WRONG)
        with pytest.raises(NotPermitted) as locked:
            sign_in(database, issuer, ada.name, RIGHT)
        assert (locked.value.code, locked.value.detail) == (
            "auth.locked",
            "Too many failed sign-ins. Try again in 15 minutes.",
        )
        assert locked.value.retry_after == pytest.approx(900, abs=30)

    def test_an_unknown_name_is_locked_in_the_same_way(self, database: Database, issuer: Issuer) -> None:
        name = f"nobody-{new_id().hex}"
        failed_before(database, name, 1, 1, 1, 1, 1)
        with refused(NotPermitted, "auth.locked"):
            sign_in(database, issuer, name, RIGHT)

    def test_the_case_of_the_name_opens_no_second_account_of_failures(
        self, database: Database, issuer: Issuer, ada: User
    ) -> None:
        failed_before(database, ada.name, 1, 1, 1, 1, 1)
        with refused(NotPermitted, "auth.locked"):
            sign_in(database, issuer, ada.name.upper(), RIGHT)

    def test_it_opens_again_when_the_window_has_passed(self, database: Database, issuer: Issuer, ada: User) -> None:
        failed_before(database, ada.name, 15, 14, 14, 14, 14)
        assert sign_in(database, issuer, ada.name, RIGHT).access_token

    def test_attempts_on_a_locked_name_do_not_prolong_the_lock(
        self, database: Database, issuer: Issuer, ada: User
    ) -> None:
        failed_before(database, ada.name, 1, 1, 1, 1, 1)
        with refused(NotPermitted, "auth.locked"):
            sign_in(database, issuer, ada.name, WRONG)
        assert failures_of(database, ada.name) == 5

    def test_one_name_does_not_lock_another(self, database: Database, issuer: Issuer, ada: User) -> None:
        failed_before(database, f"eve-{new_id().hex}", 1, 1, 1, 1, 1)
        assert sign_in(database, issuer, ada.name, RIGHT).access_token


class TestARushOfSignIns:
    """Processes of their own: green threads inside, and two replicas that must agree."""

    @staticmethod
    def start(database: Database, keys: Path, name: str, passwords: list[str]) -> subprocess.Popen[str]:
        base = database.url.removesuffix("_identity").replace("+psycopg2", "")
        return subprocess.Popen(
            [sys.executable, "-m", "tests.integration.identity.rush", str(keys / "identity.pem"), name, *passwords],
            env={**os.environ, "CRM_DATABASE_URL": base},
            cwd=Path(__file__).parents[3],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @staticmethod
    def outcome(process: subprocess.Popen[str]) -> dict[str, Any]:
        printed, complaints = process.communicate(timeout=60)
        assert process.returncode == 0, complaints
        result: dict[str, Any] = json.loads(printed)
        return result

    def test_guesses_made_at_once_on_two_replicas_get_five_answers_in_all(
        self, database: Database, keys: Path, ada: User
    ) -> None:
        replicas = [self.start(database, keys, ada.name, [WRONG] * 4) for _ in range(2)]
        answers = Counter(answer for replica in replicas for answer in self.outcome(replica)["answers"])
        assert answers == {"auth.bad_credentials": 5, "auth.locked": 3}
        assert failures_of(database, ada.name) == 5

    def test_right_passwords_at_once_never_lock_each_other_out_and_what_can_not_wait_is_told_to_come_back(
        self, database: Database, keys: Path, ada: User
    ) -> None:
        answers = Counter(self.outcome(self.start(database, keys, ada.name, [RIGHT] * 30))["answers"])
        assert set(answers) == {"signed in", "identity.busy"}
        assert failures_of(database, ada.name) == 0

    def test_other_work_goes_on_while_a_password_is_checked(self, database: Database, keys: Path, ada: User) -> None:
        # Without the native thread the bystander would wait for the whole hash, and get a handful of turns in all.
        assert self.outcome(self.start(database, keys, ada.name, [RIGHT]))["turns"] >= 20


class TestForgetOldFailures:
    def test_it_deletes_what_no_longer_counts_and_keeps_the_rest(self, database: Database) -> None:
        name = f"eve-{new_id().hex}"
        failed_before(database, name, 60, 16, 14, 1)
        with database.transaction() as db:
            assert attempts.forget_old_failures(db) is False
        assert failures_of(database, name) == 2


class TestIssueToken:
    def test_the_command_line_gets_one_without_a_password(
        self, database: Database, issuer: Issuer, verifier: Verifier, cli: Caller, ada: User
    ) -> None:
        with calling(cli), database.transaction() as db:
            token = tokens.issue_token(db, IssueToken(name=ada.name), issuer)
        assert verifier.verify(token.access_token).id == str(ada.id)

    @pytest.mark.parametrize("caller", [*(user_of(role) for role in Role), process_named("gateway")])
    def test_nobody_else_does(self, database: Database, issuer: Issuer, ada: User, caller: Caller) -> None:
        with (
            refused(NotPermitted, "identity.command_line_only"),
            calling(caller),
            database.transaction() as db,
        ):
            tokens.issue_token(db, IssueToken(name=ada.name), issuer)

    def test_an_unknown_name_is_not_found(self, database: Database, issuer: Issuer, cli: Caller) -> None:
        with refused(NotFound, "user.not_found"), calling(cli), database.transaction() as db:
            tokens.issue_token(db, IssueToken(name="nobody.at.all"), issuer)


class TestWhatATokenSays:
    @pytest.fixture
    def company(self, database: Database, cli: Caller) -> dict[str, Any]:
        """A department whose named manager holds the given role, and one below it."""
        with calling(cli), database.transaction() as db:
            user = people.create_user(db, CreateUser(name=f"boss-{new_id().hex}", full_name="Boss", role=Role.REP))
            sales = CreateDepartment(name=f"Sales {user.id}", manager_id=user.id)
            above = departments.create_department(db, sales)
            below = departments.create_department(db, CreateDepartment(name="East", parent_id=above.id))
            db.get_one(models.User, user.id).department_id = above.id
        return {"user": user, "above": above.id, "below": below.id}

    @pytest.mark.parametrize("role", Role)
    def test_role_department_and_for_managers_those_they_answer_for(
        self,
        database: Database,
        issuer: Issuer,
        verifier: Verifier,
        cli: Caller,
        company: dict[str, Any],
        role: Role,
    ) -> None:
        with calling(cli), database.transaction() as db:
            db.get_one(models.User, company["user"].id).role = role
            db.flush()
            token = tokens.issue_token(db, IssueToken(name=company["user"].name), issuer)
        caller = verifier.verify(token.access_token)
        assert (caller.role, caller.department) == (role, company["above"])
        led = {company["above"], company["below"]} if rules.leads_departments(role) else set()
        assert set(caller.departments) == led
