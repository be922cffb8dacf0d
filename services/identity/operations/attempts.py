"""Passwords that are tried: judged one after the other per name, and bounded per name and per address."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from servicekit import clock, context
from servicekit.database import new_id
from services.identity import models, passwords, queries, rules
from services.identity.operations import auditing

_FORGOTTEN_AT_ONCE = 1_000


def is_right(db: Session, name: str, password: str) -> bool:
    """Whether this is the password of an active user of this name. What it costs is the same for unknown names.

    Attempts on one name are judged one after the other, after the costly check: of however many made at once, on
    however many processes, no more are answered than would be in a row, and right ones never lock each other out.
    A wrong one is counted, also when the transaction is rolled back. NotPermitted: auth.locked.
    """
    _refuse_while_locked(db, name)
    user = queries.active_user_named(db, name)
    compared = user.password_hash if user else None
    right = passwords.matches(password, compared)
    queries.lock_name(db, name)
    _refuse_while_locked(db, name)
    if user is not None and right:
        db.refresh(user)  # the password may have been changed, or the person left, while this one was checked
        right = user.active and user.password_hash == compared
    if user is None or not right:
        _count_failure(db, name, user)
        return False
    return True


def forget_old_failures(db: Session) -> bool:
    """Delete what no longer locks anybody; True when there may be more."""
    old = queries.failures_until(clock.now() - rules.WINDOW, limit=_FORGOTTEN_AT_ONCE)
    failure = models.SignInFailure.id
    gone = db.scalars(delete(models.SignInFailure).where(failure.in_(old)).returning(failure)).all()
    return len(gone) == _FORGOTTEN_AT_ONCE


def _refuse_while_locked(db: Session, name: str) -> None:
    now = clock.now()
    if locks := _locks(db, name, now):
        raise rules.locked(max(locks.values()), now)


def _locks(db: Session, name: str, now: datetime) -> dict[str, datetime]:
    """What keeps this attempt from being made, and until when."""
    since, address = now - rules.WINDOW, context.current().address
    of_name = rules.locked_until(queries.failures_since(db, name, since), now)
    of_address = None
    if address:
        failures = queries.failures_from(db, address, since)
        of_address = rules.locked_until(failures, now, limit=rules.FAILURES_OF_ADDRESS)
    return {by: until for by, until in (("name", of_name), ("address", of_address)) if until is not None}


def _count_failure(db: Session, name: str, user: models.User | None) -> None:
    now, target = clock.now(), user.id if user else None
    address = context.current().address or None
    db.add(models.SignInFailure(id=new_id(), name=name, address=address, failed_at=now))
    # What was typed as a name stays out of the log: it may have been a password.
    auditing.record(db, "sign_in.failed", target=target, details={"method": "password"})
    for by in _locks(db, name, now):
        auditing.record(db, "sign_in.locked", target=target, details={"by": by})
    db.commit()
