"""Signing in at the company's OpenID provider: who it vouches for becomes one of our people, or nobody."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contracts.errors import NotPermitted
from contracts.identity.sessions import AccessToken, FinishProviderSignIn
from servicekit import clock
from services.identity import models, queries
from services.identity.issuer import Issuer
from services.identity.openid import OpenId
from services.identity.openid_provider import ProvenPerson
from services.identity.operations import auditing, sessions


def finish(db: Session, request: FinishProviderSignIn, *, openid: OpenId, issuer: Issuer) -> AccessToken:
    """Begin a session for whoever has come back from the provider."""
    proven = openid.finish(request)  # before the first query, so that no connection is held while the provider thinks
    user = queries.person_behind(db, proven.issuer, proven.subject) or _met_first(db, proven)
    if user is None or not user.active:
        auditing.record(db, "sign_in.failed", target=user.id if user else None, details={"method": "provider"})
        db.commit()  # the refusal rolls back, and the entry must stay nevertheless
        raise NotPermitted("auth.unknown_person", "Nobody works here under this account. Ask your administrator.")
    auditing.record(db, "sign_in.succeeded", actor=user, target=user.id, details={"method": "provider"})
    return sessions.begin(db, user, issuer)


def _met_first(db: Session, proven: ProvenPerson) -> models.User | None:
    """The one person with this verified e-mail, from now on known by the provider's subject.

    Nobody where another subject of the provider is known to be that person: an address that was given to a newcomer
    does not make them the one who had it before.
    """
    found = queries.active_users_at(db, proven.email) if proven.email else []
    if len(found) != 1:
        return None
    subject = insert(models.ProviderSubject).values(
        issuer=proven.issuer, subject=proven.subject, user_id=found[0].id, created_at=clock.now()
    )
    db.execute(subject.on_conflict_do_nothing())
    return queries.person_behind(db, proven.issuer, proven.subject)
