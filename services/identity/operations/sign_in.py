"""Signing in by password, and giving people new ones."""

from sqlalchemy.orm import Session

from contracts.errors import NotPermitted, fault
from contracts.identity.sessions import AccessToken, ChangePassword, EndedSessions, SetPassword, SignIn
from servicekit import clock
from servicekit.context import caller
from services.identity import models, passwords, queries, rules
from services.identity.issuer import Issuer
from services.identity.operations import attempts, auditing, sessions


def sign_in(db: Session, request: SignIn, issuer: Issuer) -> AccessToken:
    """Check a password and begin a session. What it says is the same for unknown names."""
    name = request.name.lower()
    user = queries.active_user_named(db, name) if attempts.is_right(db, name, request.password) else None
    if user is None:
        raise NotPermitted("auth.bad_credentials", "The name or the password is wrong.")
    auditing.record(db, "sign_in.succeeded", actor=user, target=user.id, details={"method": "password"})
    return sessions.begin(db, user, issuer)


def change_password(db: Session, request: ChangePassword) -> EndedSessions:
    """Take a new password from somebody who knows the old one."""
    me = caller()
    user = queries.user(db, me.user_id)
    if not attempts.is_right(db, user.name, request.current):
        raise fault("current", "identity.wrong_password", "This is not your current password.")
    _change(user, passwords.hashed(request.new))
    auditing.record(db, "password.changed", target=user.id)
    return EndedSessions(ended=sessions.end_all(db, user.id, but=me.session))


def set_password(db: Session, request: SetPassword) -> EndedSessions:
    """Give somebody a password."""
    rules.require_founder(caller())
    password_hash = passwords.hashed(request.password)
    user = queries.user(db, request.user_id)
    queries.lock_name(db, user.name)
    _change(user, password_hash)
    auditing.record(db, "password.set", target=user.id)
    return EndedSessions(ended=sessions.end_all(db, user.id))


def _change(user: models.User, password_hash: str) -> None:
    user.password_hash = password_hash
    user.updated_at = clock.now()
