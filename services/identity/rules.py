"""The decisions about people, departments and sign-in: pure functions over plain values."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Protocol
from uuid import UUID
from zoneinfo import available_timezones

from contracts.errors import Conflict, NotPermitted, fault
from contracts.values import Role

FAILURES = 5
WINDOW = timedelta(minutes=15)
"""After so many failed sign-ins within this time a name is locked until the first of them is older."""
FAILURES_OF_ADDRESS = 50
"""The same for an address, behind which a whole office may sit."""
MOST_SESSIONS = 50
"""Of one person; who signs in once more loses the one used longest ago."""
LOST_ANSWER = timedelta(seconds=10)
"""How long after it was spent a refresh token is taken once more, from a client that never got its successor."""
AUDIT_KEPT = timedelta(days=400)
MOST_DEPARTMENTS = 2_000
MOST_KEYS = 200
KEY_TOKEN_SECONDS = 300
"""How long a token that an API key was exchanged for lives: so long a revoked key may still work."""
_COMMAND_LINE = "cli"


class Caller(Protocol):
    """Who calls, as far as a decision here depends on it."""

    @property
    def kind(self) -> str:
        """`user` or `system`."""

    @property
    def id(self) -> str:
        """A user's id, or the name of a process."""

    @property
    def role(self) -> str:
        """A user's role; empty for a process."""


def manager_of(
    person_id: UUID, department_id: UUID | None, tree: Mapping[UUID, tuple[UUID | None, UUID | None]]
) -> UUID | None:
    """Who manages a person's department, or the nearest above it that somebody else manages.

    `tree` has parent and manager of each department.
    """
    while department_id is not None and department_id in tree:
        department_id, manager_id = tree[department_id]
        if manager_id not in {None, person_id}:
            return manager_id
    return None


def require_reader(caller: Caller) -> None:
    """NotPermitted unless somebody is signed in, a program with the scope calls, or the command line."""
    if caller.kind == "system" and not _is_command_line(caller):
        raise NotPermitted("auth.users_only", "This is for people who are signed in.")


def require_process(caller: Caller) -> None:
    """NotPermitted unless a process of the suite calls on its own behalf."""
    if caller.kind != "system":
        raise NotPermitted("auth.services_only", "This is for the suite's own services.")


def require_command_line(caller: Caller) -> None:
    """NotPermitted unless the command line calls, which has a key on the suite's own machine."""
    if not _is_command_line(caller):
        raise NotPermitted("identity.command_line_only", "Only the crm command may do this.")


def require_admin(caller: Caller) -> None:
    """NotPermitted unless an admin calls."""
    if not _is_admin(caller):
        raise NotPermitted("identity.admins_only", "Only an administrator may do this.")


def require_founder(caller: Caller) -> None:
    """NotPermitted unless an admin calls, or the command line: somebody must be able to make the first admin."""
    if not _is_command_line(caller):
        require_admin(caller)


def require_auditor(caller: Caller) -> None:
    """NotPermitted unless an auditor calls, or an admin."""
    if not _is_admin(caller) and (caller.kind, caller.role) != ("user", Role.AUDITOR):
        raise NotPermitted("identity.auditors_only", "Only auditors and administrators may read this.")


def require_key_reader(caller: Caller) -> None:
    """NotPermitted unless an auditor or an admin calls, or the command line."""
    if not _is_command_line(caller):
        require_auditor(caller)


def check_persons_role(role: str, field: str) -> None:
    """InvalidInput for the role that is for API keys alone."""
    if role == Role.INTEGRATION:
        raise fault(field, "identity.role_of_keys", "This role is for programs. Make an API key instead.")


def check_admin_left(role: str, others: int) -> None:
    """Conflict when somebody of this role is the last active admin and is about to cease being one."""
    if role == Role.ADMIN and not others:
        message = "This is the last active administrator. Make somebody else an administrator first."
        raise Conflict("identity.last_admin", message)


def check_last_day(expires_on: date | None, now: datetime) -> None:
    """InvalidInput for an API key that would be of no use."""
    if expires_on is not None and expires_on < now.date():
        raise fault("expires_on", "api_key.expired", "This day is past.")


def check_room_for_key(in_force: int) -> None:
    """Conflict when there are as many API keys as anybody can look after."""
    if in_force >= MOST_KEYS:
        raise Conflict("api_key.too_many", f"There are {MOST_KEYS} API keys. Revoke one that nobody uses.")


def key_token_seconds(revoked_at: datetime | None, expires_on: date | None, now: datetime) -> int:
    """How long a token for an API key may live: never beyond the key's own last moment.

    NotPermitted: auth.invalid_api_key.
    """
    if revoked_at is not None or (expires_on is not None and expires_on < now.date()):
        raise invalid_key()
    if expires_on is None:
        return KEY_TOKEN_SECONDS
    end = datetime.combine(expires_on + timedelta(days=1), time(), UTC)
    return min(KEY_TOKEN_SECONDS, max(1, int((end - now).total_seconds())))


def invalid_key() -> NotPermitted:
    """The refusal of an API key, whatever is the matter with it."""
    detail = "This API key is not valid, has expired, or was revoked. Ask an administrator for another."
    return NotPermitted("auth.invalid_api_key", detail)


def leads_departments(role: str) -> bool:
    """Whether a person of this role answers for the departments they are named as the manager of."""
    return role == Role.MANAGER


def locked_until(failures: Sequence[datetime], now: datetime, *, limit: int = FAILURES) -> datetime | None:
    """Until when a name or an address with these failed sign-ins is locked; None when it may be tried now."""
    counted = sorted(failed_at for failed_at in failures if failed_at + WINDOW > now)
    return None if len(counted) < limit else counted[-limit] + WINDOW


def locked(until: datetime, now: datetime) -> NotPermitted:
    """The refusal for a locked name or address."""
    seconds = (until - now).total_seconds()
    minutes = max(1, -int(-seconds // 60))
    unit = "minute" if minutes == 1 else "minutes"
    return NotPermitted(
        "auth.locked", f"Too many failed sign-ins. Try again in {minutes} {unit}.", retry_after=max(1.0, seconds)
    )


def answer_was_lost(spent_at: datetime, now: datetime) -> bool:
    """Whether a refresh token that comes again may be from a client that never got the answer."""
    return now - spent_at <= LOST_ANSWER


def session_ended() -> NotPermitted:
    """The refusal of a refresh token, whatever is the matter with it: the remedy is the same."""
    return NotPermitted("auth.session_ended", "This session has ended. Sign in again.")


def check_time_zone(name: str, field: str) -> None:
    """InvalidInput unless this is the IANA name of a time zone."""
    if name not in _time_zones():
        raise fault(field, "identity.unknown_time_zone", "This is not a time zone's IANA name, e.g. Europe/Warsaw.")


def check_parent(parent_id: UUID, below: Collection[UUID]) -> None:
    """InvalidInput when a department would come under itself; `below` is it and all that is below it."""
    if parent_id in below:
        message = "A department can't be moved under itself or under one of its own departments."
        raise fault("changes.parent_id", "identity.department_cycle", message)


def check_room(departments: int) -> None:
    """Conflict when the tree is as large as lists of it may be."""
    if departments >= MOST_DEPARTMENTS:
        raise Conflict("identity.too_many_departments", f"There can be at most {MOST_DEPARTMENTS} departments.")


def _is_admin(caller: Caller) -> bool:
    return caller.kind == "user" and caller.role == Role.ADMIN


def _is_command_line(caller: Caller) -> bool:
    return caller.kind == "system" and caller.id == _COMMAND_LINE


@cache
def _time_zones() -> frozenset[str]:
    # Reading the machine's list takes tens of milliseconds, and it does not change while a process runs.
    return frozenset(available_timezones())
