"""Sessions: begun by a sign-in, kept alive by refresh tokens that are good once, ended by whoever may."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from contracts.identity.sessions import AccessToken, EndedSessions, EndSessions, RefreshTokens, SessionList, SignOut
from contracts.identity.sessions import Session as ListedSession
from servicekit import clock, context
from servicekit.context import caller
from servicekit.database import new_id
from services.identity import models, queries, refresh_tokens, rules
from services.identity.issuer import Issuer
from services.identity.operations import auditing
from services.identity.operations.tokens import token_for
from services.identity.refresh_tokens import RefreshSecret

_FORGOTTEN_AT_ONCE = 1_000


def begin(db: Session, user: models.User, issuer: Issuer) -> AccessToken:
    """Both tokens of a new session for somebody who has just proven who they are."""
    secret, now = refresh_tokens.first(), clock.now()
    session = models.Session(
        id=new_id(),
        user_id=user.id,
        family_hash=secret.family_hash,
        token_hash=secret.own_hash,
        address=_address(),
        created_at=now,
        refreshed_at=now,
    )
    db.add(session)
    db.flush()
    beyond = queries.sessions_beyond(user.id, rules.MOST_SESSIONS)
    db.execute(delete(models.Session).where(models.Session.id.in_(beyond)))
    return _both(db, user, session, secret, issuer)


def refresh(db: Session, request: RefreshTokens, issuer: Issuer) -> AccessToken:
    """A new pair of tokens for a refresh token, which is spent by that; see docs/decisions/0006."""
    secret = refresh_tokens.read(request.refresh_token)
    session = queries.session_of(db, secret.family_hash) if secret else None
    if secret is None or session is None or clock.now() > session.refreshed_at + issuer.session_life:
        raise rules.session_ended()
    user = queries.user(db, session.user_id)
    spent = not _spend(session, secret)
    if spent or not user.active:
        action = "session.token_reused" if spent else "session.refused"
        auditing.record(db, action, target=user.id, details={"session": str(session.id)})
        db.delete(session)
        db.commit()  # the refusal rolls back, and the session must have ended nevertheless
        raise rules.session_ended()
    successor = secret.successor()
    session.token_hash, session.address = successor.own_hash, _address()
    return _both(db, user, session, successor, issuer)


def sign_out(db: Session, request: SignOut) -> EndedSessions:
    """End the session that this token belongs or belonged to."""
    secret = refresh_tokens.read(request.refresh_token)
    session = queries.session_of(db, secret.family_hash) if secret else None
    if session is None:
        return EndedSessions(ended=0)
    db.delete(session)
    user = queries.user(db, session.user_id)
    auditing.record(db, "sign_out", actor=user, target=user.id, details={"session": str(session.id)})
    return EndedSessions(ended=1)


def list_mine(db: Session, issuer: Issuer) -> SessionList:
    """The caller's own sessions."""
    found = queries.sessions_of(db, caller().user_id, since=clock.now() - issuer.session_life)
    return SessionList(items=[_listed(session, issuer.session_life) for session in found])


def end_mine(db: Session) -> EndedSessions:
    """Sign the caller out everywhere."""
    user_id = caller().user_id
    ended = end_all(db, user_id)
    auditing.record(db, "sessions.ended", target=user_id, details={"ended": ended})
    return EndedSessions(ended=ended)


def end(db: Session, request: EndSessions) -> EndedSessions:
    """Sign somebody out everywhere."""
    rules.require_founder(caller())
    user = queries.user(db, request.user_id)
    ended = end_all(db, user.id)
    auditing.record(db, "sessions.ended", target=user.id, details={"ended": ended})
    return EndedSessions(ended=ended)


def end_all(db: Session, user_id: UUID, *, but: UUID | None = None) -> int:
    """End a person's sessions, except the one named, and say how many."""
    sessions = delete(models.Session).where(models.Session.user_id == user_id)
    if but is not None:
        sessions = sessions.where(models.Session.id != but)
    return len(db.scalars(sessions.returning(models.Session.id)).all())


def forget_expired(db: Session, issuer: Issuer) -> bool:
    """Delete sessions that nobody refreshed in time; True when there may be more."""
    old = queries.sessions_until(clock.now() - issuer.session_life, limit=_FORGOTTEN_AT_ONCE)
    session = models.Session.id
    gone = db.scalars(delete(models.Session).where(session.in_(old)).returning(session)).all()
    return len(gone) == _FORGOTTEN_AT_ONCE


def _spend(session: models.Session, secret: RefreshSecret) -> bool:
    """Whether this token is still good, or was until a moment ago; from now on it is the former one."""
    now = clock.now()
    if secret.own_hash == session.token_hash:
        session.former_hash, session.refreshed_at = session.token_hash, now
        return True
    return secret.own_hash == session.former_hash and rules.answer_was_lost(session.refreshed_at, now)


def _both(
    db: Session, user: models.User, session: models.Session, secret: RefreshSecret, issuer: Issuer
) -> AccessToken:
    token = token_for(db, user, issuer, session=session.id)
    return token.model_copy(update={"refresh_token": secret.text})


def _listed(session: models.Session, life: timedelta) -> ListedSession:
    return ListedSession(
        id=session.id,
        created_at=session.created_at,
        last_used_at=session.refreshed_at,
        expires_at=session.refreshed_at + life,
        address=session.address,
        current=session.id == caller().session,
    )


def _address() -> str | None:
    return context.current().address or None
