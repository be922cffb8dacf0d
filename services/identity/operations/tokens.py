"""Access tokens for people, from what is true of them at this moment."""

from uuid import UUID

from sqlalchemy.orm import Session

from contracts.errors import NotFound
from contracts.identity.sessions import AccessToken, IssueToken
from servicekit.context import caller
from services.identity import models, queries, rules
from services.identity.issuer import Issuer
from services.identity.operations import auditing


def issue_token(db: Session, request: IssueToken, issuer: Issuer) -> AccessToken:
    """A token without a password, for the command line."""
    rules.require_command_line(caller())
    user = queries.active_user_named(db, request.name.lower())
    if user is None:
        raise NotFound("user.not_found", "There is no such user.")
    auditing.record(db, "token.issued", target=user.id)
    return token_for(db, user, issuer)


def token_for(db: Session, user: models.User, issuer: Issuer, *, session: UUID | None = None) -> AccessToken:
    """A token that speaks for this person by their present role and departments."""
    departments = queries.departments_led_by(db, user.id) if rules.leads_departments(user.role) else []
    return issuer.token_for(user, departments, session=session)
