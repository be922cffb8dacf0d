"""People who leave, and come back: a hand-over of what they held is not part of this."""

from sqlalchemy.orm import Session

from contracts.identity.users import DeactivateUser, ReactivateUser, User, UserUpdated
from servicekit import clock
from servicekit.context import caller
from servicekit.outbox import publish
from services.identity import models, queries, rules
from services.identity.operations import auditing, sessions
from services.identity.operations.people import announced


def deactivate(db: Session, request: DeactivateUser) -> User:
    """End a person's sign-in and sessions; done again, it changes nothing."""
    rules.require_founder(caller())
    others = queries.lock_other_admins(db, request.user_id)
    user = queries.user_to_change(db, request.user_id)
    if user.active:
        rules.check_admin_left(user.role, others)
        ended = sessions.end_all(db, user.id)
        _switch(db, user, active=False)
        auditing.record(db, "user.deactivated", target=user.id, details={"sessions_ended": ended})
    return User.model_validate(user, from_attributes=True)


def reactivate(db: Session, request: ReactivateUser) -> User:
    """Let a person sign in again."""
    rules.require_founder(caller())
    user = queries.user_to_change(db, request.user_id)
    if not user.active:
        _switch(db, user, active=True)
        auditing.record(db, "user.reactivated", target=user.id)
    return User.model_validate(user, from_attributes=True)


def _switch(db: Session, user: models.User, *, active: bool) -> None:
    user.active, user.updated_at = active, clock.now()
    db.flush()
    publish(db, UserUpdated(**announced(user), changed=["active"]))
