"""The decisions about people, departments and sign-in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from contracts.errors import Conflict, InvalidInput, NotPermitted
from contracts.values import Role
from services.identity import rules

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SALES, EAST, WEST = UUID(int=1), UUID(int=2), UUID(int=3)


@dataclass(frozen=True)
class Somebody:
    """A caller, as the rules see one."""

    kind: str
    id: str
    role: str = ""


PEOPLE = {role: Somebody("user", str(UUID(int=9)), role) for role in Role if role is not Role.INTEGRATION}
PROGRAM = Somebody("integration", str(UUID(int=9)), Role.INTEGRATION)
COMMAND_LINE = Somebody("system", "cli")
POOL_SERVICE = Somebody("system", "pool")
IMPOSTOR = Somebody("user", "cli", Role.REP)
EVERYBODY = [*PEOPLE.values(), PROGRAM, COMMAND_LINE, POOL_SERVICE, IMPOSTOR]


class TestWhoMayDoWhat:
    @pytest.mark.parametrize(
        ("rule", "permitted", "code"),
        [
            (rules.require_reader, [*PEOPLE.values(), PROGRAM, COMMAND_LINE, IMPOSTOR], "auth.users_only"),
            (
                rules.require_key_reader,
                [PEOPLE[Role.ADMIN], PEOPLE[Role.AUDITOR], COMMAND_LINE],
                "identity.auditors_only",
            ),
            (rules.require_process, [COMMAND_LINE, POOL_SERVICE], "auth.services_only"),
            (rules.require_command_line, [COMMAND_LINE], "identity.command_line_only"),
            (rules.require_admin, [PEOPLE[Role.ADMIN]], "identity.admins_only"),
            (rules.require_founder, [PEOPLE[Role.ADMIN], COMMAND_LINE], "identity.admins_only"),
            (rules.require_auditor, [PEOPLE[Role.ADMIN], PEOPLE[Role.AUDITOR]], "identity.auditors_only"),
        ],
    )
    def test_each_rule_lets_its_own_pass_and_tells_all_others_why_not(
        self, rule: Callable[[Somebody], None], permitted: list[Somebody], code: str
    ) -> None:
        for caller in EVERYBODY:
            if caller in permitted:
                rule(caller)
            else:
                with pytest.raises(NotPermitted) as refused:
                    rule(caller)
                assert refused.value.code == code

    def test_a_process_does_not_become_an_admin_by_claiming_the_role(self) -> None:
        with pytest.raises(NotPermitted):
            rules.require_admin(Somebody("system", "pool", Role.ADMIN))


class TestLeadsDepartments:
    @pytest.mark.parametrize("role", Role)
    def test_only_managers_answer_for_departments(self, role: Role) -> None:
        assert rules.leads_departments(role) == (role == Role.MANAGER)


def ago(*minutes: float) -> list[datetime]:
    """Moments that lie so many minutes back."""
    return [NOW - timedelta(minutes=each) for each in minutes]


class TestLockedUntil:
    @pytest.mark.parametrize(
        "failures",
        [
            ago(),
            ago(1, 2, 3, 4),
            ago(15, 1, 2, 3, 4),
            ago(60, 59, 58, 57, 56, 55),
        ],
    )
    def test_a_name_is_open_with_fewer_than_five_failures_in_fifteen_minutes(self, failures: list[datetime]) -> None:
        assert rules.locked_until(failures, NOW) is None

    @pytest.mark.parametrize(
        ("failures", "minutes"),
        [
            (ago(0, 0, 0, 0, 0), 15),
            (ago(14, 3, 2, 1, 0), 1),
            (ago(0, 1, 2, 3, 14), 1),
            (ago(40, 30, 10, 4, 3, 2, 1), 5),
            (ago(14, 10, 4, 3, 2, 1), 5),
        ],
    )
    def test_it_is_locked_until_the_fifth_latest_failure_is_fifteen_minutes_old(
        self, failures: list[datetime], minutes: int
    ) -> None:
        assert rules.locked_until(failures, NOW) == NOW + timedelta(minutes=minutes)

    def test_an_address_is_open_until_fifty(self) -> None:
        limit = rules.FAILURES_OF_ADDRESS
        assert rules.locked_until(ago(*[1] * 49), NOW, limit=limit) is None
        assert rules.locked_until(ago(*[1] * 50), NOW, limit=limit) == NOW + timedelta(minutes=14)


class TestAnswerWasLost:
    @pytest.mark.parametrize(("seconds", "lost"), [(0, True), (10, True), (11, False), (3_600, False)])
    def test_only_for_ten_seconds_after_a_token_was_spent(self, seconds: int, lost: bool) -> None:
        assert rules.answer_was_lost(NOW - timedelta(seconds=seconds), NOW) == lost


class TestLocked:
    @pytest.mark.parametrize(
        ("seconds", "told"),
        [(900, "15 minutes"), (61, "2 minutes"), (60, "1 minute"), (0.2, "1 minute")],
    )
    def test_it_says_when_to_try_again_in_whole_minutes(self, seconds: float, told: str) -> None:
        refusal = rules.locked(NOW + timedelta(seconds=seconds), NOW)
        assert (refusal.code, refusal.detail) == (
            "auth.locked",
            f"Too many failed sign-ins. Try again in {told}.",
        )
        assert refusal.retry_after == max(1, seconds)


class TestCheckTimeZone:
    @pytest.mark.parametrize("name", ["UTC", "Asia/Shanghai", "Europe/Warsaw", "America/Argentina/Buenos_Aires"])
    def test_an_iana_name_passes(self, name: str) -> None:
        rules.check_time_zone(name, "time_zone")

    @pytest.mark.parametrize("name", ["Mars/Olympus", "Europe", "europe/warsaw", "+02:00", "../../etc/passwd", "/etc"])
    def test_anything_else_is_a_fault_of_the_field(self, name: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            rules.check_time_zone(name, "changes.time_zone")
        assert refused.value.code == "identity.unknown_time_zone"
        assert [fault.field for fault in refused.value.fields] == ["changes.time_zone"]


class TestCheckParent:
    def test_a_department_may_move_under_one_that_is_not_below_it(self) -> None:
        rules.check_parent(WEST, {SALES, EAST})

    @pytest.mark.parametrize("parent", [SALES, EAST])
    def test_it_may_not_move_under_itself_or_what_is_below_it(self, parent: UUID) -> None:
        with pytest.raises(InvalidInput) as refused:
            rules.check_parent(parent, {SALES, EAST})
        assert refused.value.code == "identity.department_cycle"
        assert [fault.field for fault in refused.value.fields] == ["changes.parent_id"]


class TestCheckRoom:
    def test_the_last_place_may_be_taken(self) -> None:
        rules.check_room(rules.MOST_DEPARTMENTS - 1)

    def test_there_is_no_place_beyond_the_last(self) -> None:
        with pytest.raises(Conflict) as refused:
            rules.check_room(rules.MOST_DEPARTMENTS)
        assert refused.value.code == "identity.too_many_departments"


class TestKeyTokenSeconds:
    @pytest.mark.parametrize(
        ("expires_on", "seconds"),
        [(None, 300), (date(2026, 12, 31), 300), (date(2026, 11, 21), 300)],
    )
    def test_is_five_minutes(self, expires_on: date | None, seconds: int) -> None:
        assert rules.key_token_seconds(None, expires_on, NOW) == seconds

    def test_ends_with_the_keys_last_day(self) -> None:
        evening = datetime(2026, 11, 21, 23, 59, 30, tzinfo=UTC)
        assert rules.key_token_seconds(None, date(2026, 11, 21), evening) == 30
        assert rules.key_token_seconds(None, date(2026, 11, 21), evening + timedelta(seconds=29.9)) == 1

    @pytest.mark.parametrize(("revoked_at", "expires_on"), [(NOW, None), (None, date(2026, 11, 20))])
    def test_a_key_that_has_ended_gets_none(self, revoked_at: datetime | None, expires_on: date | None) -> None:
        with pytest.raises(NotPermitted) as refused:
            rules.key_token_seconds(revoked_at, expires_on, NOW)
        assert refused.value.code == "auth.invalid_api_key"
