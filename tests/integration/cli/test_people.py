"""`crm users`, `departments` and `keys` over a running suite that began without anybody in it."""

import os
import pty
import subprocess
import sys
from datetime import date, timedelta

import pytest

from deploy.local.suite import COMMAND_LINE, PROJECT
from servicekit.clock import now
from servicekit.database import new_id
from services.identity import passwords
from tests.integration.cli.conftest import House

# The first test of a session waits for a whole suite to start.
pytestmark = pytest.mark.timeout(400)


def a_name(kind: str) -> str:
    """One that no other test uses."""
    return f"{kind}-{new_id().hex[-12:]}"


def signs_in(house: House, name: str, password: str) -> bool:
    """Whether this is what the person's password is kept for."""
    ((kept,),) = house.rows("identity", "SELECT password_hash FROM users WHERE name = %s", name)
    return passwords.matches(password, str(kept))


def said(house: House, *arguments: str) -> str:
    """What a command that works says."""
    done = house.crm(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def complaint(house: House, *arguments: str) -> str:
    """The one line that a command is refused with."""
    done = house.crm(*arguments)
    assert done.returncode == 1, done.stdout
    (line,) = done.stderr.splitlines()
    return line


def wait_for_prompt(command: "subprocess.Popen[str]") -> None:
    """Until a question's last character, a space; what is typed before is thrown away."""
    assert command.stderr is not None
    while (character := command.stderr.read(1)) != " ":
        assert character, "the command ended without asking"


@pytest.fixture(scope="module")
def admin(house: House) -> str:
    """The first administrator, whom nobody but the command could make."""
    name = a_name("admin")
    assert "admin" in said(house, "users", "add", name, "--role", "admin")
    return name


class TestUsers:
    def test_the_first_administrator_gets_a_token_and_may_administer(self, house: House, admin: str) -> None:
        assert said(house, "token", admin).count(".") == 2
        (mine,) = [user for user in house.answer("users", "list")["items"] if user["name"] == admin]
        assert (mine["role"], mine["full_name"], mine["active"]) == ("admin", admin, True)

    def test_a_password_is_made_and_shown_once(self, house: House) -> None:
        name = a_name("ada")
        password = said(house, "users", "add", name).splitlines()[-1].removeprefix("Password, shown this once: ")
        assert signs_in(house, name, password)
        assert password not in said(house, "users", "list")

    def test_programs_get_it_too(self, house: House) -> None:
        name = a_name("ada")
        made = house.answer("users", "add", name, "--full-name", "Ada Lovelace", "--language", "pl")
        assert (made["name"], made["full_name"], made["language"]) == (name, "Ada Lovelace", "pl")
        assert signs_in(house, name, made["password"])

    def test_on_a_terminal_it_is_asked_for_twice_and_not_shown(self, house: House) -> None:
        name, password = a_name("ada"), "correct horse"
        keyboard, terminal = pty.openpty()
        command = subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", "users", "add", name],
            env={**os.environ, **house.suite.settings_of(COMMAND_LINE)},
            cwd=PROJECT,
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        for _ in ("typed", "repeated"):
            wait_for_prompt(command)
            os.write(keyboard, f"{password}\n".encode())
        printed, asked = command.communicate(timeout=60)
        os.close(keyboard)
        os.close(terminal)
        assert command.returncode == 0, asked
        assert signs_in(house, name, password)
        assert password not in printed + asked

    def test_another_password_may_be_made(self, house: House) -> None:
        name = a_name("ada")
        said(house, "users", "add", name)
        password = said(house, "users", "password", name).splitlines()[-1].removeprefix("Password, shown this once: ")
        assert signs_in(house, name, password)

    def test_somebody_leaves_and_comes_back(self, house: House) -> None:
        name = a_name("ada")
        said(house, "users", "add", name)
        said(house, "users", "deactivate", name)
        assert complaint(house, "token", name) == "There is no such user."
        said(house, "users", "reactivate", name)
        said(house, "token", name)

    def test_somebody_gets_another_role(self, house: House) -> None:
        name = a_name("ada")
        said(house, "users", "add", name)
        assert said(house, "users", "role", name, "auditor") == f"{name} is auditor now.\n"

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("users", "role", "nobody-at-all", "rep"), "There is no user nobody-at-all. See: crm users list"),
            (("users", "add", "Ada Lovelace"), "name: String should match pattern"),
            (("users", "add", "ada", "--email", "nowhere"), "email: value is not a valid email address"),
            (
                ("users", "add", "ada", "--time-zone", "Mars"),
                "This is not a time zone's IANA name, e.g. Europe/Warsaw.",
            ),
            (("users", "add", "ada", "--role", "integration"), "This role is for programs. Make an API key instead."),
            (("users", "add", "ada", "--department", "Mars"), "There is no department Mars. See: crm departments list"),
            (("keys", "revoke", "no-such-key"), "There is no API key no-such-key. See: crm keys list"),
        ],
        ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
    )
    def test_what_is_wrong_is_one_line(self, house: House, arguments: tuple[str, ...], told: str) -> None:
        assert complaint(house, *arguments).startswith(told)


class TestDepartments:
    def test_a_tree_with_its_managers(self, house: House) -> None:
        europe, sales, leader = a_name("europe"), a_name("sales"), a_name("mona")
        said(house, "users", "add", leader, "--full-name", "Mona Manager", "--role", "manager")
        said(house, "departments", "add", europe)
        said(house, "departments", "add", sales, "--parent", europe)
        assert said(house, "departments", "manager", f"{europe}/{sales}", leader).startswith("Mona Manager leads")
        lines = said(house, "departments", "list").splitlines()
        (above,) = [number for number, line in enumerate(lines) if line.endswith(europe)]
        assert lines[above + 1].endswith(f"{sales} Mona Manager")
        assert lines[above + 1].index(sales) > lines[above].index(europe)

    def test_one_name_in_two_places_is_told_apart_by_its_path(self, house: House) -> None:
        sales, places = a_name("sales"), [a_name("europe"), a_name("asia")]
        for place in places:
            said(house, "departments", "add", place)
            said(house, "departments", "add", sales, "--parent", place)
        told = complaint(house, "users", "add", a_name("ada"), "--department", sales)
        assert told.startswith(f"There are several departments {sales}: write ")
        made = house.answer("users", "add", a_name("ada"), "--department", f"{places[1]}/{sales}")
        (wanted,) = [
            each for each in house.answer("departments", "list")["items"] if each["id"] == made["department_id"]
        ]
        assert wanted["name"] == sales


class TestKeys:
    def test_a_key_is_printed_once_listed_and_revoked(self, house: House) -> None:
        name = a_name("telephony")
        scopes = ("--scope", "customer:read", "--scope", "activity:write")
        key = said(house, "keys", "add", name, *scopes).strip()
        assert key.startswith("tl_")
        listed = said(house, "keys", "list")
        assert name in listed
        assert key not in listed
        said(house, "keys", "revoke", name)
        (found,) = [each for each in house.answer("keys", "list")["items"] if each["name"] == name]
        assert found["revoked_at"] is not None
        assert found["scopes"] == ["activity:write", "customer:read"]
        assert complaint(house, "keys", "revoke", name).startswith(f"There is no API key {name}")

    def test_a_key_may_have_a_last_day(self, house: House) -> None:
        tomorrow = now().date() + timedelta(days=1)
        made = house.answer("keys", "add", a_name("billing"), "--scope", "pool:read", "--expires-on", str(tomorrow))
        assert date.fromisoformat(made["expires_on"]) == tomorrow

    def test_a_scope_that_there_is_not_is_refused_with_those_that_there_are(self, house: House) -> None:
        done = house.crm("keys", "add", "billing", "--scope", "everything")
        assert done.returncode == 2
        assert "customer:read" in done.stderr
