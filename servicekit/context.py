"""What a piece of work carries with it: who called, until when an answer is of use, and the request's id.

Each worker and each HTTP request runs in its own green thread with its own context variables.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from contracts.errors import NotPermitted
from contracts.values import Actor


@dataclass(frozen=True, slots=True)
class Caller:
    """Who stands behind the work, as their verified token says."""

    id: str
    """A user's or an API key's id, or the name of a service."""
    name: str
    kind: str
    """`user`, `integration` (an API key) or `system`."""
    role: str = ""
    """Empty for system callers."""
    department: UUID | None = None
    departments: tuple[UUID, ...] = ()
    """The subtree a manager answers for; empty for others."""
    scopes: frozenset[str] = frozenset()
    session: UUID | None = None
    """The sign-in that the token came from; none for tokens that the command line made."""

    @property
    def actor(self) -> Actor:
        """The caller as events name them; readers of events know two kinds, and an API key acts for people."""
        return Actor(kind="system" if self.kind == "system" else "user", id=self.id, name=self.name)

    @property
    def user_id(self) -> UUID:
        """The user's id, whom records may belong to; NotPermitted for programs, who are nobody's colleagues."""
        if self.kind == "integration":
            raise NotPermitted("auth.users_only", "An API key is nobody and owns nothing: name a user by owner_id.")
        if self.kind != "user":
            raise NotPermitted("auth.users_only", "This is for people who are signed in.")
        return UUID(self.id)

    def is_user(self, user_id: UUID) -> bool:
        """Whether the caller is this very person."""
        return self.kind == "user" and self.id == str(user_id)

    @property
    def signed_by(self) -> UUID:
        """The user's or API key's id, whom histories name; NotPermitted for a system caller."""
        return UUID(self.id) if self.kind == "integration" else self.user_id


@dataclass(frozen=True, slots=True)
class Work:
    """The context of one piece of work."""

    caller: Caller | None = None
    token: str = ""
    """The caller's signed token, handed on with every call."""
    deadline: float | None = None
    """Unix time after which nobody waits for the answer any more."""
    request_id: str = ""
    traceparent: str = ""
    address: str = ""
    """Where the person or program is that asked the gateway; empty for what the suite does by itself."""
    idempotency_key: str = ""
    """Under which the calls made here may be repeated without a second effect; it goes no further than to them."""


_NONE = Work()
_work: ContextVar[Work] = ContextVar("work", default=_NONE)


def current() -> Work:
    """The context of the work in hand."""
    return _work.get()


def caller() -> Caller:
    """Who stands behind the work in hand. NotPermitted: auth.required."""
    found = _work.get().caller
    if found is None:
        raise NotPermitted("auth.required", "Sign in first.")
    return found


def remaining(default: float) -> float:
    """Seconds until the deadline, at most `default`."""
    deadline = _work.get().deadline
    return default if deadline is None else min(default, deadline - time.time())


@contextmanager
def working(work: Work) -> Iterator[None]:
    """Do the enclosed under this context."""
    before = _work.set(work)
    try:
        yield
    finally:
        _work.reset(before)


def amend(**changes: Any) -> None:
    """Learn more about the work in hand (e.g. who calls); lasts until its working() ends."""
    _work.set(replace(_work.get(), **changes))


@contextmanager
def deadline_in(seconds: float) -> Iterator[None]:
    """Do the enclosed under a deadline, never later than the one already set."""
    until = time.time() + seconds
    set_before = _work.get().deadline
    with working(replace(_work.get(), deadline=until if set_before is None else min(until, set_before))):
        yield
