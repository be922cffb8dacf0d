"""Signing in by password, and tokens for the command line."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from contracts.errors import NotFound, NotPermitted
from contracts.identity import AccessToken, IssueToken, SignIn
from servicekit import clock
from servicekit.context import caller
from servicekit.database import new_id
from servicekit.logging import get_logger
from services.identity import models, passwords, queries, rules
from services.identity.issuer import Issuer

log = get_logger(__name__)

_FORGOTTEN_AT_ONCE = 1_000


def sign_in(db: Session, request: SignIn, issuer: Issuer) -> AccessToken:
    """Check a password. What it costs and what it says is the same for unknown names.

    Attempts on one name are judged one after the other, after the costly check: of however many made at once, on
    however many processes, no more are answered than would be in a row, and right ones never lock each other out.
    """
    name = request.name.lower()
    _refuse_while_locked(db, name)
    user = queries.active_user_named(db, name)
    right = passwords.matches(request.password, user.password_hash if user else None)
    queries.lock_name(db, name)
    _refuse_while_locked(db, name)
    if user is None or not right:
        db.add(models.SignInFailure(id=new_id(), name=name, failed_at=clock.now()))
        db.commit()  # the refusal rolls back, and the failure must count nevertheless
        raise NotPermitted("auth.bad_credentials", "The name or the password is wrong.")
    return _token_for(db, user, issuer)


def issue_token(db: Session, request: IssueToken, issuer: Issuer) -> AccessToken:
    """A token without a password, for the command line."""
    rules.require_command_line(caller())
    user = queries.active_user_named(db, request.name.lower())
    if user is None:
        raise NotFound("user.not_found", "There is no such user.")
    log.info("token issued to the command line", user=str(user.id))
    return _token_for(db, user, issuer)


def forget_old_failures(db: Session) -> bool:
    """Delete what no longer locks anybody; True when there may be more."""
    old = queries.failures_until(clock.now() - rules.WINDOW, limit=_FORGOTTEN_AT_ONCE)
    failure = models.SignInFailure.id
    gone = db.scalars(delete(models.SignInFailure).where(failure.in_(old)).returning(failure)).all()
    return len(gone) == _FORGOTTEN_AT_ONCE


def _refuse_while_locked(db: Session, name: str) -> None:
    now = clock.now()
    until = rules.locked_until(queries.failures_since(db, name, now - rules.WINDOW), now)
    if until is not None:
        raise rules.locked(until, now)


def _token_for(db: Session, user: models.User, issuer: Issuer) -> AccessToken:
    departments = queries.departments_led_by(db, user.id) if rules.leads_departments(user.role) else []
    return issuer.token_for(user, departments)
