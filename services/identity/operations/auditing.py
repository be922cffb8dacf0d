"""The audit log: who did what to whom, when, and from where; written in the transaction of what it tells."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from servicekit import clock, context
from servicekit.database import new_id
from services.identity import models


def record(
    db: Session,
    action: str,
    *,
    target: UUID | None = None,
    details: dict[str, Any] | None = None,
    actor: models.User | None = None,
) -> None:
    """Add an entry, e.g. `user.created`; `details` never hold a secret.

    Whoever calls is the actor, unless a user is named who proved who they are without a token.
    """
    work = context.current()
    entry = models.AuditEntry(
        id=new_id(),
        at=clock.now(),
        action=action,
        target=target,
        details=details or {},
        address=work.address or None,
        request_id=work.request_id,
    )
    if actor is not None:
        entry.actor_kind, entry.actor_id, entry.actor_name = "user", str(actor.id), actor.full_name
    elif work.caller is not None:
        entry.actor_kind, entry.actor_id, entry.actor_name = work.caller.kind, work.caller.id, work.caller.name
    db.add(entry)
